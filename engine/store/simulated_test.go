package store_test

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
	"github.com/ravelgo/ravel/sched/strategy"
)

// TestMemoryInSimulation tests under every schedule that of two claimers of one
// run one wins, and that only its batch is kept.
func TestMemoryInSimulation(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	all := strategy.DFS()
	runs := 0
	winners := map[string]bool{}
	for all.Next() {
		runs++
		r := sim.Run(all, 1, func() {
			m := store.NewMemory()
			g, ctx := sched.NewGroup(context.Background())
			for _, owner := range []string{"a", "b"} {
				g.Go(func() error { return contend(ctx, m, owner) })
			}
			require.NoError(t, g.Wait())
			saved, err := m.Load(context.Background(), "run")
			require.NoError(t, err)
			assert.Equal(t, saved.Run.LeaseOwner, string(saved.Checkpoint.State))
			winners[saved.Run.LeaseOwner] = true
		})
		require.NoError(t, r.End)
	}
	assert.Greater(t, runs, 5, "schedules")
	assert.Len(t, winners, 2)
}

// contend claims a run and, having it or not, writes a checkpoint with its name.
func contend(ctx context.Context, m *store.Memory, owner string) error {
	l, err := m.Claim(ctx, store.Claim{Owner: owner, Now: sched.Now(), TTL: time.Minute, Run: store.Run{ID: "run", RootID: "run"}})
	won := err == nil
	if !won {
		if !errors.Is(err, store.ErrRunExists) {
			return err
		}
		l = store.Lease{RunID: "run", Owner: owner, Fence: 1}
	}
	err = m.Append(ctx, l, store.Batch{Checkpoint: &store.Checkpoint{Number: 1, State: []byte(owner)}})
	if won != (err == nil) || !won && !errors.Is(err, store.ErrFenced) {
		return fmt.Errorf("won is %v: %w", won, err)
	}
	return nil
}
