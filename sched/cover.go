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
	// Taken has one entry a case, and a last one for the default of a TrySelect.
	Taken []bool
}

// Selects returns the selects of all runs so far, in the order of the source,
// without those of the library itself.
func (s *Sim) Selects() []SelectCover {
	var all []SelectCover
	for pc, taken := range s.selects {
		frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
		f := Frame{Func: frame.Function, Pos: Pos{File: frame.File, Line: frame.Line}}
		if !isOurs(f) && !isStandard(f) {
			all = append(all, SelectCover{f.Pos, slices.Clone(taken)})
		}
	}
	slices.SortFunc(all, func(a, b SelectCover) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(len(a.Taken), len(b.Taken)))
	})
	return all
}

// cover notes that a select of n cases has taken case i, or its default.
func (s *Sim) cover(n, i int, tries bool) {
	var pcs [1]uintptr
	runtime.Callers(4, pcs[:]) // of Select or TrySelect
	taken := s.selects[pcs[0]]
	if tries {
		n++
	}
	for len(taken) < n {
		taken = append(taken, false)
	}
	if i < 0 {
		i = len(taken) - 1
	}
	taken[i] = true
	if s.selects == nil {
		s.selects = map[uintptr][]bool{}
	}
	s.selects[pcs[0]] = taken
}
