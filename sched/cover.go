package sched

import (
	"cmp"
	"runtime"
	"slices"
)

// SelectCover says which cases of a select were taken in the runs of a Sim with
// Config.Cover.
type SelectCover struct {
	// Pos is where the select is.
	Pos Pos
	// Taken has one entry a case.
	Taken []bool
	// Tries is set if it is a TrySelect, Default if that took none of the cases.
	Tries, Default bool
}

// Selects returns the selects of all runs so far, in the order of the source,
// without those of the library itself. Those of one line count as one, but for a
// TrySelect.
func (s *Sim) Selects() []SelectCover {
	var all []SelectCover
	for pc, sel := range s.selects {
		frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
		f := Frame{Func: frame.Function, Pos: Pos{File: frame.File, Line: frame.Line}}
		if !isOurs(f) && !isStandard(f) {
			all = MergeSelects(all, SelectCover{f.Pos, slices.Clone(sel.Taken), sel.Tries, sel.Default})
		}
	}
	return all
}

// MergeSelects adds what some runs have taken to what others have.
func MergeSelects(all []SelectCover, sel SelectCover) []SelectCover {
	i, found := slices.BinarySearchFunc(all, sel, SelectCover.compare)
	if !found {
		return slices.Insert(all, i, sel)
	}
	known := &all[i]
	for k, was := range sel.Taken {
		if k == len(known.Taken) {
			known.Taken = append(known.Taken, false)
		}
		known.Taken[k] = known.Taken[k] || was
	}
	known.Default = known.Default || sel.Default
	return all
}

func (c SelectCover) compare(d SelectCover) int {
	order := cmp.Or(cmp.Compare(c.Pos.File, d.Pos.File), cmp.Compare(c.Pos.Line, d.Pos.Line))
	if order == 0 && c.Tries != d.Tries {
		if d.Tries {
			return -1
		}
		return 1
	}
	return order
}

// cover notes that a select of n cases has taken case i, or its default.
func (s *Sim) cover(n, i int, tries bool) {
	var pcs [2]uintptr
	runtime.Callers(4, pcs[:]) // of Select or TrySelect
	at := pcs[0]
	if s.unmodified.Load() && packageOf(runtime.FuncForPC(at-1).Name()) == rewrites {
		at = pcs[1] // of std.Select or std.TrySelect
	}
	sel := s.selects[at]
	if sel == nil {
		if s.selects == nil {
			s.selects = map[uintptr]*SelectCover{}
		}
		sel = &SelectCover{Tries: tries}
		s.selects[at] = sel
	}
	for len(sel.Taken) < n {
		sel.Taken = append(sel.Taken, false)
	}
	if i < 0 {
		sel.Default = true
	} else {
		sel.Taken[i] = true
	}
}
