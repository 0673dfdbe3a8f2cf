package engine_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

var policyCases = []struct {
	name   string
	define func(p *pipeline)
	want   map[engine.Policy]string
}{
	{"a step fails before another", func(p *pipeline) {
		p.Step("a", fail, engine.NodeOptions{}).To(p.Step("b", ok, engine.NodeOptions{}))
	}, map[engine.Policy]string{
		engine.FailFast:        "START S(a) X(a) FINISH=failed",
		engine.FinishSiblings:  "START S(a) X(a) FINISH=failed",
		engine.ContinueOnError: "START S(a) X(a) S(b) E(b) FINISH=failed",
	}},
	{"a branch fails while the other goes on", func(p *pipeline) {
		n := joined(p, engine.All, fail, ok)
		n[2].To(p.Step("c", ok, engine.NodeOptions{}))
	}, map[engine.Policy]string{
		engine.FailFast:        "START S(r) E(r) S(a) S(b) X(a) E(b) FINISH=failed",
		engine.FinishSiblings:  "START S(r) E(r) S(a) S(b) X(a) E(b) S(c) E(c) FINISH=failed",
		engine.ContinueOnError: "START S(r) E(r) S(a) S(b) X(a) W(j) E(b) G(j) S(j) S(c) E(c) E(j) FINISH=failed",
	}},
	{"a switch fails", func(p *pipeline) {
		n := nodes(p, ok, "x", "y", "z")
		n[0].To(n[2])
		n[1].To(n[2])
		choose(p, "s", "nosuch", n[0], n[1])
	}, map[engine.Policy]string{
		engine.FailFast:        "START S(s) X(s) FINISH=failed",
		engine.FinishSiblings:  "START S(s) X(s) FINISH=failed",
		engine.ContinueOnError: "START S(s) X(s) FINISH=failed",
	}},
	{"a switch fails beside another way", func(p *pipeline) {
		n := nodes(p, ok, "r", "x", "y", "z")
		n[0].To(choose(p, "s", "nosuch", n[1]), n[2])
		n[1].To(n[3])
		n[2].To(n[3])
	}, map[engine.Policy]string{
		engine.FailFast:        "START S(r) E(r) S(s) S(y) X(s) E(y) FINISH=failed",
		engine.FinishSiblings:  "START S(r) E(r) S(s) S(y) X(s) E(y) FINISH=failed",
		engine.ContinueOnError: "START S(r) E(r) S(s) S(y) X(s) E(y) S(z) E(z) FINISH=failed", // no route is no parent
	}},
	{"an item fails", func(p *pipeline) {
		mapOf(p, "m", 3, func(_ context.Context, item int) error {
			if item == 0 {
				return errBad
			}
			return nil
		}, 1).To(p.Step("z", ok, engine.NodeOptions{}))
	}, map[engine.Policy]string{
		engine.FailFast:        mapOf3 + "X(m[0]) D(m) X(m) FINISH=failed",
		engine.FinishSiblings:  mapOf3 + "X(m[0]) S(m[1]) E(m[1]) S(m[2]) E(m[2]) D(m) X(m) FINISH=failed",
		engine.ContinueOnError: mapOf3 + "X(m[0]) S(m[1]) E(m[1]) S(m[2]) E(m[2]) D(m) X(m) S(z) E(z) FINISH=failed",
	}},
	{"Items fail", func(p *pipeline) {
		mapSeq2(p, []any{0, errBad, 1}).To(p.Step("z", ok, engine.NodeOptions{}))
	}, map[engine.Policy]string{
		engine.FailFast:        "START S(m) M(m)=-1 S(m[0]) C(m[0]) D(m) X(m) FINISH=failed",
		engine.FinishSiblings:  "START S(m) M(m)=-1 S(m[0]) E(m[0]) D(m) X(m) FINISH=failed",
		engine.ContinueOnError: "START S(m) M(m)=-1 S(m[0]) E(m[0]) D(m) X(m) S(z) E(z) FINISH=failed",
	}},
	{"an inner run fails", func(p *pipeline) {
		inner := engine.New[state]("inner", engine.Options{})
		inner.Step("c", fail, engine.NodeOptions{}).To(inner.Step("d", ok, engine.NodeOptions{}))
		sub(p, "s", inner, engine.NodeOptions{}).To(p.Step("z", ok, engine.NodeOptions{}))
	}, map[engine.Policy]string{ // the inner one has its own, FailFast
		engine.FailFast:        subRun + "X(s) FINISH=failed",
		engine.FinishSiblings:  subRun + "X(s) FINISH=failed",
		engine.ContinueOnError: subRun + "X(s) S(z) E(z) FINISH=failed",
	}},
	{"two fail", func(p *pipeline) {
		p.Step("r", ok, engine.NodeOptions{}).To(p.Step("a", fail, engine.NodeOptions{}), p.Step("b", fail, engine.NodeOptions{}))
	}, map[engine.Policy]string{
		engine.FailFast:        "START S(r) E(r) S(a) S(b) X(a) X(b) FINISH=failed",
		engine.FinishSiblings:  "START S(r) E(r) S(a) S(b) X(a) X(b) FINISH=failed",
		engine.ContinueOnError: "START S(r) E(r) S(a) S(b) X(a) X(b) FINISH=failed",
	}},
}

const mapOf3 = "START S(m) M(m)=3 S(m[0]) "

