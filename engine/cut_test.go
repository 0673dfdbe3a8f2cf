package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// onReference runs body on the reference schedule.
func onReference(t *testing.T, body func()) {
	t.Helper()
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	assert.NoError(t, sim.Run(lowestFirst{}, 1, body).End)
}

// lasting is a step that takes some time.
func lasting[S any](d time.Duration) engine.StepFunc[S] {
	return func(context.Context, *S) error { sched.Sleep(d); return nil }
}

// cutsOf are the kinds of the checkpoints in events.
func cutsOf(events []event.Event) []string {
	var all []string
	for _, e := range events {
		if d, ok := e.Data.(event.Checkpointed); ok {
			all = append(all, d.Cut)
		}
	}
	return all
}

// traced runs p with a store and returns its events in a line, and why checkpoints were
// written.
func traced[S any](t *testing.T, p *engine.Pipeline[S], opts engine.RunOptions) (line string, cuts []string) {
	rec := &recorder{}
	onReference(t, func() {
		rec.events = nil
		if opts.Store == nil {
			opts.Store = store.NewMemory()
		}
		opts.Observers = []engine.Observer{rec}
		_, _ = p.Run(context.Background(), new(S), opts)
		opts.Store = nil
	})
	return trace(rec.events), cutsOf(rec.events)
}

// When the last checkpoint is too old, what follows waits for another one. What ends
// before waits too, and all goes on in the order of the ends.
func TestForcedCheckpoint(t *testing.T) {
	p := engine.New[kept]("p", engine.Options{MultiRoot: true})
	p.Step("a", lasting[kept](time.Second), engine.NodeOptions{}).To(p.Step("c", lasting[kept](time.Second), engine.NodeOptions{}))
	p.Step("b", lasting[kept](3*time.Second), engine.NodeOptions{}).To(p.Step("d", lasting[kept](2*time.Second), engine.NodeOptions{}))
	line, cuts := traced(t, p, engine.RunOptions{CheckpointEvery: time.Second})
	assert.Equal(t, "START S(a) S(b) E(a) E(b) K S(c) S(d) E(c) E(d) K FINISH=success", line)
	assert.Equal(t, []string{"forced", "forced"}, cuts)
	line, cuts = traced(t, p, engine.RunOptions{CheckpointEvery: 2 * time.Second})
	assert.Equal(t, "START S(a) S(b) E(a) S(c) E(c) E(b) K S(d) E(d) K FINISH=success", line)
	assert.Equal(t, []string{"forced", "natural"}, cuts)
}

// In a map, too: items that have ended are not worked on again.
func TestForcedCheckpointInMap(t *testing.T) {
	define := func(do func(item int) error) *engine.Pipeline[kept] {
		p := engine.New[kept]("p", engine.Options{})
		engine.Map(p, "m", engine.Each[kept, int]{Items: numbers[kept](6), Do: func(_ context.Context, _ *kept, item int) error {
			sched.Sleep(time.Second)
			return do(item)
		}}, engine.MapOptions{MaxConcurrency: 2})
		return p
	}
	onReference(t, func() {
		first, second := &recorder{}, &recorder{}
		d := newDying()
		d.left = 100
		opts := engine.RunOptions{ID: "r", Store: d, CheckpointEvery: 2 * time.Second, Observers: []engine.Observer{first}}
		_, err := define(func(item int) error {
			if item == 4 {
				d.left = 0
			}
			return nil
		}).Run(context.Background(), &kept{}, opts)
		assert.ErrorIs(t, err, errDead)
		assert.Equal(t, []string{"forced"}, cutsOf(first.events))
		sched.Sleep(time.Minute)
		d.left = 100
		_, err = define(func(int) error { return nil }).Run(context.Background(), nil, engine.RunOptions{Store: d, Resume: "r", Observers: []engine.Observer{second}})
		require.NoError(t, err)
		assert.Equal(t, "START S(m)#2 M(m)#2=6 S(m[4])#2 S(m[5])#2 E(m[4])#2 E(m[5])#2 D(m)#2 E(m)#2 K FINISH=success", trace(second.events))
	})
	line, cuts := traced(t, define(func(item int) error {
		if item == 5 {
			return errBad
		}
		return nil
	}), engine.RunOptions{CheckpointEvery: 2 * time.Second})
	assert.Equal(t, "START S(m) M(m)=6 S(m[0]) S(m[1]) E(m[0]) S(m[2]) E(m[1]) S(m[3]) E(m[2]) E(m[3]) K S(m[4]) S(m[5]) E(m[4]) X(m[5]) D(m) X(m) K FINISH=failed", line)
	assert.Equal(t, []string{"forced", "end"}, cuts)
}

// snapped is a state that is kept while steps run.
type snapped struct{ N int }

