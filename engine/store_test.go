package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/enginetest"
	"github.com/ravelgo/ravel/engine/event"
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

// dying is a store whose process dies after so many writes.
type dying struct {
	store.Store
	left    int
	ended   map[int]bool // invocations whose end is in an event
	covered map[int]bool // and in a checkpoint that was acknowledged
}

var errDead = errors.New("the process is dead")

func (d *dying) Append(ctx context.Context, l store.Lease, b store.Batch) error {
	if d.left == 0 {
		return errDead
	}
	d.left--
	if err := d.Store.Append(ctx, l, b); err != nil {
		return err
	}
	for _, e := range b.Events {
		switch {
		case e.RunID != "r" || e.Index >= 0:
		case e.Type == string(event.StepEnd):
			d.ended[e.Invocation] = true
		case e.Type == string(event.StepStart): // perhaps again
			delete(d.ended, e.Invocation)
		}
	}
	if b.Checkpoint != nil {
		for id := range d.ended { // order does not matter
			d.covered[id] = true
		}
	}
	return nil
}

// keptPipeline draws a pipeline whose steps write what they find in the state.
func keptPipeline(t assert.TestingT, r *rapid.T, d *dying) func() *engine.Pipeline[kept] {
	n := rapid.IntRange(1, 6).Draw(r, "nodes")
	policy := rapid.SampledFrom([]engine.Policy{engine.FailFast, engine.FinishSiblings}).Draw(r, "policy")
	edges := map[[2]int]bool{}
	fails := make([]int, n)
	kinds := make([]int, n)
	for i := range n {
		fails[i] = rapid.IntRange(-3, 1).Draw(r, fmt.Sprint("failures of ", i))
		kinds[i] = rapid.IntRange(0, 3).Draw(r, fmt.Sprint("kind of ", i))
		for j := range i {
			edges[[2]int{j, i}] = rapid.IntRange(0, 1).Draw(r, fmt.Sprint(j, " to ", i)) == 1
		}
	}
	jumps := n > 1 && rapid.IntRange(0, 3).Draw(r, "jumps") == 3
	for i := range n {
		for j := range i {
			edges[[2]int{j, i}] = !jumps && edges[[2]int{j, i}] || jumps && j == i-1 // else what they find depends on the schedule
		}
	}
	return func() *engine.Pipeline[kept] {
		p := engine.New[kept]("p", engine.Options{MultiRoot: true, Policy: policy})
		all := make([]*engine.Node[kept], n)
		for i := range n {
			fn := func(ctx context.Context, s *kept) error {
				assert.False(t, d.covered[engine.Info(ctx).Invocation], "an acknowledged invocation runs again")
				sched.Yield()
				if fails[i] > 0 {
					fails[i]--
					return errBad
				}
				sum := 1
				for j := range i {
					if edges[[2]int{j, i}] {
						sum += s.Done[j]
					}
				}
				s.Done[i] += sum
				if jumps && i == n-1 && s.Done[i] < 3*sum {
					return engine.Goto("0")
				}
				return nil
			}
			all[i] = keptNode(p, fmt.Sprint(i), kinds[i], fn)
			for j := range i {
				if edges[[2]int{j, i}] {
					all[j].To(all[i])
				}
			}
		}
		if jumps {
			all[n-1].MayGoto(all[0])
		}
		return p
	}
}

// keptNode adds a node that calls fn, as one of several kinds.
func keptNode(p *engine.Pipeline[kept], name string, kind int, fn engine.StepFunc[kept]) *engine.Node[kept] {
	switch kind {
	case 1:
		return engine.Map(p, name, engine.Each[kept, int]{
			Items: numbers[kept](1),
			Do:    func(ctx context.Context, s *kept, _ int) error { return fn(ctx, s) },
		}, engine.MapOptions{MaxConcurrency: 1})
	case 2:
		inner := engine.New[kept]("inner "+name, engine.Options{})
		inner.Step("c", func(ctx context.Context, s *kept) error { sched.Yield(); return nil }, engine.NodeOptions{})
		return engine.Sub(p, name, engine.Bind[kept, kept]{Inner: inner,
			In:  func(context.Context, *kept) (*kept, error) { return &kept{}, nil },
			Out: func(ctx context.Context, s, _ *kept) error { return fn(ctx, s) },
		}, engine.NodeOptions{})
	}
	if kind == 3 {
		return keptGather(p, name, fn)
	}
	return p.Step(name, fn, engine.NodeOptions{})
}

