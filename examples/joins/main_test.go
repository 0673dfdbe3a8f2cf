package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
)

const want = `all: done after 5s
  with the answers of Oslo and Bern and Rome
the fastest: done after 3s
  with the answers of Bern
two: done after 5s
  with the answers of Bern and Rome
two, but there is one: skipped after 3s
one second from the first: done after 2s
  with the answers of Oslo
each: done after 5s
  with answer 1
  with answer 2
  with answer 3
`

// The same is printed every time.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, simulate(&out))
	assert.Equal(t, want, out.String())
}

// And on every schedule.
func TestEverySchedule(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second}.Run(t, func(t *check.T) {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out))
		require.Equal(t, want, out.String())
	})
}

// If two servers need the same time either may be the first one. The join starts
// once, and the other one is not waited for.
func TestTie(t *testing.T) {
	p := pipeline(engine.NodeOptions{Join: engine.Any}, note)
	check.Config{Runs: 10_000, Time: time.Second}.Run(t, func(t *check.T) {
		q := &Question{Takes: map[string]time.Duration{"Bern": time.Second, "Oslo": time.Second, "Rome": time.Minute}}
		result, err := p.Run(t.Context(), q, engine.RunOptions{})
		require.NoError(t, err)
		require.Equal(t, time.Second, result.Duration)
		q.Log.Do(func(lines *[]string) { require.Len(t, *lines, 1) })
	})
}

// Fastest is the state of a pipeline whose servers keep the first answer themselves.
type Fastest struct{ Answer race.Var[string] }

// That one step starts for several predecessors orders these with it, and not with
// each other: what they write needs a lock, or a field for each.
func TestFirstAnswerWithoutALock(t *testing.T) {
	r := check.Config{}.Search(t.Name(), func(t *check.T) {
		p := engine.New[Fastest]("fastest", engine.Options{MultiRoot: true})
		use := p.Step("use", func(context.Context, *Fastest) error { return nil }, engine.NodeOptions{Join: engine.Any})
		for _, name := range servers {
			p.Step(name, func(_ context.Context, f *Fastest) error {
				if f.Answer.Load() == "" {
					f.Answer.Store("that of " + name)
				}
				return nil
			}, engine.NodeOptions{}).To(use)
		}
		_, err := p.Run(t.Context(), &Fastest{}, engine.RunOptions{})
		require.NoError(t, err)
	})
	require.NotEmpty(t, r.Findings)
	assert.Contains(t, r.Findings[0].Summary, "lost update on Fastest.Answer")
}
