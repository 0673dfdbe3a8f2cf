package fuzz

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

// FuzzEngine runs random pipelines under random schedules and compares what their
// functions and observers see with a sequential model.
func FuzzEngine(f *testing.F) {
	f.Add([]byte{1, 5, 1, 9, 9, 9, 9, 0xff, 0x80, 0x40, 0xc0})
	f.Add([]byte("\x05\x01\x09\x01\xff\xff\x00\x80\xff\x80\xff\xa0\xff\x90\xff"))
	check.Fuzz(f, func(t *check.T, r *rapid.T) {
		p := drawPlan(r)
		pipe := p.pipeline()
		require.NoError(t, pipe.Validate())
		var all sched.WaitGroup
		if p.twins {
			all.Go(func() { p.use(t, pipe) })
		}
		p.use(t, pipe)
		all.Wait()
	})
}

// pipeline builds what p describes.
func (p *plan) pipeline() *engine.Pipeline[probe] {
	pipe := engine.New[probe]("random", engine.Options{MultiRoot: true, MaxRetries: p.retries, MaxJumps: p.jumps})
	var nodes []*engine.Node[probe]
	for i := range p.nodes {
		nodes = append(nodes, p.add(pipe, i))
	}
	for i, n := range p.nodes {
		for _, k := range n.from {
			nodes[k].To(nodes[i])
		}
		if n.target >= 0 {
			nodes[i].MayGoto(nodes[n.target])
		}
	}
	return pipe
}

// add adds node i.
func (p *plan) add(pipe *engine.Pipeline[probe], i int) *engine.Node[probe] {
	n, name := &p.nodes[i], fmt.Sprint(i)
	opts := engine.MapOptions{MaxConcurrency: n.limit}
	items := engine.Slice(func(ctx context.Context, s *probe) ([]int, error) { return s.list(ctx, i) })
	do := func(ctx context.Context, s *probe, k int) error { _, err := s.item(ctx, i, k); return err }
	switch n.kind {
	case each:
		return engine.Map(pipe, name, engine.Each[probe, int]{Items: items, Do: do}, opts)
	case iterated:
		items = engine.Seq(func(_ context.Context, s *probe) iter.Seq[int] { return s.iterate(i) })
		return engine.Map(pipe, name, engine.Each[probe, int]{Items: items, Do: do}, opts)
	case gather:
		return engine.MapGather(pipe, name, engine.Gather[probe, int, string]{
			Items:   items,
			Do:      func(ctx context.Context, s *probe, k int) (string, error) { return s.item(ctx, i, k) },
			Collect: func(ctx context.Context, s *probe, k int, r string) error { return s.collect(ctx, i, k, r) },
		}, opts)
	}
	return pipe.Step(name, func(ctx context.Context, s *probe) error { return s.step(ctx, i) }, engine.NodeOptions{})
}

// use runs the pipeline and judges it.
func (p *plan) use(t *check.T, pipe *engine.Pipeline[probe]) {
	s := newProbe(t, p)
	a := &audit{s: s}
	ctx, cancel := sched.WithCancelCause(t.Context())
	opts := engine.RunOptions{ID: "run", Buffer: p.buffer}
	var result engine.Result
	var err error
	switch p.usage {
	case alone:
		opts.ID = ""
		result, err = pipe.Run(ctx, s, opts)
	case late:
		ctx, stop := sched.WithTimeout(ctx, time.Microsecond)
		defer stop()
		opts.Observers = []engine.Observer{a}
		result, err = pipe.Run(ctx, s, opts)
	case observed, panicking, ended:
		if p.usage == ended {
			sched.Go(func() { cancel(errOutside) })
		}
		opts.Observers = []engine.Observer{a}
		result, err = pipe.Run(ctx, s, opts)
	default:
		result, err = s.stream(ctx, pipe, opts, a)
	}
	s.over = true
	cancel(nil)
	s.judge(result, err)
	s.compare(result)
	a.account(pipe.Describe(), result)
}

// stream runs the pipeline as a stream.
func (s *probe) stream(ctx context.Context, pipe *engine.Pipeline[probe], opts engine.RunOptions, a *audit) (engine.Result, error) {
	run, err := pipe.Stream(ctx, s, opts)
	require.NoError(s.t, err)
	if s.p.usage == cancelled {
		sched.Go(func() {
			sched.Yield() // else it is always the first, as nothing in Cancel before it acts is a point
			run.Cancel(errOutside)
		})
	}
	if s.p.usage != unread {
		for e := range run.Events() {
			a.Observe(e)
			if s.p.usage == left && len(a.events) > s.p.after {
				break
			}
		}
	}
	return run.Wait()
}