// keptGather adds a map that calls fn when it collects the last of its results.
func keptGather(p *engine.Pipeline[kept], name string, fn engine.StepFunc[kept]) *engine.Node[kept] {
	return engine.MapGather(p, name, engine.Gather[kept, int, int]{
		Items: numbers[kept](4),
		Do: func(_ context.Context, _ *kept, item int) (int, error) {
			sched.Yield()
			return 10 * item, nil
		},
		Collect: func(ctx context.Context, s *kept, index, result int) error {
			if result != 10*index {
				return fmt.Errorf("result %d of item %d", result, index)
			}
			if index < 3 {
				return nil
			}
			return fn(ctx, s)
		},
	}, engine.MapOptions{MaxConcurrency: 2})
}

// Whenever a process dies, another one goes on, and comes to the state that one
// without a crash does; what a checkpoint has does not run again.
func TestCrashAndResume(t *testing.T) {
	runs := 1500
	if testing.Short() {
		runs = 200
	}
	check.Config{Runs: runs}.Prop(t, func(t *check.T, r *rapid.T) { crashAndResume(t, t.Context(), r) })
}

func crashAndResume(t require.TestingT, ctx context.Context, r *rapid.T) {
	d := &dying{Store: store.NewMemory(), ended: map[int]bool{}, covered: map[int]bool{}}
	make1 := keptPipeline(t, r, d)
	plain := &kept{Done: make([]int, 6)}
	_, err := make1().Run(ctx, plain, engine.RunOptions{})
	if err != nil { // it has failures of its own; then it is resumed until it has none
		plain = nil
	}
	state := &kept{Done: make([]int, 6)}
	opts := engine.RunOptions{ID: "r", Store: d}
	var processes [][]event.Event // what the store has of their events
	for tries := 0; ; tries++ {
		require.Less(t, tries, 60, "it never ends")
		if d.left = 1000; tries < 20 {
			d.left = rapid.IntRange(0, 8).Draw(r, "writes")
		}
		s := state
		if opts.Resume != "" {
			s = nil
		}
		rec := &recorder{}
		opts.Observers = []engine.Observer{rec}
		_, err := make1().Run(ctx, s, opts)
		if saved, err := d.Load(ctx, "r"); err == nil {
			rec.events = slices.DeleteFunc(rec.events, func(e event.Event) bool { return e.Seq > saved.Run.LastSeq })
		}
		if len(rec.events) > 0 {
			processes = append(processes, rec.events)
		}
		if err == nil {
			break
		}
		opts = engine.RunOptions{Store: d, Resume: "r"}
		sched.Sleep(31 * time.Second) // until the lease is over
	}
	saved, err := d.Load(ctx, "r")
	require.NoError(t, err)
	assert.Equal(t, store.Success, saved.Run.Status)
	s, err := make1().Load(ctx, d.Store, "r")
	require.NoError(t, err)
	if plain != nil {
		assert.Equal(t, plain, s)
	}
	rows, err := d.Store.(store.History).Events(ctx, "r")
	require.NoError(t, err)
	checkRows(t, rows)
	assert.Empty(t, enginetest.Audit(make1().Describe(), processes[0], processes[1:]...))
	for _, events := range processes {
		if events[len(events)-1].Type == event.Finish {
			assert.Empty(t, enginetest.Audit(make1().Describe(), events), "one of %d processes alone", len(processes))
		}
	}
}

// checkRows checks that no attempt is there twice.
func checkRows(t require.TestingT, rows []store.Event) {
	seen := map[string]bool{}
	for i, e := range rows {
		assert.EqualValues(t, i+1, e.Seq)
		key := fmt.Sprintf("%s/%d#%d", e.RunID, e.Invocation, e.Attempt)
		if e.Type == string(event.StepStart) {
			assert.False(t, seen[key], "attempt %s of %s began twice", key, e.Path)
			seen[key] = true
		}
	}
}
