package sched

import (
	"slices"
	"unsafe"
)

// extent is a piece of memory that operations access, with an object of its own.
// Two pieces can overlap: a struct is copied and its fields are used alone.
type extent struct {
	obj  Object
	addr unsafe.Pointer
	size uintptr
	rank int // in the order of first use
	home int // index of the list of its first granule
}

// Bounds of what is looked at of a large piece of memory.
const (
	maxGranules = 512
	maxParts    = 128 // bytes
)

// granule is how memory is divided to find what overlaps.
const granule = 8

func (e *extent) end() uintptr { return uintptr(e.addr) + e.size }

func (e *extent) covers(o *extent) bool {
	return uintptr(e.addr) <= uintptr(o.addr) && e.end() >= o.end()
}

func (e *extent) overlaps(o *extent) bool {
	return uintptr(e.addr) < o.end() && uintptr(o.addr) < e.end()
}

// part returns which bytes of o, counted from its begin, e has too.
func (o *extent) part(e *extent) (first, last int) {
	from, to := max(uintptr(e.addr), uintptr(o.addr)), min(e.end(), o.end())
	start := uintptr(o.addr)
	return int(from - start), int(min(to-start, from-start+maxParts))
}

// extents are the pieces of memory that operations of a run have accessed. Their
// order is that of first use. They keep the memory from being used again for
// something else in the run.
type extents struct {
	all   []*extent              // also those of earlier runs, to be used again
	n     int                    // those of this run
	at    map[unsafe.Pointer]int // by granule: the index in lists
	lists [][]*extent
	lent  int // of the lists
	found []*extent
}

// reset forgets the last run.
func (x *extents) reset() {
	for _, e := range x.all[:x.n] {
		e.addr = nil
	}
	x.n, x.lent = 0, 0
	clear(x.at)
}

// of returns the extent of an access.
func (x *extents) of(a Access) *extent {
	size := max(a.Size, 1)
	if i, ok := x.at[floor(a.Addr)]; ok {
		for _, e := range x.lists[i] {
			if e.addr == a.Addr && e.size == size {
				return e
			}
		}
	}
	if x.n == len(x.all) {
		x.all = append(x.all, &extent{})
	}
	e := x.all[x.n]
	e.addr, e.size, e.rank = a.Addr, size, x.n
	x.n++
	for g := range e.granules {
		x.list(g, e)
	}
	e.home = x.at[floor(e.addr)]
	return e
}

// granules yields the granules that e is in.
func (e *extent) granules(yield func(unsafe.Pointer) bool) {
	first := floor(e.addr)
	for i := uintptr(0); uintptr(first)+i < e.end() && i < maxGranules*granule; i += granule {
		if !yield(unsafe.Add(first, i)) {
			return
		}
	}
}

func floor(p unsafe.Pointer) unsafe.Pointer {
	return unsafe.Add(p, -int(uintptr(p)%granule))
}

func (x *extents) list(g unsafe.Pointer, e *extent) {
	i, ok := x.at[g]
	if !ok {
		if x.at == nil {
			x.at = map[unsafe.Pointer]int{}
		}
		if x.lent == len(x.lists) {
			x.lists = append(x.lists, nil)
		}
		i = x.lent
		x.lists[i] = x.lists[i][:0]
		x.at[g] = i
		x.lent++
	}
	x.lists[i] = append(x.lists[i], e)
}

// around returns the other extents that have memory in common with e, in the order
// of their first use. It is valid until the next call.
func (x *extents) around(e *extent) []*extent {
	x.found = x.found[:0]
	if e.size == 1 {
		if len(x.lists[e.home]) > 1 {
			x.look(e, e.home)
		}
		return x.found // in order, as the list is
	}
	for g := range e.granules {
		x.look(e, x.at[g])
	}
	slices.SortFunc(x.found, func(o, p *extent) int { return o.rank - p.rank })
	return x.found
}

// look adds to those that were found what overlaps with e in a granule.
func (x *extents) look(e *extent, list int) {
	for _, o := range x.lists[list] {
		if o != e && o.overlaps(e) && !slices.Contains(x.found, o) {
			x.found = append(x.found, o)
		}
	}
}
