package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

func contextDone(t *testing.T, s Store) {
	l := begin(t, s, "a")
	saved := load(t, s, "a")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	calls := map[string]func() error{
		"Claim":  func() error { _, err := s.Claim(ctx, newClaim("b")); return err },
		"Append": func() error { return s.Append(ctx, l, full("a", 1, 1)) },
		"Load":   func() error { _, err := s.Load(ctx, "a"); return err },
		"Runs":   func() error { _, err := s.Runs(ctx, store.Query{}); return err },
		"Events": func() error { _, err := s.Events(ctx, "a"); return err },
		"Plan":   func() error { _, err := s.Plan(ctx, "plan-1"); return err },
		"Delete": func() error { return s.Delete(ctx, "a", epoch.Add(ttl)) },
	}
	for name, call := range calls {
		assert.ErrorIs(t, call(), context.Canceled, name)
	}
	assert.Equal(t, saved, load(t, s, "a"))
	assert.Empty(t, eventsOf(t, s, "a"))
	wantRuns(t, s, store.Query{}, "a")
}

// race calls claim from eight tasks at once and returns how many of them won.
// The others must get the given error.
func race(t *testing.T, lost error, claim func(ctx context.Context, i int) error) int {
	won := sched.NewChan[int](8)
	g, ctx := sched.NewGroup(t.Context())
	for i := range 8 {
		g.Go(func() error {
			err := claim(ctx, i)
			if err == nil {
				won.Send(i)
			}
			if errors.Is(err, lost) {
				return nil
			}
			return err
		})
	}
	require.NoError(t, g.Wait())
	return won.Len()
}

func togetherClaim(t *testing.T, s Store) {
	for round := range 10 {
		id := fmt.Sprint(round)
		assert.Equal(t, 1, race(t, store.ErrRunExists, func(ctx context.Context, i int) error {
			c := newClaim(id)
			c.Owner = fmt.Sprint(i)
			_, err := s.Claim(ctx, c)
			return err
		}))
	}
}

func togetherResume(t *testing.T, s Store) {
	begin(t, s, "a")
	for round := range 10 {
		now := epoch.Add(time.Duration(round+1) * ttl)
		assert.Equal(t, 1, race(t, store.ErrRunActive, func(ctx context.Context, i int) error {
			l, err := s.Claim(ctx, resumption("a", fmt.Sprint(i), now))
			if err == nil && l.Fence != int64(round+2) {
				return fmt.Errorf("fence is %d, want %d", l.Fence, round+2)
			}
			return err
		}))
	}
}

// togetherRuns writes and reads several runs at once, each of which must be as if
// it were alone.
func togetherRuns(t *testing.T, s Store) {
	const runs, batches = 6, 15
	g, ctx := sched.NewGroup(t.Context())
	for i := range runs {
		id := fmt.Sprintf("run-%d", i)
		g.Go(func() error { return writeAlone(ctx, s, id, batches) })
		g.Go(func() error { return readWhole(ctx, s, id, batches) })
	}
	require.NoError(t, g.Wait())
	for i := range runs {
		id := fmt.Sprintf("run-%d", i)
		assert.Equal(t, events(id, 1, batches), eventsOf(t, s, id))
		saved := load(t, s, id)
		assert.Equal(t, *checkpoint(batches), saved.Checkpoint)
		assert.Len(t, saved.Items, batches)
	}
	wantRuns(t, s, store.Query{}, "run-0", "run-1", "run-2", "run-3", "run-4", "run-5")
}

// writeAlone writes a run, with a batch that is refused before each that is not.
func writeAlone(ctx context.Context, s Store, id string, batches int) error {
	l, err := s.Claim(ctx, newClaim(id))
	if err != nil {
		return err
	}
	stale := l
	stale.Owner = "nobody"
	for n := 1; n <= batches; n++ {
		if err := s.Append(ctx, stale, full(id, n, n)); !errors.Is(err, store.ErrFenced) {
			return fmt.Errorf("append with a wrong lease: %w", err)
		}
		if err := s.Append(ctx, l, full(id, n, n)); err != nil {
			return err
		}
	}
	return nil
}

// readWhole loads a run until its last checkpoint is there. Each time all parts
// must be of the same batch.
func readWhole(ctx context.Context, s Store, id string, batches int) error {
	for {
		saved, err := s.Load(ctx, id)
		if errors.Is(err, store.ErrUnknownRun) {
			sched.Yield()
			continue
		}
		if err != nil {
			return err
		}
		n := saved.Checkpoint.Number
		if int(saved.Run.LastSeq) != n || len(saved.Items) != n {
			return fmt.Errorf("run %s: checkpoint %d with event %d and %d items", id, n, saved.Run.LastSeq, len(saved.Items))
		}
		if n == batches {
			return nil
		}
	}
}
