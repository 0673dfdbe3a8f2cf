package engine_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// inSim runs body on the reference schedule.
func inSim(t *testing.T, body func()) {
	t.Helper()
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	r := sim.Run(lowestFirst{}, 1, body)
	require.NoError(t, r.End)
}

// picky is a store that refuses some batches.
type picky struct {
	*store.Memory
	refuse func(b store.Batch) bool
}

func (p *picky) Append(ctx context.Context, l store.Lease, b store.Batch) error {
	if p.refuse != nil && p.refuse(b) {
		return errDead
	}
	return p.Memory.Append(ctx, l, b)
}

// inTwo makes a pipeline a → b in which b does end in its first call of all, and notes
// what runs.
func inTwo(ran *[]string, end func(ctx context.Context) error) func() *engine.Pipeline[kept] {
	tried := false
	return func() *engine.Pipeline[kept] {
		p := engine.New[kept]("p", engine.Options{})
		p.OnStart(func(context.Context, *kept) error { *ran = append(*ran, "start"); return nil })
		p.OnFinish(func(context.Context, *kept, engine.Result) error { *ran = append(*ran, "finish"); return nil })
		a := p.Step("a", func(context.Context, *kept) error { *ran = append(*ran, "a"); return nil }, engine.NodeOptions{})
		a.To(p.Step("b", func(ctx context.Context, _ *kept) error {
			*ran = append(*ran, "b")
			if tried {
				return nil
			}
			tried = true
			return end(ctx)
		}, engine.NodeOptions{}))
		return p
	}
}

// resumable are the ends of a run, and what resuming it says.
var resumable = map[string]struct {
	with   engine.RunOptions
	end    func(ctx context.Context, run *engine.Run) error
	leave  bool // the consumer leaves
	die    bool // nothing more is written
	status engine.Status
	want   error
}{
	"success":   {end: func(context.Context, *engine.Run) error { return nil }, status: engine.Success, want: engine.ErrNotResumable},
	"stopped":   {end: func(context.Context, *engine.Run) error { return engine.Stop }, status: engine.Stopped, want: engine.ErrNotResumable},
	"suspended": {end: func(context.Context, *engine.Run) error { return engine.Suspend("tea") }, status: engine.Suspended},
	"failed":    {end: func(context.Context, *engine.Run) error { return errBad }, status: engine.Failed},
	"timeout": {with: engine.RunOptions{Timeout: 2 * time.Second}, status: engine.TimedOut,
		end: func(ctx context.Context, _ *engine.Run) error { return wait(ctx, nil) }},
	"cancelled": {end: func(ctx context.Context, run *engine.Run) error { run.Cancel(errWorse); return ctx.Err() }, status: engine.Cancelled},
	"closed":    {end: func(ctx context.Context, _ *engine.Run) error { return wait(ctx, nil) }, leave: true, status: engine.Closed},
	"died":      {end: func(context.Context, *engine.Run) error { return nil }, die: true, status: engine.Failed},
}

// A run goes on after any end but success and Stop: what a checkpoint has does not run
// again, what did not come to its end does, with the next attempt, and the hooks do.
func TestWhatCanBeResumed(t *testing.T) {
	for name, test := range resumable {
		t.Run(name, func(t *testing.T) {
			inSim(t, func() {
				var ran []string
				var run *engine.Run
				dead := false
				st := &picky{Memory: store.NewMemory(), refuse: func(store.Batch) bool { return dead }}
				p := inTwo(&ran, func(ctx context.Context) error {
					sched.Sleep(time.Second) // its start is in the store
					dead = test.die
					return test.end(ctx, run)
				})
				test.with.ID, test.with.Store = "r", st
				ctx := context.Background()
				run, err := p().Stream(ctx, &kept{}, test.with)
				require.NoError(t, err)
				for e := range run.Events() {
					if test.leave && e.Node == "b" {
						break
					}
				}
				result, _ := run.Wait()
				assert.Equal(t, test.status, result.Status)
				assert.Equal(t, []string{"start", "a", "b", "finish"}, ran)
				dead = false
				if test.die {
					_, err = p().Run(ctx, nil, engine.RunOptions{Store: st, Resume: "r"})
					require.ErrorIs(t, err, engine.ErrRunActive)
					sched.Sleep(30 * time.Second)
				}
				ran = nil
				rec := &recorder{}
				_, err = p().Run(ctx, nil, engine.RunOptions{Store: st, Resume: "r", Observers: []engine.Observer{rec}})
				if test.want != nil {
					assert.ErrorIs(t, err, test.want)
					assert.Empty(t, ran)
					assert.Empty(t, rec.events)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, []string{"start", "b", "finish"}, ran)
				assert.Equal(t, "START S(b)#2 E(b)#2 K FINISH=success", trace(rec.events))
				assert.Equal(t, rec.events[0].Seq+1, rec.events[1].Seq)
				assert.True(t, rec.events[0].Data.(event.Started).Resumed)
				rows, err := st.Events(ctx, "r")
				require.NoError(t, err)
				checkRows(t, rows)
			})
		})
	}
}

