package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

const want = `success: [open commit close]
failed: [open roll back close]
  engine: pipeline "copy": step rows[2]: row "three" has no number
`

// On goroutines.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(context.Background(), &out))
	assert.Equal(t, want, out.String())
}

// On every schedule.
func TestEverySchedule(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second}.Run(t, func(t *check.T) {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out))
		require.Equal(t, want, out.String())
	})
}

// copying returns the body of a check that uses a database in two branches, of which
// one fails.
func copying(define func(p *engine.Pipeline[Copy])) func(*check.T) {
	return func(t *check.T) {
		p := engine.New[Copy]("copy", engine.Options{MultiRoot: true})
		p.OnStart(func(_ context.Context, c *Copy) error { return c.DB.Open() })
		define(p)
		c := &Copy{DB: &Database{}}
		_, err := p.Run(t.Context(), c, engine.RunOptions{})
		require.NotErrorIs(t, err, errClosed)
		if c.DB.open.Load() {
			t.Error("the database is open")
		}
	}
}

var errRow = errors.New("no row")

func fails(context.Context, *Copy) error { return errRow }

func writes(_ context.Context, c *Copy) error { return c.DB.Do("write") }

// A step that closes is a step as others: when another one fails it is left out.
func TestClosedByAStep(t *testing.T) {
	r := check.Config{}.Search(t.Name(), copying(func(p *engine.Pipeline[Copy]) {
		closes := p.Step("close", func(_ context.Context, c *Copy) error { return c.DB.Close() }, engine.NodeOptions{})
		p.Step("row", fails, engine.NodeOptions{}).To(closes)
		p.Step("index", writes, engine.NodeOptions{}).To(closes)
	}))
	require.NotEmpty(t, r.Findings)
	assert.Contains(t, r.Findings[0].Summary, "the database is open")
}

// A task that a step has left behind is no part of the run: the hooks do not wait for
// it.
func TestTaskLeftBehind(t *testing.T) {
	if testing.Short() {
		t.Skip("to explain what is found takes long under the race detector, for which -short is")
	}
	r := check.Config{}.Search(t.Name(), func(t *check.T) {
		var late sched.WaitGroup
		defer late.Wait()
		copying(func(p *engine.Pipeline[Copy]) {
			p.OnFinish(func(_ context.Context, c *Copy, _ engine.Result) error { return c.DB.Close() })
			p.Step("index", func(_ context.Context, c *Copy) error {
				late.Go(func() { require.NoError(t, c.DB.Do("write")) })
				return nil
			}, engine.NodeOptions{})
		})(t)
	})
	require.NotEmpty(t, r.Findings)
	assert.Contains(t, r.Findings[0].Summary, "the database is closed")
}
