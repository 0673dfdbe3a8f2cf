package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// renewals notes the ends of leases that are written.
type renewals struct {
	*store.Memory
	untils []time.Time
}

func (r *renewals) Append(ctx context.Context, l store.Lease, b store.Batch) error {
	if !b.Until.IsZero() {
		r.untils = append(r.untils, b.Until)
	}
	return r.Memory.Append(ctx, l, b)
}

// A process keeps its run for as long as it works on it: every 10 seconds it has it for
// 30 more, and nobody else may resume it. At the end it lets it go.
func TestLeaseIsRenewed(t *testing.T) {
	inSim(t, func() {
		st := &renewals{Memory: store.NewMemory()}
		p := engine.New[kept]("p", engine.Options{})
		p.Step("a", func(context.Context, *kept) error {
			sched.Sleep(time.Minute + time.Second)
			return engine.Suspend("tea")
		}, engine.NodeOptions{})
		began := sched.Now()
		var others sched.WaitGroup
		others.Go(func() {
			for range 12 {
				sched.Sleep(5 * time.Second)
				_, err := p.Run(context.Background(), nil, engine.RunOptions{Store: st, Resume: "r"})
				assert.ErrorIs(t, err, engine.ErrRunActive)
			}
		})
		_, err := p.Run(context.Background(), &kept{}, engine.RunOptions{ID: "r", Store: st})
		require.ErrorIs(t, err, engine.ErrSuspended)
		others.Wait()
		require.Len(t, st.untils, 6)
		for i, until := range st.untils {
			assert.Equal(t, time.Duration(i+1)*10*time.Second+30*time.Second, until.Sub(began))
		}
		saved, err := st.Load(context.Background(), "r")
		require.NoError(t, err)
		assert.Empty(t, saved.Run.LeaseOwner)
		_, err = p.Run(context.Background(), nil, engine.RunOptions{Store: st, Resume: "r"})
		assert.ErrorIs(t, err, engine.ErrSuspended)
	})
}

// Of two processes that resume a run at once one does, on every schedule.
func TestOneOfTwoResumes(t *testing.T) {
	winners := map[int]bool{}
	result := check.Config{Runs: 300, Strategy: strategy.POS(1)}.Search(t.Name(), func(t *check.T) {
		st := store.NewMemory()
		_, err := approval().Run(t.Context(), &kept{}, engine.RunOptions{ID: "r", Store: st})
		require.ErrorIs(t, err, engine.ErrSuspended)
		var errs [2]error
		var all sched.WaitGroup
		for i := range errs {
			all.Go(func() {
				_, errs[i] = approval().Run(t.Context(), &kept{Approved: true, Done: []int{1}}, engine.RunOptions{Store: st, Resume: "r"})
			})
		}
		all.Wait()
		first := 0
		if errs[0] != nil {
			first = 1
		}
		winners[first] = true
		assert.NoError(t, errs[first])
		lost := errs[1-first]
		assert.True(t, errors.Is(lost, engine.ErrRunActive) || errors.Is(lost, engine.ErrNotResumable), "%v", lost)
		rows, err := st.Events(t.Context(), "r")
		require.NoError(t, err)
		checkRows(t, rows)
	})
	assert.Empty(t, result.Findings)
	assert.Len(t, winners, 2)
}

// frozen is a store of a process that stands still for a minute before one write.
type frozen struct {
	*store.Memory
	writes int
}

func (f *frozen) Append(ctx context.Context, l store.Lease, b store.Batch) error {
	if f.writes--; f.writes == 0 {
		sched.Sleep(time.Minute)
	}
	return f.Memory.Append(ctx, l, b)
}

// A process that comes to itself after another one has taken over its run writes nothing
// more, whatever it was about to write, and fails.
func TestTakenOver(t *testing.T) {
	overtaken := 0
	for writes := range 8 {
		result := check.Config{Runs: 50, Strategy: strategy.POS(1)}.Search(t.Name(), func(t *check.T) {
			st := &frozen{Memory: store.NewMemory(), writes: writes + 1}
			p := func() *engine.Pipeline[kept] {
				p := engine.New[kept]("p", engine.Options{})
				slow := func(context.Context, *kept) error { sched.Sleep(30 * time.Second); return nil }
				p.Step("a", slow, engine.NodeOptions{}).To(p.Step("b", slow, engine.NodeOptions{}))
				return p
			}
			var all sched.WaitGroup
			var result engine.Result
			var err error
			all.Go(func() { result, err = p().Run(t.Context(), &kept{}, engine.RunOptions{ID: "r", Store: st}) })
			second := engine.ErrRunActive
			for errors.Is(second, engine.ErrRunActive) {
				sched.Sleep(5 * time.Second)
				_, second = p().Run(t.Context(), nil, engine.RunOptions{Store: st.Memory, Resume: "r"})
			}
			all.Wait()
			if err == nil { // it was not frozen, or not for long enough
				assert.ErrorIs(t, second, engine.ErrNotResumable)
				return
			}
			overtaken++
			assert.NoError(t, second)
			assert.ErrorIs(t, err, engine.ErrStore)
			assert.ErrorIs(t, err, store.ErrFenced)
			assert.Equal(t, engine.Failed, result.Status)
			rows, err := st.Events(t.Context(), "r")
			require.NoError(t, err)
			checkRows(t, rows)
			saved, err := st.Load(t.Context(), "r")
			require.NoError(t, err)
			assert.Equal(t, store.Success, saved.Run.Status)
		})
		assert.Empty(t, result.Findings, "%d writes", writes)
	}
	assert.Positive(t, overtaken)
}
