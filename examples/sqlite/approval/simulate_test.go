package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// memoryBank is a Bank for simulations.
type memoryBank struct {
	mu   sched.Mutex // guards Paid
	Paid race.Map[string, int]
}

// Pay pays once for each key.
func (b *memoryBank) Pay(_ context.Context, key, _ string, cents int) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.Paid.Lookup(key); !ok {
		b.Paid.Store(key, cents)
	}
	return "receipt " + key, nil
}

// suspended returns an office with a run that waits for approval.
func suspended(t *check.T, bank Bank, key func(engine.StepInfo) string) (Office, string) {
	o := Office{pipeline(bank, key), store.NewMemory()}
	result, err := o.Start(t.Context(), &Expense{Who: "Ada", What: "train", Cents: 7990})
	require.NoError(t, err)
	require.Equal(t, engine.Suspended, result.Status)
	return o, result.RunID
}

// Two approve at once. One of them goes on with the run, and the other one is told
// that somebody does, or has.
func TestApproveTwice(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, func(t *check.T) {
		bank := &memoryBank{}
		o, id := suspended(t, bank, byInvocation)
		names := []string{"Grace", "Linus"}
		errs := make([]error, len(names))
		g, ctx := sched.NewGroup(t.Context())
		for i, name := range names {
			g.Go(func() error {
				_, errs[i] = o.Approve(ctx, id, name)
				return nil
			})
		}
		require.NoError(t, g.Wait())

		winner := 0
		if errs[0] != nil {
			winner = 1
		}
		require.NoError(t, errs[winner])
		lost := errs[1-winner]
		require.True(t, errors.Is(lost, engine.ErrRunActive) || errors.Is(lost, engine.ErrNotResumable), "%v", lost)
		e, err := o.Pipeline.Load(t.Context(), o.Store, id)
		require.NoError(t, err)
		require.Equal(t, names[winner], e.Approver)
		require.Equal(t, []string{"prepare", "approve", "pay", "file"}, e.Steps)
		require.Equal(t, 1, bank.Paid.Len())
	})
}

// stalled is the store of processes that stand still for a minute when they have paid,
// as a laptop does whose lid is closed.
type stalled struct{ *store.Memory }

// Append is that of the store, perhaps a minute later.
func (s stalled) Append(ctx context.Context, l store.Lease, b store.Batch) error {
	for _, e := range b.Events {
		if e.Node == "pay" && e.Type == string(event.StepEnd) {
			sched.Sleep(time.Minute)
		}
	}
	return s.Memory.Append(ctx, l, b)
}

// takenOver returns the body of a check: a process stands still in the middle of the
// run, and meanwhile another one goes on with it. That is slow too, so that it is not
// done when the first one wakes up.
func takenOver(key func(engine.StepInfo) string) func(*check.T) {
	return func(t *check.T) {
		bank := &memoryBank{}
		o, id := suspended(t, bank, key)
		o.Store = stalled{o.Store.(*store.Memory)}
		var fenced error
		g, ctx := sched.NewGroup(t.Context())
		g.Go(func() error {
			_, fenced = o.Approve(ctx, id, "Grace")
			return nil
		})
		g.Go(func() error {
			sched.Sleep(45 * time.Second) // the lease has expired by then
			_, err := o.Resume(ctx, id)
			return err
		})
		require.NoError(t, g.Wait())
		require.ErrorIs(t, fenced, store.ErrFenced)
		e, err := o.Pipeline.Load(t.Context(), o.Store, id)
		require.NoError(t, err)
		require.Equal(t, "Grace", e.Approver)
		require.Equal(t, []string{"prepare", "approve", "pay", "file"}, e.Steps)
		require.Equal(t, 1, bank.Paid.Len(), "payments")
	}
}

// The process that wakes up finds that the run is not its own any more, and the bank
// has paid once.
func TestTakenOver(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, takenOver(byInvocation))
}

// With a key that each process draws for itself, the bank pays once more.
func TestTakenOverPaysTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("to explain what is found takes long under the race detector, for which -short is")
	}
	r := check.Config{Runs: 50}.Search(t.Name(), takenOver(func(engine.StepInfo) string { return fmt.Sprint(sched.Rand().Uint64()) }))
	require.NotEmpty(t, r.Findings)
	assert.Equal(t, "failed assertion", r.Findings[0].Kind)
	assert.Contains(t, r.Findings[0].Report, "payments")
}
