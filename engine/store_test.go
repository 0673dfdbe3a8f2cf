package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// kept is a state that a store keeps.
type kept struct {
	Approved bool
	Done     []int // by node: how often, and what it found
}

// approval is a pipeline a → b, where b suspends until somebody approves.
func approval() *engine.Pipeline[kept] {
	p := engine.New[kept]("p", engine.Options{})
	a := p.Step("a", func(_ context.Context, s *kept) error { s.Done = append(s.Done, 1); return nil }, engine.NodeOptions{})
	a.To(p.Step("b", func(_ context.Context, s *kept) error {
		if !s.Approved {
			return engine.Suspend("approval")
		}
		s.Done = append(s.Done, 2)
		return nil
	}, engine.NodeOptions{}))
	return p
}

// A run that is suspended goes on in another process, with the state that somebody
// has changed meanwhile.
func TestSuspendAndResume(t *testing.T) {
	schedtest.Explore(t, sched.Config{}, func() {
		st := store.NewMemory()
		first, second := &recorder{}, &recorder{}
		ctx := context.Background()
		res, err := approval().Run(ctx, &kept{}, engine.RunOptions{ID: "r", Store: st, Observers: []engine.Observer{first}})
		assert.ErrorIs(t, err, engine.ErrSuspended)
		assert.Equal(t, engine.Suspended, res.Status)
		assert.Equal(t, "START S(a) E(a) K S(b) Z(b) K FINISH=suspended", trace(first.events))

		s, err := approval().Load(ctx, st, "r")
		require.NoError(t, err)
		assert.Equal(t, []int{1}, s.Done)
		s.Approved = true
		res, err = approval().Run(ctx, s, engine.RunOptions{Store: st, Resume: "r", Observers: []engine.Observer{second}})
		require.NoError(t, err)
		assert.Equal(t, engine.Success, res.Status)
		assert.Equal(t, "START S(b)#2 E(b)#2 K FINISH=success", trace(second.events))
		assert.Equal(t, []int{1, 2}, s.Done)
		assert.Equal(t, first.events[len(first.events)-1].Seq+1, second.events[0].Seq)

		rows, err := st.Events(ctx, "r")
		require.NoError(t, err)
		assert.Len(t, rows, len(first.events)+len(second.events))
		run, err := st.Load(ctx, "r")
		require.NoError(t, err)
		assert.Equal(t, store.Success, run.Run.Status)
		_, err = approval().Run(ctx, nil, engine.RunOptions{Store: st, Resume: "r"})
		assert.ErrorIs(t, err, engine.ErrNotResumable)
		_, err = approval().Run(ctx, &kept{}, engine.RunOptions{Store: st, ID: "r"})
		assert.ErrorIs(t, err, engine.ErrRunExists)
	}, func(r *sched.Result) { assert.NoError(t, r.End) })
}
