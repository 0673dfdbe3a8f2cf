package sched

import (
	"fmt"
	"slices"
	"strings"
)

// Difference is the first operation in which two runs differ that should have
// been the same: what the body does depends on something that the simulation
// does not control.
type Difference struct {
	// N is the number of the operation, from 1.
	N int
	// First and Second describe it in the two runs, or the end if only that
	// differs; empty in a run that had ended before.
	First, Second string
	// Suspects are pieces of code that may be the cause.
	Suspects []Suspect
}

func (d *Difference) Error() string {
	or := func(s string) string {
		if s == "" {
			return "the end of the run"
		}
		return s
	}
	causes := "likely causes are iteration over a map, time.Now, the global math/rand, an address, " +
		"state that an earlier run has left behind, or a goroutine that is no task"
	if len(d.Suspects) > 0 {
		var all []string
		for _, s := range d.Suspects {
			all = append(all, s.String())
		}
		causes = "the cause may be " + strings.Join(all, ", or ")
	}
	return fmt.Sprintf("not deterministic: with the same choices operation %d was first %s and then %s; %s",
		d.N, or(d.First), or(d.Second), causes)
}

// SelfCheck runs body twice under equal strategies, which newStrategy makes,
// and returns nil if both runs did the same, operation by operation and value
// by value, and ended alike, else a [*Difference].
func SelfCheck(cfg Config, newStrategy func() Strategy, seed uint64, body func()) error {
	cfg.Record = true
	s := NewSim(cfg)
	defer s.Close()
	var records [2]*Record
	var ends [2]string
	for i := range records {
		st := newStrategy()
		st.Next()
		r := s.Run(st, seed, body)
		records[i] = r.Record
		if r.End != nil {
			ends[i] = r.End.Error()
		}
	}
	if d := Compare(records[0], records[1]); d != nil {
		return d
	}
	if ends[0] != ends[1] {
		d := &Difference{N: s.result.Steps + 1, First: ends[0], Second: ends[1]}
		d.Suspects = suspects(records[0].Steps, records[0].Unmodified)
		return d
	}
	return nil
}

// Compare returns the first difference between two runs, or nil if they are
// the same.
func Compare(a, b *Record) *Difference {
	for i := range max(len(a.Steps), len(b.Steps)) {
		if i < len(a.Steps) && i < len(b.Steps) && same(a.Steps[i], b.Steps[i]) {
			continue
		}
		d := &Difference{First: a.describe(i), Second: b.describe(i)}
		var until []Step
		for _, r := range []*Record{a, b} {
			until = append(until, r.Steps[:min(i+1, len(r.Steps))]...)
			if i < len(r.Steps) {
				d.N = r.Steps[i].N
			}
		}
		d.Suspects = suspects(until, a.Unmodified)
		return d
	}
	return nil
}

func same(s, t Step) bool {
	return s.Task == t.Task && s.Op == t.Op && s.Object == t.Object && s.Loc == t.Loc && s.Peer == t.Peer &&
		s.Pos == t.Pos && s.Value == t.Value && slices.Equal(s.Held, t.Held)
}

// describe returns step i in words, or nothing if there is none.
func (r *Record) describe(i int) string {
	if i >= len(r.Steps) {
		return ""
	}
	s := r.Steps[i]
	text := r.Tasks[s.Task].Name + ": " + s.Op.String()
	if s.Object >= 0 {
		text += " " + r.Objects[s.Object].Name
	}
	if s.Value != "" {
		text += " = " + s.Value
	}
	return text + s.Pos.at()
}
