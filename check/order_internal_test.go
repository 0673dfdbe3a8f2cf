package check

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/check/internal/ordinary"
	"github.com/ravelgo/ravel/sched"
)

// What is wrong with the elements of a slice is not told again where the slice is the trouble.
func TestPartOf(t *testing.T) {
	slice := problem{object: "State.Results", rank: rankLostUpdate, sites: "a.go:19 a.go:20"}
	elements := problem{object: "State.Results[…]", rank: rankElement, sites: "a.go:19 a.go:19"}
	assert.True(t, elements.partOf(slice))
	for name, change := range map[string]func(p *problem){
		"another slice": func(p *problem) { p.object = "State.Names[…]" },
		"the slice":     func(p *problem) { p.object = "State.Results" },
		"other lines":   func(p *problem) { p.sites = "a.go:19 a.go:30" },
	} {
		other := elements
		change(&other)
		assert.False(t, other.partOf(slice), name)
	}
}

func TestRankOrdinary(t *testing.T) {
	for _, c := range []struct {
		kind, object string
		rank, want   int
	}{
		{"data race (concurrent map access)", "Pool.seen", rankRace, rankLostUpdate},
		{"data race (no lock)", "Pool.n", rankRace, rankRace},
		{"lost update", "Pool.n", rankLostUpdate, rankLostUpdate},
		{"lost update", "Pool.seen[…]", rankLostUpdate, rankElement},
		{"data race (no lock)", "results[…]", rankRace, rankElement},
		{"deadlock", "", rankDeadlock, rankDeadlock},
	} {
		p := problem{kind: c.kind, object: c.object, rank: c.rank}
		p.rankOrdinary()
		assert.Equal(t, c.want, p.rank, "%s on %s", c.kind, c.object)
	}
}

// What is wrong with an ordinary test is told in the order of the source, what is worst
// first.
func TestInOrder(t *testing.T) {
	at := func(rank int, file string, line int) candidate {
		return candidate{problem: problem{rank: rank, first: sched.Pos{File: file, Line: line}}}
	}
	s := &search{cfg: Config{test: &ordinary.Test{}}}
	assert.Negative(t, s.inOrder(at(rankLostUpdate, "a.go", 9), at(rankLostUpdate, "a.go", 10)))
	assert.Negative(t, s.inOrder(at(rankLostUpdate, "a.go", 9), at(rankLostUpdate, "b.go", 1)))
	assert.Negative(t, s.inOrder(at(rankLostUpdate, "a.go", 9), at(rankRace, "a.go", 1)))
	s.cfg.test = nil
	assert.Zero(t, s.inOrder(at(rankLostUpdate, "a.go", 9), at(rankLostUpdate, "a.go", 10)), "by the search")
}
