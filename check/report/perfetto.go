package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// traceEvent is an event of the Trace Event Format, as far as it is used here.
type traceEvent struct {
	Name  string         `json:"name"`
	Cat   string         `json:"cat,omitempty"`
	Phase string         `json:"ph"`
	TS    float64        `json:"ts"`
	Dur   float64        `json:"dur,omitempty"`
	PID   int            `json:"pid"`
	TID   int            `json:"tid"`
	ID    string         `json:"id,omitempty"`
	Bind  string         `json:"bp,omitempty"`
	Scope string         `json:"s,omitempty"`
	Args  map[string]any `json:"args,omitempty"`
}

// Perfetto returns the schedules of r as a trace for ui.perfetto.dev and
// chrome://tracing: the failing one is process 1, the passing one process 2, each
// task a thread. A step lasts a microsecond, at its index, since operations take
// no time in a simulation; the simulated clock is among the arguments. Edges are
// flows, preemptions and what the finding is about are instants.
//
// The format is the JSON object form of "Trace Event Format" by Nat Duca and Dan
// Sinclair, Google, 2016.
func (r *Report) Perfetto() []byte {
	events := r.Failing.events(1, "fails: "+r.sentence())
	if r.Passing != nil {
		events = append(events, r.Passing.events(2, "passes")...)
	}
	return encode(map[string]any{
		"traceEvents":     events,
		"displayTimeUnit": "ns",
		"otherData":       map[string]string{"kind": r.kind(), "package": r.Package, "test": r.Test, "replay": r.Replay},
	})
}

// events returns the events of a schedule as those of a process.
func (s *Schedule) events(pid int, name string) []traceEvent {
	all := []traceEvent{meta("process_name", pid, 0, map[string]any{"name": name})}
	for i, t := range s.Tasks {
		all = append(all, meta("thread_name", pid, i+1, map[string]any{"name": t.Name}),
			meta("thread_sort_index", pid, i+1, map[string]any{"sort_index": i}))
	}
	for i, st := range s.Steps {
		all = append(all, s.slice(pid, i))
		if st.Preempts {
			all = append(all, instant("preemption", pid, st.Task, i))
		}
		if st.About {
			all = append(all, instant("about", pid, st.Task, i))
		}
	}
	for i, e := range s.Edges {
		id := fmt.Sprintf("%d.%d", pid, i)
		all = append(all, s.flow("s", id, e, e.From, pid), s.flow("f", id, e, e.To, pid))
	}
	return all
}

func meta(name string, pid, tid int, args map[string]any) traceEvent {
	return traceEvent{Name: name, Phase: "M", PID: pid, TID: tid, Args: args}
}

func instant(name string, pid, task, step int) traceEvent {
	return traceEvent{Name: name, Cat: "mark", Phase: "i", Scope: "t", TS: float64(step), PID: pid, TID: task + 1}
}

// slice returns the event of a step.
func (s *Schedule) slice(pid, i int) traceEvent {
	st := s.Steps[i]
	name := st.Text
	if name == "" {
		name = st.Op
	}
	args := map[string]any{"operation": st.N, "time": time.Duration(st.Time).String()}
	if st.Value != "" {
		args["value"] = st.Value
	}
	if st.File != "" {
		args["source"] = st.File + ":" + strconv.Itoa(st.Line)
	}
	if len(st.Held) > 0 {
		var held []string
		for _, o := range st.Held {
			held = append(held, s.Objects[o].Name)
		}
		args["held"] = strings.Join(held, ", ")
	}
	return traceEvent{Name: name, Cat: "step", Phase: "X", TS: float64(i), Dur: 1, PID: pid, TID: st.Task + 1, Args: args}
}

// flow returns one end of an edge, in the middle of its step.
func (s *Schedule) flow(phase, id string, e Edge, step, pid int) traceEvent {
	f := traceEvent{Name: e.Kind, Cat: "order", Phase: phase, ID: id, TS: float64(step) + 0.5, PID: pid, TID: s.Steps[step].Task + 1}
	if phase == "f" {
		f.Bind = "e" // to the step around it, not to the next one
	}
	return f
}
