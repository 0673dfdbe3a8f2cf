package race

import (
	"cmp"
	"slices"
)

// Place is a place in the program that accesses plain memory, given by the return
// address of the call that tells of it, and whether it writes.
type Place struct {
	PC         uintptr
	Write, Map bool
}

// Sites is a set of places: those whose accesses are operations. A nil set is empty.
// Sets do not change, so that any number of simulations may use one.
type Sites struct {
	sorted []Place   // by PC
	table  []uintptr // open addressing; 0 is empty
}

// With returns the set with some more places, s itself if it has all of them.
func (s *Sites) With(places []Place) *Sites {
	all := slices.Clone(s.All())
	for _, p := range places {
		if i, found := slices.BinarySearchFunc(all, p.PC, func(q Place, pc uintptr) int { return cmp.Compare(q.PC, pc) }); !found {
			all = slices.Insert(all, i, p)
		}
	}
	if len(all) == s.Len() {
		return s
	}
	size := 8
	for size < 4*len(all) {
		size *= 2
	}
	n := &Sites{sorted: all, table: make([]uintptr, size)}
	for _, p := range all {
		i := n.home(p.PC)
		for n.table[i] != 0 {
			i = (i + 1) & (len(n.table) - 1)
		}
		n.table[i] = p.PC
	}
	return n
}

// All returns the places, sorted. The caller must not change them.
func (s *Sites) All() []Place {
	if s == nil {
		return nil
	}
	return s.sorted
}

// Len returns the number of places.
func (s *Sites) Len() int { return len(s.All()) }

// Has reports whether a place is in the set.
func (s *Sites) Has(pc uintptr) bool {
	if s == nil {
		return false
	}
	for i := s.home(pc); s.table[i] != 0; i = (i + 1) & (len(s.table) - 1) {
		if s.table[i] == pc {
			return true
		}
	}
	return false
}

// home returns where a place is if nothing else is there.
func (s *Sites) home(pc uintptr) int {
	return int(uint64(pc)*0x9e3779b97f4a7c15>>40) & (len(s.table) - 1)
}
