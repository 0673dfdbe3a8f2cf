package engine_test

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
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// An item that suspends runs again when the run is resumed, those before it do not,
// and those behind it run for the first time.
func TestSuspendedItem(t *testing.T) {
	schedtest.Explore(t, sched.Config{}, func() {
		st := store.NewMemory()
		p := engine.New[kept]("p", engine.Options{})
		engine.Map(p, "m", engine.Each[kept, int]{Items: numbers[kept](4), Do: func(_ context.Context, s *kept, item int) error {
			if item == 2 && !s.Approved {
				return engine.Suspend("approval")
			}
			s.Done = append(s.Done, item)
			return nil
		}}, engine.MapOptions{MaxConcurrency: 1})
		ctx := context.Background()
		first, second := &recorder{}, &recorder{}
		_, err := p.Run(ctx, &kept{}, engine.RunOptions{ID: "r", Store: st, Observers: []engine.Observer{first}})
		assert.ErrorIs(t, err, engine.ErrSuspended)
		assert.Equal(t, "START S(m) M(m)=4 S(m[0]) E(m[0]) S(m[1]) E(m[1]) S(m[2]) Z(m[2]) D(m) Z(m) K FINISH=suspended", trace(first.events))
		s, err := p.Load(ctx, st, "r")
		require.NoError(t, err)
		s.Approved = true
		_, err = p.Run(ctx, s, engine.RunOptions{Store: st, Resume: "r", Observers: []engine.Observer{second}})
		require.NoError(t, err)
		assert.Equal(t, "START S(m)#2 M(m)#2=4 S(m[2])#2 E(m[2])#2 S(m[3]) E(m[3]) D(m)#2 E(m)#2 K FINISH=success", trace(second.events))
		assert.Equal(t, []int{0, 1, 2, 3}, s.Done)
	}, func(r *sched.Result) { assert.NoError(t, r.End) })
}

// itemStore notes which items were kept, and dies after so many writes.
type itemStore struct {
	store.Store
	left int
	kept map[int]bool
}

func (i *itemStore) Append(ctx context.Context, l store.Lease, b store.Batch) error {
	if i.left--; i.left < 0 {
		return errDead
	}
	if err := i.Store.Append(ctx, l, b); err != nil {
		return err
	}
	for _, item := range b.Items {
		i.kept[item.Index] = true
	}
	return nil
}

// Whenever a process dies in a map that collects results: the work on an item whose
// result was kept is not done again, and all are collected in order, once.
func TestKeptResults(t *testing.T) {
	const n = 6
	for writes := range 16 {
		result := check.Config{Runs: 60}.Search(fmt.Sprint(t.Name(), writes), func(t *check.T) {
			st := &itemStore{Store: store.NewMemory(), left: writes, kept: map[int]bool{}}
			p := engine.New[kept]("p", engine.Options{})
			engine.MapGather(p, "m", engine.Gather[kept, int, int]{Items: numbers[kept](n),
				Do: func(_ context.Context, _ *kept, item int) (int, error) {
					assert.False(t, st.kept[item], "item %d is done again", item)
					sched.Yield()
					if item == 4 {
						return 0, engine.Skip
					}
					return 10 * item, nil
				},
				Collect: func(_ context.Context, s *kept, _, result int) error {
					s.Done = append(s.Done, result)
					return nil
				}}, engine.MapOptions{MaxConcurrency: 2}).To(p.Step("z", func(context.Context, *kept) error { return nil }, engine.NodeOptions{}))
			ctx := context.Background()
			opts := engine.RunOptions{ID: "r", Store: st}
			s := &kept{}
			for {
				if _, err := p.Run(ctx, s, opts); err == nil {
					break
				}
				st.left = 100
				opts, s = engine.RunOptions{Store: st, Resume: "r"}, nil
				sched.Sleep(time.Minute)
			}
			s, err := p.Load(ctx, st, "r")
			require.NoError(t, err)
			assert.Equal(t, []int{0, 10, 20, 30, 50}, s.Done)
			saved, err := st.Load(ctx, "r")
			require.NoError(t, err)
			assert.Empty(t, saved.Items, "the map has ended")
		})
		assert.Empty(t, result.Findings, "%d writes", writes)
	}
}

// The attempts of a run that are counted after a crash are its own, not those of a
// run inside it.
func TestAttemptsAfterCrash(t *testing.T) {
	for writes := range 8 {
		var rec *recorder
		schedtest.Explore(t, sched.Config{}, func() {
			d := newDying()
			d.left = writes
			make1 := func() *engine.Pipeline[kept] {
				inner := engine.New[state]("inner", engine.Options{})
				inner.Step("c", returns(engine.RetryAfter(1), engine.RetryAfter(1), engine.RetryAfter(time.Second), nil), engine.NodeOptions{})
				p := engine.New[kept]("p", engine.Options{})
				engine.Sub(p, "r", engine.Bind[kept, state]{Inner: inner,
					In: func(context.Context, *kept) (*state, error) { return &state{}, nil }}, engine.NodeOptions{})
				return p
			}
			_, err := make1().Run(context.Background(), &kept{}, engine.RunOptions{ID: "r", Store: d})
			rec = &recorder{}
			if err == nil || errors.Is(err, errDead) && len(d.covered) > 0 {
				return
			}
			sched.Sleep(time.Minute)
			d.left = 100
			_, err = make1().Run(context.Background(), nil, engine.RunOptions{Store: d, Resume: "r", Observers: []engine.Observer{rec}})
			require.NoError(t, err)
		}, func(r *sched.Result) {
			assert.NoError(t, r.End)
			if len(rec.events) > 1 {
				assert.LessOrEqual(t, rec.events[1].Attempt, 2, "%d writes: %s", writes, trace(rec.events))
			}
		})
	}
}