// What returns nil after the run was cancelled is done, and a checkpoint has it.
func TestDoneAfterCancel(t *testing.T) {
	inSim(t, func() {
		st := store.NewMemory()
		ctx, cancel := sched.WithCancel(context.Background())
		var ran []string
		p := engine.New[kept]("p", engine.Options{})
		p.Step("a", func(ctx context.Context, s *kept) error {
			ran, s.Approved = append(ran, "a"), true
			cancel()
			_ = wait(ctx, nil)
			return nil
		}, engine.NodeOptions{}).To(p.Step("b", func(_ context.Context, s *kept) error {
			assert.True(t, s.Approved)
			ran = append(ran, "b")
			return nil
		}, engine.NodeOptions{}))
		rec := &recorder{}
		_, err := p.Run(ctx, &kept{}, engine.RunOptions{ID: "r", Store: st, Observers: []engine.Observer{rec}})
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, "START S(a) CANCELLED E(a) K FINISH=cancelled", trace(rec.events))
		_, err = p.Run(context.Background(), nil, engine.RunOptions{Store: st, Resume: "r"})
		require.NoError(t, err)
		assert.Equal(t, []string{"a", "b"}, ran)
	})
}

// A run that another definition has begun, or none, is not resumed, and nothing happens.
func TestResumeIsRefused(t *testing.T) {
	st := store.NewMemory()
	ctx := context.Background()
	_, err := approval().Run(ctx, &kept{}, engine.RunOptions{ID: "r", Store: st})
	require.ErrorIs(t, err, engine.ErrSuspended)
	before, err := st.Load(ctx, "r")
	require.NoError(t, err)

	rec := &recorder{}
	other := engine.New[kept]("p", engine.Options{})
	other.OnStart(func(context.Context, *kept) error { panic("called") })
	other.Step("a", func(context.Context, *kept) error { panic("called") }, engine.NodeOptions{})
	_, err = other.Run(ctx, nil, engine.RunOptions{Store: st, Resume: "r", Observers: []engine.Observer{rec}})
	assert.ErrorIs(t, err, engine.ErrPlanChanged)
	_, err = approval().Run(ctx, nil, engine.RunOptions{Store: st, Resume: "nosuch", Observers: []engine.Observer{rec}})
	assert.ErrorIs(t, err, engine.ErrUnknownRun)
	assert.Empty(t, rec.events)
	after, err := st.Load(ctx, "r")
	require.NoError(t, err)
	assert.Equal(t, before, after)

	_, err = other.Load(ctx, st, "r")
	assert.ErrorIs(t, err, engine.ErrPlanChanged)
	_, err = approval().Load(ctx, st, "nosuch")
	assert.ErrorIs(t, err, engine.ErrUnknownRun)
}

// Attempts go on counting when a run is resumed. Those of the process before are not
// counted for the bound, time limits begin again, and the step is told.
func TestResumedAttempts(t *testing.T) {
	inSim(t, func() {
		var infos []engine.StepInfo
		var took []time.Duration
		p := func() *engine.Pipeline[kept] {
			p := engine.New[kept]("p", engine.Options{})
			p.Step("a", func(ctx context.Context, _ *kept) error {
				infos = append(infos, engine.Info(ctx))
				began := sched.Now()
				err := wait(ctx, nil)
				took = append(took, sched.Since(began))
				return err
			}, engine.NodeOptions{Timeout: time.Second, Retry: engine.RetryPolicy{MaxAttempts: 2}})
			return p
		}
		st := store.NewMemory()
		opts := engine.RunOptions{ID: "r", Store: st, Timeout: 3 * time.Second}
		for range 2 {
			result, err := p().Run(context.Background(), &kept{}, opts)
			require.ErrorIs(t, err, engine.ErrStepTimeout)
			assert.Equal(t, engine.Failed, result.Status)
			assert.Equal(t, 2*time.Second, result.Duration)
			opts.ID, opts.Resume = "", "r"
		}
		assert.Equal(t, []time.Duration{time.Second, time.Second, time.Second, time.Second}, took)
		for i, info := range infos {
			assert.Equal(t, []any{i + 1, 1, i >= 2}, []any{info.Attempt, info.Invocation, info.Resumed})
		}
		require.Len(t, infos, 4)
	})
}

