package engine

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ravelgo/ravel/engine/event"
)

// metrics are the counts of a run while it goes on. The ledger guards them.
type metrics struct {
	event.Metrics
	area   time.Duration // invocations that ran, times how long
	since  time.Time     // the last change of how many run
	live   int
	counts map[string]int64
}

// start notes that an invocation has started, and how many live now.
func (m *metrics) start(live int, now time.Time) {
	m.Started++
	m.Peak = max(m.Peak, live)
	m.change(live, now)
}

// change notes how many live now.
func (m *metrics) change(live int, now time.Time) {
	m.area += time.Duration(m.live) * now.Sub(m.since)
	m.live, m.since = live, now
}

// count adds one to the counter of the way in which something came to its end.
func (c conclusion) count(ok, skipped, failed, cancelled *int) {
	switch c {
	case concludedOK:
		*ok++
	case concludedSkipped:
		*skipped++
	case concludedFailed:
		*failed++
	case concludedCancelled:
		*cancelled++
	}
}

// came counts the end of an invocation of n. The ledger is held.
func (r *run[S]) came(n *Node[S], c conclusion) {
	m, nm := &r.metrics, &r.nodes[n.index].metrics
	c.count(&m.OK, &m.Skipped, &m.Failed, &m.Cancelled)
	c.count(&nm.OK, &nm.Skipped, &nm.Failed, &nm.Cancelled)
}

func (m *metrics) count(name string, delta int64) {
	if m.counts == nil {
		m.counts = map[string]int64{}
	}
	m.counts[name] += delta
}

// published notes an event.
func (m *metrics) published(typ event.Type) {
	if m.Events == nil {
		m.Events = map[event.Type]int{}
	}
	m.Events[typ]++
}

// attempt notes how long an attempt took.
func (nr *nodeRun) attempt(took time.Duration) {
	m := &nr.metrics
	if m.Attempts++; m.Attempts == 1 || took < m.Min {
		m.Min = took
	}
	m.Max = max(m.Max, took)
	m.Total += took
}

// measured completes the metrics of a run that ends now with an event of type typ.
func (r *run[S]) measured(now time.Time, typ event.Type) event.Metrics {
	r.metrics.change(0, now)
	m := r.metrics.Metrics
	m.Events = maps.Clone(m.Events)
	if d := now.Sub(r.began); d > 0 {
		m.Running = float64(r.metrics.area) / float64(d)
	}
	if r.observed {
		if m.Events == nil {
			m.Events = map[event.Type]int{}
		}
		m.Events[typ]++
	}
	if r.outer == nil {
		m.Backlog, m.Blocked, m.ObserverPanics = r.delivery.most, r.delivery.blocked, r.delivery.panics
	}
	m.Nodes = make([]event.NodeMetrics, len(r.nodes))
	for i, n := range r.p.nodes {
		m.Nodes[i] = r.nodes[i].metrics
		m.Nodes[i].Name = n.name
	}
	for name, value := range r.metrics.counts { // sorted below
		m.Counts = append(m.Counts, event.Count{Name: name, Value: value})
	}
	slices.SortFunc(m.Counts, func(a, b event.Count) int { return strings.Compare(a.Name, b.Name) })
	return m
}
