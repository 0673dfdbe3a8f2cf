package strategy

import (
	"slices"

	"github.com/ravelgo/ravel/sched"
)

// flows is what the runs so far say of which read can see which write. What may
// change a place counts as a read of it too.
type flows struct {
	numbers  map[operation]int32 // of accesses
	accesses []access            // the first stands for the beginning of the run
	readers  [2][]int32          // accesses that can see several writes: mere looks, and others
	tallies  map[flow]tally

	// The run.
	at    map[sched.Touch]int // uses, by object and element
	uses  []usage
	shown []flow
	hash  uint64 // of shown
}

// Limits of what is remembered. More operations are not told apart, and what
// they see does not count.
const (
	maxAccesses = 1 << 13
	maxOp       = 512 // of a task
	maxSources  = 128
	maxFlows    = 1 << 15
)

// Numbers that are no access.
const (
	beginning = 0
	unknown   = -1
)

// operation is that of a task, by its key.
type operation struct {
	task uint64
	op   int
}

// access is an operation that uses a place.
type access struct {
	operation
	open    bool    // it was a choice
	updates bool    // it is no mere look
	listed  bool    // among the readers
	sources []int32 // what writes to its places, sorted
}

// flow is a read that sees a write.
type flow struct{ write, read int32 }

// tally is how many runs showed a flow, and wished for it.
type tally struct{ shown, wished int32 }

// usage is how a place was used in the run.
type usage struct {
	last   int32 // access that wrote
	visits []visit
}

type visit struct {
	access int32
	writes bool
}

func newFlows() flows {
	return flows{
		numbers:  map[operation]int32{},
		accesses: make([]access, 1),
		tallies:  map[flow]tally{},
		at:       map[sched.Touch]int{},
	}
}

// reset begins another run.
func (f *flows) reset() {
	clear(f.at)
	f.uses, f.shown, f.hash = f.uses[:0], f.shown[:0], 0
}

// enter returns the number of an operation that uses a place.
func (f *flows) enter(o operation) int32 {
	if n, known := f.numbers[o]; known {
		return n
	}
	if o.op > maxOp || len(f.accesses) == maxAccesses {
		return unknown
	}
	n := int32(len(f.accesses))
	f.accesses = append(f.accesses, access{operation: o})
	f.numbers[o] = n
	return n
}

// add notes what an operation saw, and whether it was a choice.
func (f *flows) add(tr *sched.Transition, open bool) {
	if len(tr.Touches) == 0 || tr.Kind == "waitgroup" {
		return
	}
	n := f.enter(operation{tr.Key, tr.Op})
	for _, t := range tr.Touches {
		f.use(n, t)
	}
	if n != unknown && open {
		f.accesses[n].open = true
	}
}

// use notes what an access saw at a place.
func (f *flows) use(n int32, t sched.Touch) {
	u := f.usage(t)
	if n != unknown {
		if u.last != unknown && u.last != n {
			f.shown = append(f.shown, flow{u.last, n})
			f.hash += scramble(uint64(u.last)<<32 | uint64(n))
		}
		if len(u.visits) < maxSources {
			u.visits = append(u.visits, visit{n, t.Write})
		}
		f.accesses[n].updates = f.accesses[n].updates || t.Write
	}
	if t.Write {
		u.last = n
	}
}

// usage returns how a place was used.
func (f *flows) usage(t sched.Touch) *usage {
	at := sched.Touch{Object: t.Object, Loc: t.Loc}
	i, known := f.at[at]
	if known {
		return &f.uses[i]
	}
	i = len(f.uses)
	f.at[at] = i
	if i == cap(f.uses) {
		f.uses = append(f.uses, usage{})
	}
	f.uses = f.uses[:i+1]
	u := &f.uses[i]
	u.last, u.visits = beginning, u.visits[:0]
	return u
}

// learn counts what the run showed. It returns what of it, as far as there was a
// choice, the fewest runs before have shown, and how many.
func (f *flows) learn() (rarest flow, runs int32) {
	runs = int32(1<<31 - 1)
	for _, s := range f.shown {
		n, known := f.tallies[s]
		if !known && len(f.tallies) == maxFlows {
			continue
		}
		if n.shown < runs && f.accesses[s.read].open {
			rarest, runs = s, n.shown
		}
		n.shown++
		f.tallies[s] = n
	}
	if runs == 0 {
		f.study()
	}
	return rarest, runs
}

// study learns which writes the reads of the run could see in another one: those
// to their places, but for those that come later in the same task.
func (f *flows) study() {
	for _, u := range f.uses {
		for _, read := range u.visits {
			a := &f.accesses[read.access]
			for _, write := range u.visits {
				w := &f.accesses[write.access]
				if a.open && write.writes && (w.task != a.task || w.op < a.op) {
					f.source(read.access, write.access)
				}
			}
		}
	}
}

// source notes that an access may see what another one writes.
func (f *flows) source(read, write int32) {
	a := &f.accesses[read]
	i, known := slices.BinarySearch(a.sources, write)
	if known || len(a.sources) == maxSources {
		return
	}
	a.sources = slices.Insert(a.sources, i, write)
	if a.listed || f.accesses[write].task == a.task {
		return
	}
	a.listed = true
	list := &f.readers[0]
	if a.updates {
		list = &f.readers[1]
	}
	*list = append(*list, read)
}

// wished notes that a run wishes for a flow.
func (f *flows) wished(w flow) {
	if n, known := f.tallies[w]; known || len(f.tallies) < maxFlows {
		n.wished++
		f.tallies[w] = n
	}
}

// seldom draws some flows and returns the one that was shown and wished for
// least.
func (f *flows) seldom(d *dice, read func() int32) flow {
	var best flow
	least := int32(-1)
	for range 8 {
		w := flow{beginning, read()}
		if sources := f.accesses[w.read].sources; len(sources) > 0 && d.below(4) > 0 {
			w.write = sources[d.below(len(sources))]
		}
		if t := f.tallies[w]; least < 0 || t.shown+t.wished < least {
			best, least = w, t.shown+t.wished
		}
	}
	return best
}

// reader draws an access that can see several writes: as often a mere look as
// another.
func (f *flows) reader(d *dice) int32 {
	kind := d.below(2)
	if len(f.readers[kind]) == 0 {
		kind = 1 - kind
	}
	return f.readers[kind][d.below(len(f.readers[kind]))]
}
