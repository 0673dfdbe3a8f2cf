package guide

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

// Loose is a state that anybody can write anything to.
type Loose struct {
	N    int
	M    map[string]int
	Tags []string
}

// Tight is one in which all that changes is beside its lock.
type Tight struct {
	Totals sched.Guarded[Loose]
}

// working returns a pipeline that lists and then works on items, so many at once.
func working[S any](limit int) *engine.Pipeline[S] {
	p := engine.New[S]("working", engine.Options{})
	list := p.Step("list", func(context.Context, *S) error { return nil }, engine.NodeOptions{})
	list.To(engine.Map(p, "work", engine.Each[S, int]{
		Items: engine.Slice(func(context.Context, *S) ([]int, error) { return []int{1, 2, 3}, nil }),
		Do:    func(context.Context, *S, int) error { return nil },
	}, engine.MapOptions{MaxConcurrency: limit}))
	return p
}

// Nobody is forced to guard a state. Who wants to know what two nodes that run at
// once can write asks for it.
func TestSeedS36Strict(t *testing.T) {
	var c complaints
	check.Strict[Loose](&c, working[Loose](10))
	require.Len(t, c, 1)
	for _, line := range []string{
		"Loose can be written by two items of work at once, through 3 paths",
		"Loose.N: int, it can be assigned to",
		"Loose.M: map, entries are shared",
		"Loose.Tags: slice, elements are shared",
	} {
		assert.Contains(t, strings.Join(c, "\n"), line)
	}

	branches := engine.New[Loose]("branches", engine.Options{MultiRoot: true})
	for _, name := range []string{"left", "right"} {
		branches.Step(name, func(context.Context, *Loose) error { return nil }, engine.NodeOptions{})
	}
	c = nil
	check.Strict[Loose](&c, branches)
	require.Len(t, c, 1)
	assert.Contains(t, c[0], "Loose can be written by left and right at once")
}

// One at a time, all of it guarded, or allowed one by one: nothing is listed.
func TestSeedS36NothingToWrite(t *testing.T) {
	check.Strict[Loose](t, working[Loose](1))
	check.Strict[Tight](t, working[Tight](10))
	check.Strict[Loose](t, working[Loose](10), "Loose.N", "Loose.M", "Loose.Tags")
}