// Items of a map that have ended are passed over when it runs again; a slice of another
// length is a changed plan.
func TestResumedItems(t *testing.T) {
	for _, slice := range []bool{true, false} {
		inSim(t, func() {
			var done []int
			st := store.NewMemory()
			p := func(n int, bad bool) *engine.Pipeline[kept] {
				items := numbers[kept](n)
				if !slice {
					items = engine.Seq(func(context.Context, *kept) iter.Seq[int] { return below(n) })
				}
				p := engine.New[kept]("p", engine.Options{})
				engine.Map(p, "m", engine.Each[kept, int]{Items: items, Do: func(_ context.Context, _ *kept, item int) error {
					if done = append(done, item); bad && item == 2 {
						return errBad
					}
					return nil
				}}, engine.MapOptions{MaxConcurrency: 1})
				return p
			}
			ctx := context.Background()
			_, err := p(4, true).Run(ctx, &kept{}, engine.RunOptions{ID: "r", Store: st})
			require.ErrorIs(t, err, errBad)
			assert.Equal(t, []int{0, 1, 2}, done)
			if slice {
				_, err = p(5, false).Run(ctx, nil, engine.RunOptions{Store: st, Resume: "r"})
				require.ErrorIs(t, err, engine.ErrPlanChanged)
				assert.ErrorContains(t, err, `map "m" had 4 items and now has 5`)
				assert.Len(t, done, 3)
			}
			done = nil
			_, err = p(4, false).Run(ctx, nil, engine.RunOptions{Store: st, Resume: "r"})
			require.NoError(t, err)
			assert.Equal(t, []int{2, 3}, done)
		})
	}
}

// A process that dies in a hook at the end, or before the last row is written, leaves a
// run whose steps do not run again, and whose hooks do.
func TestDeathAtTheEnd(t *testing.T) {
	for _, dies := range []string{"in a hook", "before the row"} {
		inSim(t, func() {
			var ran []string
			dead := false
			st := &picky{Memory: store.NewMemory()}
			st.refuse = func(b store.Batch) bool { return dead || dies == "before the row" && b.Release }
			make1 := inTwo(&ran, func(context.Context) error { return nil })
			p := make1()
			p.OnFinish(func(context.Context, *kept, engine.Result) error { dead = dies == "in a hook"; return nil })
			rec := &recorder{}
			result, err := p.Run(context.Background(), &kept{}, engine.RunOptions{ID: "r", Store: st, Observers: []engine.Observer{rec}})
			require.ErrorIs(t, err, engine.ErrStore, dies)
			require.ErrorIs(t, err, errDead)
			assert.Equal(t, engine.Failed, result.Status)
			assert.Equal(t, "START S(a) E(a) K S(b) E(b) K FINISH=failed", trace(rec.events))
			row, err := st.Load(context.Background(), "r")
			require.NoError(t, err)
			assert.Equal(t, store.Running, row.Run.Status, "it shows as interrupted when the lease is over")

			sched.Sleep(time.Minute)
			assert.Equal(t, store.Interrupted, row.Run.At(sched.Now()))
			st.refuse, ran, dead = nil, nil, false
			again := make1()
			again.OnFinish(func(context.Context, *kept, engine.Result) error { return nil })
			_, err = again.Run(context.Background(), nil, engine.RunOptions{Store: st, Resume: "r"})
			require.NoError(t, err)
			assert.Equal(t, []string{"start", "finish"}, ran)
		})
	}
}

// Without a store a suspended run is over; options that have to do with one are looked
// at before anything happens.
func TestStoreOptions(t *testing.T) {
	result, err := approval().Run(context.Background(), &kept{}, engine.RunOptions{ID: "r"})
	require.ErrorIs(t, err, engine.ErrSuspended)
	assert.Equal(t, "approval", result.Reason)
	st := store.NewMemory()
	for want, opts := range map[string]engine.RunOptions{
		"RunOptions.Resume is set, but there is no Store to resume from":  {Resume: "r"},
		"RunOptions.ID and Resume are two runs":                           {Resume: "r", ID: "s", Store: st},
		"RunOptions.Start is set, but a resumed run goes on where it was": {Resume: "r", Start: "a", Store: st},
	} {
		_, err := approval().Run(context.Background(), nil, opts)
		assert.ErrorIs(t, err, engine.ErrDefinition)
		assert.EqualError(t, err, fmt.Sprintf(`engine: pipeline "p": %s [option]`, want))
	}
	runs, err := st.Runs(context.Background(), store.Query{})
	require.NoError(t, err)
	assert.Empty(t, runs)
}
