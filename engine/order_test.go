package engine_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// shared is what pipelines write and read to see whether that is ordered.
type shared struct{ X race.Var[int] }

func (s *shared) write() { s.X.Store(s.X.Load() + 1) }

func write(_ context.Context, s *shared) error { s.write(); return nil }

func nothing(context.Context, *shared) error { return nil }

// writeSub adds a sub whose In, step and Out write the outer state.
func writeSub(p *engine.Pipeline[shared], name string) *engine.Node[shared] {
	inner := engine.New[shared]("inner", engine.Options{Codec: reading{}})
	inner.Step("c", write, engine.NodeOptions{})
	return engine.Sub(p, name, engine.Bind[shared, shared]{Inner: inner,
		In:  func(ctx context.Context, s *shared) (*shared, error) { return s, write(ctx, s) },
		Out: func(ctx context.Context, s, _ *shared) error { return write(ctx, s) },
	}, engine.NodeOptions{})
}

type observerFunc func(event.Event)

func (f observerFunc) Observe(e event.Event) { f(e) }

// writeItems is a map of three items that each write.
func writeItems(p *engine.Pipeline[shared], limit int) *engine.Node[shared] {
	return engine.Map(p, "m", engine.Each[shared, int]{
		Items: numbers[shared](3),
		Do:    func(_ context.Context, s *shared, _ int) error { s.write(); return nil },
	}, engine.MapOptions{MaxConcurrency: limit})
}

