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
	"github.com/ravelgo/ravel/sched"
)

const want = `error: line 3
error: line 6
error: line 9
closed; the log is open: false
`

// On goroutines.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(context.Background(), &out))
	assert.Equal(t, want, out.String())
}

// On every schedule: the loop ends, and so does the step.
func TestEverySchedule(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second}.Run(t, func(t *check.T) {
		var out slow
		require.NoError(t, run(t.Context(), &out))
		require.Equal(t, want, out.String())
	})
}

// slow is an output that lets others go on before each line.
type slow struct{ strings.Builder }

func (s *slow) Write(text []byte) (int, error) {
	sched.Yield()
	return s.Builder.Write(text)
}

// The step is never far ahead of who reads: START and STEP_START, two events of the
// buffer, and the one that it is about to emit.
func TestBackpressure(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, func(t *check.T) {
		log := &Log{}
		result, err := show(t.Context(), &slow{}, log, 5)
		require.ErrorIs(t, err, engine.ErrClosed)
		require.LessOrEqual(t, result.Metrics.Backlog, 3)
		require.LessOrEqual(t, log.Lines.Load(), 3*(5+2+1)+2)
	})
}

// A step that does not look at what Emit returns, nor at its context, reads on for
// ever when the consumer has left.
func TestEmitIgnored(t *testing.T) {
	r := check.Config{Runs: 10, MaxSteps: 1000}.Search(t.Name(), func(t *check.T) {
		p := engine.New[Log]("log", engine.Options{})
		p.Step("read", func(ctx context.Context, l *Log) error {
			for {
				_ = engine.Emit(ctx, l.next())
			}
		}, engine.NodeOptions{})
		run, err := p.Stream(t.Context(), &Log{}, engine.RunOptions{Buffer: 2})
		require.NoError(t, err)
		for range run.Events() {
			break
		}
		_, err = run.Wait()
		require.ErrorIs(t, err, engine.ErrClosed)
	})
	require.NotEmpty(t, r.Findings)
	assert.Equal(t, "no end", r.Findings[0].Kind)
}
