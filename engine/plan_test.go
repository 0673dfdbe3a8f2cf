package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// plan is a random pipeline whose edges lead forward, with what its steps return.
type plan struct {
	next, jumps [][]int // by step, in order
	result      []int   // step that a Goto names, or one of:
}

const (
	success = -1 - iota
	skipping
)

func randomPlan(r *rand.Rand) plan {
	n := 2 + r.IntN(8)
	p := plan{next: make([][]int, n), jumps: make([][]int, n), result: make([]int, n)}
	for i := range n {
		for j := i + 1; j < n; j++ {
			if r.IntN(3) == 0 {
				p.next[i] = append(p.next[i], j)
			}
			if r.IntN(6) == 0 {
				p.jumps[i] = append(p.jumps[i], j)
			}
		}
		p.result[i] = success
		switch k := r.IntN(5); {
		case k == 0:
			p.result[i] = skipping
		case k <= 2 && len(p.jumps[i]) > 0:
			p.result[i] = p.jumps[i][r.IntN(len(p.jumps[i]))]
		}
	}
	return p
}

// runs tells which steps run: those that get a token and none from a step that
// was skipped or skips.
func (p plan) runs() []bool {
	n := len(p.next)
	parents, oks, skips, ran := make([]int, n), make([]int, n), make([]int, n), make([]bool, n)
	for i := range n {
		for _, j := range append(append([]int{}, p.next[i]...), p.jumps[i]...) {
			parents[j]++
		}
	}
	for i := range n {
		ran[i] = skips[i] == 0 && (oks[i] > 0 || parents[i] == 0)
		switch {
		case ran[i] && p.result[i] >= 0:
			oks[p.result[i]]++
		case ran[i] && p.result[i] == success:
			for _, j := range p.next[i] {
				oks[j]++
			}
		case ran[i] || skips[i] > 0:
			for _, j := range p.next[i] {
				skips[j]++
			}
		}
	}
	return ran
}

func (p plan) define(q *pipeline) {
	var all []*engine.Node[state]
	for i, result := range p.result {
		var err error
		switch {
		case result == skipping:
			err = engine.Skip
		case result >= 0:
			err = engine.Goto(fmt.Sprint(result))
		}
		all = append(all, named(q, fmt.Sprint(i), func(context.Context, *state) error { sched.Yield(); return err }))
	}
	for i, n := range all {
		for _, j := range p.next[i] {
			n.To(all[j])
		}
		for _, j := range p.jumps[i] {
			n.MayGoto(all[j])
		}
	}
}

// Which steps of a pipeline without loops run follows from what they return and
// not from the schedule, each runs once, and a join after all its predecessors.
func TestPlans(t *testing.T) {
	plans := 150
	if testing.Short() {
		plans = 30
	}
	for seed := range uint64(plans) {
		p := randomPlan(rand.New(rand.NewPCG(seed, 1)))
		want := p.runs()
		result := check.Config{Runs: 20}.Search(fmt.Sprint(t.Name(), seed), func(t *check.T) {
			rec := &recorder{}
			q := engine.New[state]("p", engine.Options{MultiRoot: true})
			p.define(q)
			_, err := q.Run(t.Context(), &state{}, engine.RunOptions{ID: "r", Observers: []engine.Observer{rec}})
			require.NoError(t, err)
			checkEvents(t, q, rec.events)
			ran := make([]bool, len(want))
			for i := range ran {
				begin, _ := span(rec.events, fmt.Sprint(i))
				ran[i] = begin > 0
				for j, next := range append(append([][]int{}, p.next...), p.jumps...) {
					_, end := span(rec.events, fmt.Sprint(j%len(want)))
					for _, k := range next {
						assert.False(t, k == i && ran[i] && end > begin, "%d starts before %d has ended", i, j%len(want))
					}
				}
			}
			assert.Equal(t, want, ran)
		})
		require.Empty(t, result.Findings, "seed %d: %+v", seed, p)
	}
}

// span returns the numbers of the events at the start and the end of a step that
// runs at most once, or zeros.
func span(events []event.Event, path string) (begin, end uint64) {
	for _, e := range events {
		switch {
		case e.Path == path && e.Type == event.StepStart:
			begin = e.Seq
		case e.Path == path && e.Type == event.StepEnd:
			end = e.Seq
		}
	}
	return begin, end
}