// orderTests are accesses that the engine orders, or does not.
var orderTests = []struct {
	name    string
	ordered bool
	define  func(p *engine.Pipeline[shared])
	use     func(s *shared, run func(observers ...engine.Observer))
}{
	{"step and successor", true, func(p *engine.Pipeline[shared]) {
		p.Step("a", write, engine.NodeOptions{}).To(p.Step("b", write, engine.NodeOptions{}))
	}, nil},
	{"predecessors and join", false, func(p *engine.Pipeline[shared]) {
		j := p.Step("j", write, engine.NodeOptions{})
		p.Step("a", write, engine.NodeOptions{}).To(j)
		p.Step("b", write, engine.NodeOptions{}).To(j) // not ordered after a
	}, nil},
	{"one predecessor and join", true, func(p *engine.Pipeline[shared]) {
		j := p.Step("j", write, engine.NodeOptions{})
		p.Step("a", write, engine.NodeOptions{}).To(j)
		p.Step("b", func(context.Context, *shared) error { return nil }, engine.NodeOptions{}).To(j)
	}, nil},
	{"all predecessors and join", true, func(p *engine.Pipeline[shared]) {
		j := p.Step("j", write, engine.NodeOptions{})
		p.Step("a", write, engine.NodeOptions{}).To(p.Step("b", write, engine.NodeOptions{}).To(j))
		p.Step("c", nothing, engine.NodeOptions{}).To(j)
	}, nil},
	{"the last predecessor and any", false, func(p *engine.Pipeline[shared]) {
		j := p.Step("j", write, engine.NodeOptions{Join: engine.Any})
		p.Step("a", write, engine.NodeOptions{}).To(j)
		p.Step("b", nothing, engine.NodeOptions{}).To(j)
	}, nil},
	{"OnStart and roots", true, func(p *engine.Pipeline[shared]) {
		p.OnStart(write)
		p.OnStart(write)
		p.Step("a", write, engine.NodeOptions{})
	}, nil},
	{"all and OnFinish", true, func(p *engine.Pipeline[shared]) {
		p.OnFinish(func(ctx context.Context, s *shared, _ engine.Result) error { return write(ctx, s) })
		p.OnFinish(func(ctx context.Context, s *shared, _ engine.Result) error { return write(ctx, s) })
		p.Step("a", nothing, engine.NodeOptions{})
		writeItems(p, 1)
	}, func(s *shared, run func(...engine.Observer)) {
		run()
		s.write()
	}},
	{"In, inner run and Out", true, func(p *engine.Pipeline[shared]) { writeSub(p, "s").To(p.Step("z", write, engine.NodeOptions{})) }, nil},
	{"inner run and branch", false, func(p *engine.Pipeline[shared]) { writeSub(p, "s"); p.Step("b", write, engine.NodeOptions{}) }, nil},
	{"branches", false, func(p *engine.Pipeline[shared]) {
		p.Step("a", write, engine.NodeOptions{})
		p.Step("b", write, engine.NodeOptions{})
	}, nil},
	{"items", false, func(p *engine.Pipeline[shared]) { writeItems(p, 0) }, nil},
	{"items, two at once", false, func(p *engine.Pipeline[shared]) { writeItems(p, 2) }, nil},
	{"items, one at a time", true, func(p *engine.Pipeline[shared]) { writeItems(p, 1) }, nil},
	{"items at once and successor", true, func(p *engine.Pipeline[shared]) {
		engine.Map(p, "m", engine.Each[shared, int]{Items: numbers[shared](3), Do: func(_ context.Context, s *shared, i int) error {
			s.writeIf(i == 1)
			return nil
		}}, engine.MapOptions{}).To(p.Step("z", write, engine.NodeOptions{}))
	}, nil},
	{"items and successor", true, func(p *engine.Pipeline[shared]) {
		writeItems(p, 1).To(p.Step("z", write, engine.NodeOptions{}))
	}, nil},
	{"item and branch", false, func(p *engine.Pipeline[shared]) {
		writeItems(p, 1)
		p.Step("z", write, engine.NodeOptions{})
	}, nil},
	{"iterator and its item", true, iterate(1), nil},
	{"iterator and an earlier item", false, iterate(2), nil},
	{"iterator and its item, which has waited for a slot", true, slot(2, 2), nil},
	{"iterator and the item before, which has waited for a slot", false, slot(3, 2), nil},
	{"result and its Collect", true, gathers(1, true, true), nil},
	{"results and their Collects", false, gathers(2, true, true), nil},
	{"Collect and the next one", true, gathers(3, false, true), nil},
	{"Collect and another item, one at a time", false, func(p *engine.Pipeline[shared]) {
		gather(p, 2, func(s *shared, i int) { s.readIf(i == 1) }, func(s *shared, i int) { s.writeIf(i == 0) })
	}, nil},
	{"item and another's Collect", true, func(p *engine.Pipeline[shared]) { // through the Collect between
		gather(p, 2, func(s *shared, i int) { s.writeIf(i == 0) }, func(s *shared, i int) { s.writeIf(i == 1) })
	}, nil},
	{"later item and another's Collect", false, func(p *engine.Pipeline[shared]) {
		gather(p, 2, func(s *shared, i int) { s.writeIf(i == 1) }, func(s *shared, i int) { s.writeIf(i == 0) })
	}, nil},
	{"Collect and successor", true, func(p *engine.Pipeline[shared]) {
		gather(p, 2, func(*shared, int) {}, func(s *shared, _ int) { s.write() }).To(p.Step("z", write, engine.NodeOptions{}))
	}, nil},
	{"attempt and the next one", true, func(p *engine.Pipeline[shared]) {
		tried := false
		p.Step("a", func(_ context.Context, s *shared) error {
			s.write()
			if !tried {
				tried = true
				return engine.RetryAfter(1)
			}
			return nil
		}, engine.NodeOptions{})
	}, nil},
	{"jumper and target", true, func(p *engine.Pipeline[shared]) {
		p.Step("a", func(_ context.Context, s *shared) error {
			s.write()
			return engine.Goto("b")
		}, engine.NodeOptions{}).MayGoto(p.Step("b", write, engine.NodeOptions{}))
	}, nil},
	{"jumper and a join that it let go", false, func(p *engine.Pipeline[shared]) {
		j := p.Step("j", write, engine.NodeOptions{})
		p.Step("o", func(context.Context, *shared) error { return nil }, engine.NodeOptions{}).To(j)
		p.Step("c", func(_ context.Context, s *shared) error {
			s.write()
			return engine.Goto("x")
		}, engine.NodeOptions{}).To(j).MayGoto(p.Step("x", func(context.Context, *shared) error { return nil }, engine.NodeOptions{}))
	}, nil},
	{"caller and run", true, func(p *engine.Pipeline[shared]) { p.Step("a", write, engine.NodeOptions{}) },
		func(s *shared, run func(...engine.Observer)) {
			s.write()
			run()
			s.write()
		}},
	{"step and observer", true, func(p *engine.Pipeline[shared]) { p.Step("a", write, engine.NodeOptions{}) },
		func(s *shared, run func(...engine.Observer)) {
			run(observerFunc(func(e event.Event) {
				if e.Type == event.StepEnd {
					s.write()
				}
			}))
			s.write()
		}},
	{"later step and observer", false, func(p *engine.Pipeline[shared]) {
		p.Step("a", write, engine.NodeOptions{}).To(p.Step("b", write, engine.NodeOptions{}))
	}, func(s *shared, run func(...engine.Observer)) {
		run(observerFunc(func(e event.Event) {
			if e.Type == event.StepEnd && e.Node == "a" {
				s.write()
			}
		}))
	}},
}

func (s *shared) writeIf(really bool) {
	if really {
		s.write()
	}
}

func (s *shared) readIf(really bool) {
	if really {
		s.X.Load()
	}
}

// gather adds a map of n items, one at a time.
func gather(p *engine.Pipeline[shared], n int, do, collect func(s *shared, i int)) *engine.Node[shared] {
	return engine.MapGather(p, "m", engine.Gather[shared, int, int]{
		Items:   numbers[shared](n),
		Do:      func(_ context.Context, s *shared, i int) (int, error) { do(s, i); return 0, nil },
		Collect: func(_ context.Context, s *shared, i, _ int) error { collect(s, i); return nil },
	}, engine.MapOptions{MaxConcurrency: 1})
}