// judge checks how the run has ended, given how functions have ended in it.
func (s *probe) judge(result engine.Result, err error) {
	t := s.t
	want := engine.Success
	switch {
	case len(s.broken) > 0:
		want = engine.Failed
	case s.ends[stopped]:
		want = engine.Stopped
	case s.ends[suspended]:
		want = engine.Suspended
	}
	status, cause := s.p.usage.external()
	if result.Status == status {
		assert.ErrorIs(t, err, cause)
	} else {
		assert.Equal(t, want, result.Status)
	}
	assert.Equal(t, result.Status != engine.Success && result.Status != engine.Stopped, err != nil, "error of the run")
	if err != nil {
		var re *engine.RunError
		require.ErrorAs(t, err, &re)
		assert.Equal(t, result, re.Result)
	}
	s.failures(result)
	for _, c := range s.causes {
		switch result.Status {
		case engine.Failed:
			s.sibling(c, result.Failures)
		case status:
			assert.ErrorIs(t, c.cause, cause)
		default:
			assert.NoError(t, c.cause, "cause of a context that should not be done")
		}
	}
	if s.last != nil {
		assert.Error(t, engine.Emit(s.last, 0), "Emit after the run")
	}
}

// sibling checks why a context is done after a failure: because of the first one. Only
// that of an item may be done because its map has failed otherwise than by an item, of
// which the event comes when all items have ended, and some may fail before.
func (s *probe) sibling(c doneContext, failures []*engine.StepError) {
	assert.ErrorIs(s.t, c.cause, engine.ErrSibling)
	var cause *engine.StepError
	require.ErrorAs(s.t, c.cause, &cause)
	for _, f := range failures {
		if f.Path == cause.Path && f.Reason == cause.Reason {
			return
		}
		if !strings.HasPrefix(c.path, cause.Path+"[") {
			break
		}
	}
	assert.Fail(s.t, "wrong cause", "of the context of %s: %v, want that of %v", c.path, cause, failures)
}

// failures compares the failures with those of the functions.
func (s *probe) failures(result engine.Result) {
	told := map[string]int{}
	for _, f := range result.Failures {
		told[f.Path]++
		assert.Contains(s.t, s.broken[f.Path], effect(f.Reason), "failure of %s", f.Path)
		if f.Reason == "error" || f.Reason == "panic" {
			assert.ErrorIs(s.t, f, errPlanned)
		}
		var p *engine.PanicError
		assert.Equal(s.t, f.Reason == "panic", errors.As(f.Err, &p))
	}
	for path, all := range s.broken {
		// Of what makes the items and collects them, a map tells one.
		assert.GreaterOrEqual(s.t, len(all), told[path])
		assert.Positive(s.t, told[path], "%s has failed", path)
	}
}

// compare compares what has run with the model.
func (s *probe) compare(result engine.Result) {
	m := s.p.model()
	status, _ := s.p.usage.external()
	whole := result.Status != status && !m.early()
	if result.Status != status {
		assert.Equal(s.t, m.early(), result.Status != engine.Success, "%s", result.Status)
	}
	for i := range s.nodes {
		n, np := &s.p.nodes[i], &s.nodes[i]
		assert.False(s.t, np.busyNow(), "node %d runs on", i)
		assert.LessOrEqual(s.t, np.runs, m.runs[i], "node %d", i)
		if m.behind[i] {
			assert.Zero(s.t, np.runs, "node %d is behind one that ends the run", i)
		}
		if whole || s.p.chain && result.Status != status {
			assert.Equal(s.t, m.runs[i], np.runs, "node %d", i)
		}
		s.compareItems(i, n.results(s.p.retries), whole && np.gave == none && np.runs > 0)
		np.load()
	}
}

// compareItems compares the items of a node with what they should do. All must have
// been done if whole.
func (s *probe) compareItems(i int, results []int, whole bool) {
	n, np := &s.p.nodes[i], &s.nodes[i]
	for k, it := range np.items {
		if want := np.runs + n.items[k].retries; whole {
			assert.Equal(s.t, want, it.calls, "item %d of node %d", k, i)
		} else {
			assert.LessOrEqual(s.t, it.calls, want, "item %d of node %d", k, i)
		}
	}
	if n.kind != gather {
		return
	}
	if whole {
		assert.Equal(s.t, results, np.collected, "results of node %d", i)
		return
	}
	for j, k := range np.collected {
		assert.Contains(s.t, results, k, "results of node %d", i)
		assert.True(s.t, j == 0 || np.collected[j-1] < k, "order of the results of node %d", i)
	}
}
