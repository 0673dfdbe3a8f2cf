package race

import (
	"fmt"
	"reflect"
)

// What a frozen value is compared with: its fingerprint, which is cheap, and its
// leaves, which tell what has changed. Both are of all that the value leads to,
// exported or not, but for
//
//   - what is made to be changed: the types of sync, sync/atomic, context, sched
//     and sched/atomic. Of a Var, Slice, Map or sched.Chan they have the data;
//   - what a func has captured, and what an unsafe.Pointer points to. These are
//     nil or not;
//   - the messages in a channel. They have their number, and of a sched.Chan
//     whether it was closed in the simulation.
//
// That two pointers are the same is part of a value; addresses are not. All NaNs
// are equal; 0 and -0 are not. What two paths lead to is known by the one with
// fewer references, and if they have as many by the first.

// fingerprint returns a hash of v and of all it leads to. It is the same in
// every process, unless two keys of a map are pointers, or hold some, to what
// differs only some pointers further on. If v is addressable and without maps,
// and there are few pointers, it allocates nothing.
func fingerprint(v reflect.Value) uint64 {
	var w walk
	w.all(v, "")
	return w.sum
}

// leaf is a value within a value: a basic one, or whether another one is nil.
type leaf struct{ path, text string }

// maxLeaves is how many leaves are listed. If there are more, the last one says
// so, and has no path.
const maxLeaves = 10_000

var leftOut = fmt.Sprintf("more than %d values, the others are left out", maxLeaves)

// leaves lists v and what it leads to under the name root. Paths are written as
// those of a [Leak], with indexes and keys: State.Config["k"]. What an interface
// holds has the path State.V.(T).
func leaves(root string, v reflect.Value) []leaf {
	w := walk{mode: listing}
	w.all(v, root)
	return w.leaves
}

// Change is a value in a frozen value that was changed.
type Change struct {
	// Path is the path of the value, such as State.Config["k"] or *State.P.
	Path string
	// Old and New are short texts, "(absent)" if there was or is no such value.
	Old, New string
}

const absent = "(absent)"

// changes returns how after differs from before: first, in the order of before,
// what was changed or removed, then, in the order of after, what was added. Of
// lists that were cut it compares what both have.
func changes(before, after []leaf) []Change {
	before, beforeCut := uncut(before)
	after, afterCut := uncut(after)
	old, now := number(before), number(after)
	var found []Change
	for _, s := range old.comparable(now, afterCut) {
		if text, ok := now.text[s]; !ok {
			found = append(found, Change{s.path, old.text[s], absent})
		} else if text != old.text[s] {
			found = append(found, Change{s.path, old.text[s], text})
		}
	}
	for _, s := range now.comparable(old, beforeCut) {
		if _, ok := old.text[s]; !ok {
			found = append(found, Change{s.path, absent, now.text[s]})
		}
	}
	return found
}

// uncut returns the leaves without the one that says that others are left out.
func uncut(l []leaf) (rest []leaf, cut bool) {
	if len(l) <= maxLeaves {
		return l, false
	}
	return l[:maxLeaves], true
}

// spot is a path, and how many leaves before have the same: keys of a map that
// differ may have equal texts.
type spot struct {
	path string
	n    int
}

// numbered is a list of leaves that can be looked up.
type numbered struct {
	order []spot
	text  map[spot]string
}

func number(leaves []leaf) numbered {
	l := numbered{text: make(map[spot]string, len(leaves))}
	count := make(map[string]int, len(leaves))
	for _, f := range leaves {
		s := spot{f.path, count[f.path]}
		count[f.path]++
		l.order = append(l.order, s)
		l.text[s] = f.text
	}
	return l
}

// comparable returns the spots that are worth to be looked up in m: if m was cut,
// all but those after the last one that m has.
func (l numbered) comparable(m numbered, cut bool) []spot {
	n := len(l.order)
	for cut && n > 0 {
		if _, ok := m.text[l.order[n-1]]; ok {
			break
		}
		n--
	}
	return l.order[:n]
}