// gathers defines a map of n items in which Do or Collect write, or both.
func gathers(n int, do, collect bool) func(p *engine.Pipeline[shared]) {
	return func(p *engine.Pipeline[shared]) {
		gather(p, n, func(s *shared, _ int) { s.writeIf(do) }, func(s *shared, _ int) { s.writeIf(collect) })
	}
}

// iterate defines a map whose iterator writes before each of n items, which
// write too.
func iterate(n int) func(p *engine.Pipeline[shared]) {
	return func(p *engine.Pipeline[shared]) {
		engine.Map(p, "m", engine.Each[shared, int]{
			Items: engine.Seq(func(_ context.Context, s *shared) iter.Seq[int] {
				return func(yield func(int) bool) {
					for i := range n {
						s.write()
						if !yield(i) {
							return
						}
					}
				}
			}),
			Do: func(_ context.Context, s *shared, _ int) error { s.write(); return nil },
		}, engine.MapOptions{})
	}
}

// slot defines a map of four items, one at a time, whose iterator writes before item
// wrote, and of which item reads reads. In some schedules the next item waits at the
// yield of an item.
func slot(wrote, reads int) func(p *engine.Pipeline[shared]) {
	return func(p *engine.Pipeline[shared]) {
		engine.Map(p, "m", engine.Each[shared, int]{
			Items: engine.Seq(func(_ context.Context, s *shared) iter.Seq[int] {
				return func(yield func(int) bool) {
					for i := range 4 {
						if s.writeIf(i == wrote); !yield(i) {
							return
						}
					}
				}
			}),
			Do: func(_ context.Context, s *shared, i int) error { sched.Yield(); s.readIf(i == reads); return nil },
		}, engine.MapOptions{MaxConcurrency: 1})
	}
}

// What the engine promises to order is never reported, and what it does not is.
func TestOrder(t *testing.T) { searchOrder(t, engine.Options{MultiRoot: true}, engine.RunOptions{}) }

// reading is a codec that looks at the state.
type reading struct{}

func (reading) Encode(v any) ([]byte, error) {
	if s, ok := v.(*shared); ok {
		s.X.Load()
	}
	return []byte("0"), nil
}

func (reading) Decode([]byte, any) error { return nil }

// Checkpoints order nothing: neither that the state is read for them, nor that steps
// wait for one.
func TestOrderWithStore(t *testing.T) {
	for _, every := range []time.Duration{0, 1} {
		searchOrder(t, engine.Options{MultiRoot: true, Codec: reading{}}, engine.RunOptions{CheckpointEvery: every})
	}
}

// slow makes each function take time.
func slow(next engine.StepFunc[shared]) engine.StepFunc[shared] {
	return func(ctx context.Context, s *shared) error {
		sched.Sleep(1)
		return next(ctx, s)
	}
}

// searchOrder looks for races in orderTests.
func searchOrder(t *testing.T, of engine.Options, opts engine.RunOptions) {
	runs := 2000
	if of.Codec != nil {
		runs = 300
	}
	for _, test := range orderTests {
		t.Run(test.name, func(t *testing.T) {
			result := check.Config{Runs: runs}.Search("TestOrder", func(t *check.T) {
				p := engine.New[shared]("p", of)
				test.define(p)
				if of.Codec != nil {
					p.Use(slow)
				}
				s := &shared{}
				run := func(observers ...engine.Observer) {
					opts := opts
					if opts.Observers = observers; of.Codec != nil {
						opts.Store = store.NewMemory()
					}
					_, err := p.Run(t.Context(), s, opts)
					assert.NoError(t, err)
				}
				if test.use == nil {
					run()
				} else {
					test.use(s, run)
				}
			})
			if test.ordered {
				assert.Empty(t, result.Findings)
			} else {
				assert.NotEmpty(t, result.Findings)
			}
		})
	}
}

// What a step did before it emits happens before the body of the consumer's loop
// for that event, and what it does afterwards does not.
func TestEmitOrder(t *testing.T) {
	for _, late := range []bool{false, true} {
		result := check.Config{Runs: 500}.Search(t.Name(), func(t *check.T) {
			p := engine.New[shared]("p", engine.Options{})
			p.Step("a", func(ctx context.Context, s *shared) error {
				s.writeIf(!late)
				err := engine.Emit(ctx, 1)
				s.writeIf(late)
				return err
			}, engine.NodeOptions{})
			s := &shared{}
			run, err := p.Stream(t.Context(), s, engine.RunOptions{})
			assert.NoError(t, err)
			for e := range run.Events() {
				s.writeIf(e.Type == event.Token)
			}
			_, err = run.Wait()
			assert.NoError(t, err)
			s.write()
		})
		assert.Equal(t, late, len(result.Findings) > 0)
	}
}