// mapSeq2 adds a map over an iterator that yields numbers, which wait for their
// context or a second, and errors.
func mapSeq2(p *pipeline, yields []any) *engine.Node[state] {
	return engine.Map(p, "m", engine.Each[state, int]{
		Items: engine.Seq2(func(context.Context, *state) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) {
				for _, v := range yields {
					item, _ := v.(int)
					err, _ := v.(error)
					if !yield(item, err) {
						return
					}
				}
			}
		}),
		Do: func(ctx context.Context, _ *state, _ int) error {
			timer := sched.NewTimer(time.Second)
			defer timer.Stop()
			sched.Select(timer.C.Receiving(nil, nil), sched.Done(ctx).Receiving(nil, nil))
			return ctx.Err()
		},
	}, engine.MapOptions{})
}

// Each policy does with an unhandled failure what it says, and all say failed.
func TestPolicies(t *testing.T) {
	for _, c := range policyCases {
		for policy, want := range c.want {
			t.Run(c.name+"/"+policy.String(), func(t *testing.T) {
				events, result, err := setting{opts: engine.Options{Policy: policy}}.run(t, c.define)
				assert.Equal(t, want, trace(events))
				assert.Equal(t, engine.Failed, result.Status)
				var failed *engine.RunError
				require.ErrorAs(t, err, &failed)
				for _, f := range result.Failures {
					assert.ErrorIs(t, err, f.Err)
					assert.Equal(t, event.StepError, events[f.Seq-1].Type)
					assert.Equal(t, f.Path, events[f.Seq-1].Path)
				}
				assert.Equal(t, result.Failures[0], result.Failure())
				assert.Equal(t, result.Failures[0].Error(), result.Reason)
			})
		}
	}
}

// What fails because of what is inside it says so and adds no failure.
func TestDerivedFailures(t *testing.T) {
	derived := func(events []event.Event) (all []string) {
		for _, e := range events {
			if d, ok := e.Data.(event.Failed); ok && d.Derived {
				all = append(all, e.Path)
			}
		}
		return all
	}
	events, result, _ := simulateRun(t, func(p *pipeline) {
		mapOf(p, "m", 2, func(context.Context, int) error { return errBad }, 1)
	}, context.Background())
	assert.Equal(t, []string{"m"}, derived(events))
	require.Len(t, result.Failures, 1)
	assert.Equal(t, "m[0]", result.Failures[0].Path)

	events, result, err := simulateRun(t, func(p *pipeline) {
		inner := engine.New[state]("inner", engine.Options{})
		inner.Step("c", fail, engine.NodeOptions{})
		sub(p, "s", inner, engine.NodeOptions{})
	}, context.Background())
	assert.Equal(t, []string{"s"}, derived(events))
	require.Len(t, result.Failures, 1)
	var inner *engine.RunError
	require.ErrorAs(t, result.Failures[0].Err, &inner)
	assert.Equal(t, "s/c", inner.Result.Failures[0].Path)
	assert.ErrorIs(t, err, errBad)
}

// Under FailFast the others are cancelled with a cause that tells the failure, and
// those that return an error of their own add it.
func TestSiblingCause(t *testing.T) {
	var took time.Duration
	var cause error
	_, result, err := simulateRun(t, func(p *pipeline) {
		p.Step("a", func(context.Context, *state) error { sched.Sleep(time.Minute); return errBad }, engine.NodeOptions{})
		p.Step("b", until(&took, &cause, errWorse), engine.NodeOptions{})
	}, context.Background())
	assert.Equal(t, time.Minute, took)
	assert.ErrorIs(t, cause, engine.ErrSibling)
	assert.ErrorIs(t, cause, errBad)
	assert.EqualError(t, cause, "engine: another step failed: step a: bad")
	require.Len(t, result.Failures, 2)
	assert.Equal(t, "a", result.Failure().Path)
	assert.ErrorIs(t, err, errWorse)
}

// Other policies cancel nothing.
func TestSiblingsGoOn(t *testing.T) {
	for _, policy := range []engine.Policy{engine.FinishSiblings, engine.ContinueOnError} {
		_, result, _ := setting{opts: engine.Options{Policy: policy}}.run(t, func(p *pipeline) {
			p.Step("a", fail, engine.NodeOptions{})
			p.Step("b", func(ctx context.Context, _ *state) error { sched.Sleep(time.Minute); return ctx.Err() }, engine.NodeOptions{})
		})
		assert.Len(t, result.Failures, 1)
		assert.Equal(t, 1, result.Metrics.OK)
	}
}

// A map that skips, when an item of it has failed, has failed.
func TestFailedMapDoesNotSkip(t *testing.T) {
	define := func(err error) func(p *pipeline) {
		return func(p *pipeline) {
			engine.Map(p, "m", engine.Each[state, int]{
				Items: engine.Seq2(func(context.Context, *state) iter.Seq2[int, error] {
					return func(yield func(int, error) bool) { _ = yield(0, nil) && yield(0, err) }
				}),
				Do: func(context.Context, *state, int) error { return errBad },
			}, engine.MapOptions{}).To(p.Step("z", ok, engine.NodeOptions{}))
		}
	}
	const begin = "START S(m) M(m)=-1 S(m[0]) X(m[0]) D(m) "
	for policy, end := range map[engine.Policy]string{engine.FinishSiblings: "X(m) FINISH=failed", engine.ContinueOnError: "X(m) S(z) E(z) FINISH=failed"} {
		events, _, _ := setting{opts: engine.Options{Policy: policy}}.run(t, define(engine.Skip))
		assert.Equal(t, begin+end, trace(events))
	}
}
