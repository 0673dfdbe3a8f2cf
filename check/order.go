package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/sched"
)

// Ranks: what says most about the cause comes first.
const (
	rankBroken = iota // the run itself: blocked, uncontrolled, misuse, limit
	rankDeadlock
	rankLostUpdate
	rankPanic
	rankFailure
	rankRace
	rankElement // of a slice or map of ordinary code: see partOf
)

func byRank(p, q problem) int { return cmp.Compare(p.rank, q.rank) }

// elementMark ends the name of some element of a slice or map.
const elementMark = "[…]"

// rankOrdinary changes the rank of what is wrong with ordinary code. The runtime ends a
// process in which it sees two tasks at one map; and what is wrong with elements comes
// last, as most often it is with all of the slice or map.
func (p *problem) rankOrdinary() {
	switch {
	case p.kind == "data race (concurrent map access)":
		p.rank = rankLostUpdate
	case strings.HasSuffix(p.object, elementMark):
		p.rank = rankElement
	}
}

// inOrder says which of two candidates to report first. Of an ordinary test the fields
// and variables have the order in which the source uses them, most often that of their
// declaration.
func (s *search) inOrder(c, d candidate) int {
	if n := byRank(c.problem, d.problem); n != 0 || s.cfg.test == nil {
		return n
	}
	return inSource(c.first, d.first)
}

// inSource orders places as they stand in the source.
func inSource(p, q sched.Pos) int {
	return cmp.Or(cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line))
}

// partOf reports whether p is about elements of a slice or map, by the statements because
// of which q has been reported, on all of it: append and ++ do both.
func (p problem) partOf(q problem) bool {
	whole, ok := strings.CutSuffix(p.object, elementMark)
	return ok && p.rank == rankElement && q.object == whole && !slices.ContainsFunc(strings.Fields(p.sites),
		func(site string) bool { return !slices.Contains(strings.Fields(q.sites), site) })
}