func (s *snapped) Snapshot() ([]byte, error) {
	switch s.N {
	case 1:
		return nil, errBad
	case 2:
		panic("a panic")
	}
	return json.Marshal(s)
}

// With a Snapshotter each end is kept before what follows it starts.
func TestSnapshots(t *testing.T) {
	p := engine.New[snapped]("p", engine.Options{MultiRoot: true})
	p.Step("a", lasting[snapped](time.Second), engine.NodeOptions{}).To(p.Step("c", lasting[snapped](0), engine.NodeOptions{}))
	p.Step("b", lasting[snapped](2*time.Second), engine.NodeOptions{})
	line, cuts := traced(t, p, engine.RunOptions{CheckpointEvery: time.Second})
	assert.Equal(t, "START S(a) S(b) E(a) K S(c) E(c) K E(b) K FINISH=success", line)
	assert.Equal(t, []string{"snapshot", "snapshot", "natural"}, cuts)
	for n, what := range []string{1: "bad", 2: "panic: a panic"} {
		p := engine.New[snapped]("p", engine.Options{})
		p.Step("a", func(_ context.Context, s *snapped) error { s.N = n; return nil }, engine.NodeOptions{})
		if n == 0 {
			continue
		}
		_, err := p.Run(t.Context(), &snapped{}, engine.RunOptions{Store: store.NewMemory()})
		assert.ErrorIs(t, err, engine.ErrStore)
		assert.ErrorContains(t, err, what)
	}
}

// suspending is a pipeline with one inside, whose second step fails n times by err.
func suspending(n int, err error) *engine.Pipeline[kept] {
	inner := engine.New[kept]("inner", engine.Options{})
	count := func(_ context.Context, s *kept) error { s.Done = append(s.Done, 1); return nil }
	inner.Step("c", count, engine.NodeOptions{}).To(inner.Step("d", func(_ context.Context, s *kept) error {
		if n > 0 {
			n--
			return err
		}
		s.Done = append(s.Done, 2)
		return nil
	}, engine.NodeOptions{}))
	p := engine.New[kept]("p", engine.Options{})
	engine.Sub(p, "r", engine.Bind[kept, kept]{Inner: inner,
		In:  func(context.Context, *kept) (*kept, error) { return &kept{}, nil },
		Out: func(_ context.Context, s, inner *kept) error { s.Done = inner.Done; return nil }}, engine.NodeOptions{})
	return p
}

// What has ended in a run inside another one does not run again, whatever has come in
// its way.
func TestInnerRunGoesOn(t *testing.T) {
	for _, test := range []struct {
		err         error
		first, then string
	}{
		{engine.Suspend("approval"), "Z(r/d) K <(r)=suspended Z(r) K FINISH=suspended", "suspend suspend"},
		{errBad, "X(r/d) K <(r)=failed X(r) K FINISH=failed", ""},
		{errors.Join(context.Canceled, errBad), "X(r/d) K <(r)=failed X(r) K FINISH=failed", ""},
	} {
		onReference(t, func() {
			st := store.NewMemory()
			first, second := &recorder{}, &recorder{}
			p := suspending(1, test.err)
			_, err := p.Run(context.Background(), &kept{}, engine.RunOptions{ID: "r", Store: st, Observers: []engine.Observer{first}})
			require.Error(t, err)
			assert.Equal(t, "START S(r) >(r) S(r/c) E(r/c) K S(r/d) "+test.first, trace(first.events))
			_, err = p.Run(context.Background(), nil, engine.RunOptions{Store: st, Resume: "r", Observers: []engine.Observer{second}})
			require.NoError(t, err)
			assert.Equal(t, "START S(r)#2 >(r) S(r/d)#2 E(r/d)#2 K <(r)=success E(r)#2 K FINISH=success", trace(second.events))
			assert.Equal(t, first.events[2].RunID, second.events[2].RunID)
			assert.True(t, second.events[2].Data.(event.Started).Resumed)
			s, err := p.Load(context.Background(), st, "r")
			require.NoError(t, err)
			assert.Equal(t, []int{1, 2}, s.Done)
		})
	}
}

