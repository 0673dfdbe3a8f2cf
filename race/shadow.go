package race

import (
	"slices"
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// shadow is what is known of plain memory in a run: who has accessed it, where in
// the program, and when. It tells which places are shared. Whether two accesses
// race it does not: that is judged of operations.
//
// It is a hash table of granules, eight bytes each. It holds their addresses as
// pointers, so that no memory is used for something else while a run lasts.
type shadow struct {
	keys  []unsafe.Pointer // open addressing; nil is empty
	uses  []usage          // by the same index
	used  []int            // indexes
	count uint32           // notes so far
	fresh []Place          // that are shared and were not known to be
	// foreign says whether a place is in code that is not the user's.
	foreign map[uintptr]bool
}

// usage is the accesses of a granule.
type usage struct {
	last note
	rest []note
}

// note is the last access of a task at a place to some bytes.
type note struct {
	pc    uintptr
	task  int32
	hard  uint32 // the task's time, in the hard order
	seq   uint32 // when the task has first done so at that time, in the run
	bytes uint8  // of the granule, a bit each
	write bool
	isMap bool
}

func (n *note) place() Place { return Place{n.pc, n.write, n.isMap} }

const granule = 8

// maxNotes is how many accesses are kept of one variable.
const maxNotes = 24

func (s *shadow) begin() {
	for _, i := range s.used {
		s.keys[i] = nil
		s.uses[i] = usage{rest: s.uses[i].rest[:0]}
	}
	s.used, s.fresh, s.count = s.used[:0], s.fresh[:0], 0
}

// Shared reports whether an access of plain memory is an operation.
func (tr *Tracker) Shared(a sched.Access) bool { return tr.Sites.Has(a.PC) }

// Note takes in an access of plain memory.
func (tr *Tracker) Note(task int, a sched.Access) {
	t := tr.task(int32(task))
	n := note{pc: a.PC, task: int32(task), hard: t.hard.own, write: a.Write, isMap: a.Map}
	if a.Size <= 1 {
		n.bytes = 1 << (uintptr(a.Addr) % granule)
		tr.note(a.Addr, n, t)
		return
	}
	tr.noteRange(a, n, t)
}

// maxNoted is how many granules are looked at of a large piece of memory.
const maxNoted = 4096

func (tr *Tracker) noteRange(a sched.Access, n note, t *taskState) {
	offset := uintptr(a.Addr) % granule
	for from, left, i := offset, a.Size, 0; left > 0 && i < maxNoted; i++ {
		size := min(left, granule-from)
		n.bytes = uint8(uint(1)<<size-1) << from
		tr.note(unsafe.Add(a.Addr, uintptr(i)*granule-offset+from), n, t)
		left -= size
		from = 0
	}
}

// note takes in an access of bytes of the granule that an address is in.
func (tr *Tracker) note(p unsafe.Pointer, n note, t *taskState) {
	c := tr.memory.at(unsafe.Add(p, -int(uintptr(p)%granule)))
	if c == nil {
		return
	}
	if c.last.same(&n) && c.last.hard == n.hard {
		return
	}
	tr.memory.count++
	n.seq = tr.memory.count
	if c.last.pc == 0 {
		c.last = n
		return
	}
	tr.meet(c, n, t)
}

// meet compares an access with those before, and adds it.
func (tr *Tracker) meet(c *usage, n note, t *taskState) {
	tr.compare(&c.last, &n, t)
	at, oldest, several := -1, 0, 0
	for i := range c.rest {
		o := &c.rest[i]
		if o.same(&n) {
			at = i
			if o.hard == n.hard {
				n.seq = o.seq
			}
			continue
		}
		tr.compare(o, &n, t)
		if o.bytes&n.bytes != 0 {
			if several == 0 || o.seq < c.rest[oldest].seq {
				oldest = i
			}
			several++
		}
	}
	last := c.last
	c.last = n
	among := last.bytes&n.bytes != 0
	if among {
		several++
	}
	switch {
	case last.same(&n):
	case at >= 0:
		c.rest[at] = last
	case several < maxNotes:
		c.rest = append(c.rest, last)
	case among && last.seq < c.rest[oldest].seq: // it is the one that is forgotten
	default:
		c.rest[oldest] = last
	}
}

// same reports whether two accesses are of one task, at one place and to the same
// bytes. An update of a map, as by ++, is a read and a write at one place.
func (n *note) same(o *note) bool {
	return n.pc == o.pc && n.task == o.task && n.bytes == o.bytes && n.write == o.write
}

// compare notes that the places of two accesses are shared, if these are of two
// tasks, one a write, and another schedule may turn them round.
func (tr *Tracker) compare(o, n *note, t *taskState) {
	if o.task == n.task || !o.write && !n.write || o.bytes&n.bytes == 0 || o.hard <= t.hard.at(o.task) {
		return
	}
	s := &tr.memory
	if known := tr.Sites.Has(o.pc); known && tr.Sites.Has(n.pc) || tr.isForeign(o.pc) || tr.isForeign(n.pc) {
		return
	}
	s.add(tr.Sites, o.place())
	s.add(tr.Sites, n.place())
}

func (s *shadow) add(known *Sites, p Place) {
	if !known.Has(p.PC) && !slices.Contains(s.fresh, p) {
		s.fresh = append(s.fresh, p)
	}
}

// isForeign reports whether a place is in code of this module, or of one that is not
// controlled, that was compiled with that of a user, as generic code is.
func (tr *Tracker) isForeign(pc uintptr) bool {
	s := &tr.memory
	is, known := s.foreign[pc]
	if !known {
		if s.foreign == nil {
			s.foreign = map[uintptr]bool{}
		}
		is = sched.IsMachinery(pc) || tr.Foreign != nil && tr.Foreign(pc)
		s.foreign[pc] = is
	}
	return is
}

// NewSites returns places, which were not known to be, that the last run has shown
// to be shared: tasks that nothing but locks has kept apart have accessed the same
// memory there, one to write. The slice is used again by the next run.
func (tr *Tracker) NewSites() []Place { return tr.memory.fresh }

// Noted reports whether the last run has made accesses of plain memory that the
// tracker was told of.
func (tr *Tracker) Noted() bool { return len(tr.memory.used) > 0 }

// maxGranules is how many granules of a run are looked at, two megabytes: others, which
// a run that goes through more memory comes to later, have no shadow.
const maxGranules = 1 << 18

// at returns the usage of a granule, or nil if there are too many.
func (s *shadow) at(g unsafe.Pointer) *usage {
	if len(s.keys) > 0 {
		for i := s.home(g); ; i = (i + 1) & (len(s.keys) - 1) {
			if s.keys[i] == g {
				return &s.uses[i]
			}
			if s.keys[i] == nil && 2*len(s.used) < len(s.keys) {
				s.keys[i] = g
				s.used = append(s.used, i)
				return &s.uses[i]
			}
			if s.keys[i] == nil {
				break
			}
		}
	}
	if len(s.used) >= maxGranules {
		return nil
	}
	s.grow()
	return s.at(g)
}

func (s *shadow) home(g unsafe.Pointer) int {
	return int(uint64(uintptr(g))*0x9e3779b97f4a7c15>>32) & (len(s.keys) - 1)
}

// grow makes the table larger.
func (s *shadow) grow() {
	old := *s
	n := max(64, 2*len(old.keys))
	s.keys, s.uses, s.used = make([]unsafe.Pointer, n), make([]usage, n), nil
	for _, i := range old.used {
		*s.at(old.keys[i]) = old.uses[i]
	}
}
