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

// end notes that one ends, and how many live then.
func (m *metrics) end(live int, now time.Time) { m.change(live, now) }

func (m *metrics) change(live int, now time.Time) {
	m.area += time.Duration(m.live) * now.Sub(m.since)
	m.live, m.since = live, now
}

func (m *metrics) came(c conclusion) {
	switch c {
	case concludedOK:
		m.OK++
	case concludedSkipped:
		m.Skipped++
	case concludedFailed:
		m.Failed++
	case concludedCancelled:
		m.Cancelled++
	}
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

// nodeMetrics are the counts of a node.
type nodeMetrics struct {
	attempts, ok, skipped, failed, cancelled int
	min, max, total, waited                  time.Duration
}

func (m *nodeMetrics) came(c conclusion) {
	switch c {
	case concludedOK:
		m.ok++
	case concludedSkipped:
		m.skipped++
	case concludedFailed:
		m.failed++
	case concludedCancelled:
		m.cancelled++
	}
}

// attempt notes how long an attempt took.
func (nr *nodeRun) attempt(took time.Duration) {
	m := &nr.metrics
	if m.attempts++; m.attempts == 1 || took < m.min {
		m.min = took
	}
	m.max = max(m.max, took)
	m.total += took
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
		c := r.nodes[i].metrics
		m.Nodes[i] = event.NodeMetrics{Name: n.name, Attempts: c.attempts, OK: c.ok, Skipped: c.skipped, Failed: c.failed,
			Cancelled: c.cancelled, Min: c.min, Max: c.max, Total: c.total, Waited: c.waited}
	}
	for name, value := range r.metrics.counts { // sorted below
		m.Counts = append(m.Counts, event.Count{Name: name, Value: value})
	}
	slices.SortFunc(m.Counts, func(a, b event.Count) int { return strings.Compare(a.Name, b.Name) })
	return m
}