// Another attempt of a sub begins a new run, with a fresh state.
func TestRetryOfRestoredSub(t *testing.T) {
	inner := engine.New[kept]("inner", engine.Options{})
	n := 0
	inner.Step("c", func(_ context.Context, s *kept) error { s.Done = append(s.Done, 1); return nil }, engine.NodeOptions{}).
		To(inner.Step("d", func(context.Context, *kept) error {
			if n++; n < 3 {
				return errBad
			}
			return nil
		}, engine.NodeOptions{}))
	p := engine.New[kept]("p", engine.Options{})
	engine.Sub(p, "r", engine.Bind[kept, kept]{Inner: inner,
		In:  func(context.Context, *kept) (*kept, error) { return &kept{}, nil },
		Out: func(_ context.Context, s, inner *kept) error { s.Done = inner.Done; return nil },
	}, engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 2}})
	onReference(t, func() {
		st := store.NewMemory()
		n = 0
		rec := &recorder{}
		_, err := p.Run(context.Background(), &kept{}, engine.RunOptions{ID: "r", Store: st})
		require.ErrorIs(t, err, errBad)
		s := &kept{}
		_, err = p.Run(context.Background(), s, engine.RunOptions{Store: st, Resume: "r", Observers: []engine.Observer{rec}})
		require.NoError(t, err)
		assert.Equal(t, "START S(r)#3 >(r) S(r/d)#2 E(r/d)#2 K <(r)=success E(r)#3 K FINISH=success", trace(rec.events))
		assert.Equal(t, []int{1}, s.Done)
	})
}

// unkept is a state that JSON would lose.
type unkept struct{ n int }

// The states of runs inside another one are kept too, so they must survive that.
func TestInnerCodec(t *testing.T) {
	inner := engine.New[unkept]("inner", engine.Options{})
	inner.Step("c", func(_ context.Context, s *unkept) error { s.n++; return nil }, engine.NodeOptions{})
	p := engine.New[kept]("p", engine.Options{})
	engine.Sub(p, "r", engine.Bind[kept, unkept]{Inner: inner, In: func(context.Context, *kept) (*unkept, error) { return &unkept{}, nil }}, engine.NodeOptions{})
	_, err := p.Run(t.Context(), &kept{}, engine.RunOptions{Store: store.NewMemory()})
	assert.ErrorIs(t, err, engine.ErrDefinition)
	assert.ErrorContains(t, err, `node "r": pipeline "inner": a store would lose fields of the state: unkept.n is unexported`)
	_, err = p.Run(t.Context(), &kept{}, engine.RunOptions{CheckpointEvery: -1})
	assert.ErrorContains(t, err, "RunOptions.CheckpointEvery is -1ns")
}

// What waits for a checkpoint can be cancelled, stopped and left behind.
func TestEndsWhileHeldUp(t *testing.T) {
	for _, grace := range []time.Duration{0, time.Second} {
		for way := range 3 {
			t.Run(fmt.Sprint(grace, way), func(t *testing.T) { endHeldUp(t, grace, way) })
		}
	}
}

func endHeldUp(t *testing.T, grace time.Duration, way int) {
	onReference(t, func() {
		p := engine.New[kept]("p", engine.Options{MultiRoot: true})
		p.Step("a", lasting[kept](time.Second), engine.NodeOptions{}).To(p.Step("c", func(context.Context, *kept) error {
			t.Error("it starts although the run has ended")
			return nil
		}, engine.NodeOptions{}))
		p.Step("b", func(context.Context, *kept) error {
			sched.Sleep(5 * time.Second)
			return []error{nil, engine.Stop, errBad}[way]
		}, engine.NodeOptions{})
		opts := engine.RunOptions{Store: store.NewMemory(), CheckpointEvery: 1, Grace: grace}
		if way == 0 {
			opts.Timeout = 2 * time.Second
		}
		began := sched.Now()
		res, _ := p.Run(context.Background(), &kept{}, opts)
		assert.Equal(t, []engine.Status{engine.TimedOut, engine.Stopped, engine.Failed}[way], res.Status)
		want := 5 * time.Second
		if way == 0 && grace > 0 {
			want = 3 * time.Second
		}
		assert.Equal(t, want, sched.Since(began))
	})
}

// What was counted before a checkpoint is counted on.
func TestCountsGoOn(t *testing.T) {
	p := engine.New[kept]("p", engine.Options{})
	p.Step("a", func(ctx context.Context, _ *kept) error { engine.Count(ctx, "rows", 2); return nil }, engine.NodeOptions{}).
		To(p.Step("b", func(ctx context.Context, s *kept) error {
			engine.Count(ctx, "rows", 3)
			if engine.Info(ctx).Resumed {
				return nil
			}
			return engine.Suspend("tea")
		}, engine.NodeOptions{}))
	st := store.NewMemory()
	res, err := p.Run(t.Context(), &kept{}, engine.RunOptions{ID: "r", Store: st})
	require.ErrorIs(t, err, engine.ErrSuspended)
	assert.Equal(t, []event.Count{{Name: "rows", Value: 5}}, res.Metrics.Counts)
	res, err = p.Run(t.Context(), nil, engine.RunOptions{Store: st, Resume: "r"})
	require.NoError(t, err)
	assert.Equal(t, []event.Count{{Name: "rows", Value: 8}}, res.Metrics.Counts)
}
