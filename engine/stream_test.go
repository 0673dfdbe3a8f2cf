package engine_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// emitting is a step that emits values.
func emitting(values ...any) step {
	return func(ctx context.Context, _ *state) error {
		for _, v := range values {
			if err := engine.Emit(ctx, v); err != nil {
				return err
			}
		}
		return nil
	}
}

// stream starts a run of a pipeline that define makes.
func stream(t require.TestingT, opts engine.RunOptions, define func(p *pipeline)) *engine.Run {
	run, _ := streamed(t, opts, define)
	return run
}

// streamed is stream that returns the pipeline too.
func streamed(t require.TestingT, opts engine.RunOptions, define func(p *pipeline)) (*engine.Run, *pipeline) {
	p := engine.New[state]("p", engine.Options{MultiRoot: true})
	define(p)
	run, err := p.Stream(context.Background(), &state{}, opts)
	require.NoError(t, err)
	return run, p
}

// read reads all events.
func read(run *engine.Run) (all []event.Event) {
	for e := range run.Events() {
		all = append(all, e)
	}
	return all
}

// Two workers that emit 1 and 2: the consumer sees the values of each in order,
// and of both in all 6 orders, of which each is one schedule.
func TestSeedS24StreamOrder(t *testing.T) {
	for _, buffer := range []int{0, 1} {
		orders := map[string]int{}
		var events []event.Event
		var p *pipeline
		schedtest.Explore(t, sched.Config{}, func() {
			var run *engine.Run
			run, p = streamed(t, engine.RunOptions{ID: "r", Buffer: buffer}, func(p *pipeline) {
				mapOf(p, "m", 2, func(ctx context.Context, _ int) error { return emitting(1, 2)(ctx, nil) }, 0)
			})
			events = read(run)
			_, err := run.Wait()
			assert.NoError(t, err)
		}, func(r *sched.Result) {
			assert.NoError(t, r.End)
			checkEvents(t, p, events)
			var order strings.Builder
			last := [2]int{}
			for _, e := range events {
				if d, ok := e.Data.(event.Emitted); ok {
					fmt.Fprintf(&order, "%c%d ", 'a'+e.Index, d.Value)
					assert.Equal(t, last[e.Index]+1, d.Value)
					last[e.Index]++
				}
			}
			orders[order.String()]++
		})
		want := map[string]int{}
		for _, o := range []string{"a1 a2 b1 b2 ", "a1 b1 a2 b2 ", "a1 b1 b2 a2 ", "b1 a1 a2 b2 ", "b1 a1 b2 a2 ", "b1 b2 a1 a2 "} {
			want[o] = 1
		}
		assert.Equal(t, want, orders, "buffer %d", buffer)
	}
}

// The consumer reads what the observers are told, after them.
func TestStream(t *testing.T) {
	rec := &recorder{}
	run := stream(t, engine.RunOptions{Observers: []engine.Observer{rec}}, func(p *pipeline) {
		named(p, "a", emitting("x", "y")).To(named(p, "b", ok))
	})
	assert.Len(t, run.ID(), 32)
	var read []event.Event
	for e := range run.Events() {
		read = append(read, e)
		assert.Equal(t, run.ID(), e.RunID)
	}
	result, err := run.Wait()
	require.NoError(t, err)
	assert.Equal(t, engine.Success, result.Status)
	assert.Equal(t, rec.events, read)
	assert.Equal(t, "START S(a) T(a)=x T(a)=y E(a) S(b) E(b) FINISH=success", trace(read))
	for range run.Events() {
		t.Error("events can be read once")
	}
	again, _ := run.Wait()
	assert.Equal(t, result, again)
	run.Cancel(errBad) // is too late
	_, err = run.Wait()
	assert.NoError(t, err)
}

// A mistake in the definition or the options is found before anything happens.
func TestStreamDefinition(t *testing.T) {
	p := engine.New[state]("p", engine.Options{})
	_, err := p.Stream(context.Background(), &state{}, engine.RunOptions{})
	assert.ErrorIs(t, err, engine.ErrDefinition)
	named(p, "a", fail)
	_, err = p.Stream(context.Background(), &state{}, engine.RunOptions{Buffer: -1})
	assert.EqualError(t, err, `engine: pipeline "p": RunOptions.Buffer is -1, want 0 (64) or more [option]`)
	_, err = p.Run(context.Background(), &state{}, engine.RunOptions{Buffer: -1})
	assert.ErrorIs(t, err, engine.ErrDefinition)
}

// To leave the loop closes the run, however it is left; what follows is told to
// observers.
func TestLeavingCloses(t *testing.T) {
	leave := map[string]func(){
		"panic":  func() { panic("oh") },
		"Goexit": runtime.Goexit,
		"break":  func() {},
	}
	for name, leave := range leave {
		t.Run(name, func(t *testing.T) {
			rec := &recorder{}
			var cause error
			run := stream(t, engine.RunOptions{Observers: []engine.Observer{rec}}, func(p *pipeline) {
				named(p, "a", func(ctx context.Context, _ *state) error {
					<-ctx.Done()
					cause = context.Cause(ctx)
					return ctx.Err()
				}).To(named(p, "b", fail))
			})
			done := make(chan bool)
			go func() {
				defer close(done)
				defer func() { _ = recover() }()
				for e := range run.Events() {
					if e.Type == event.StepStart {
						leave()
						break
					}
				}
			}()
			<-done
			result, err := run.Wait()
			assert.Equal(t, engine.Closed, result.Status)
			assert.ErrorIs(t, err, engine.ErrClosed)
			assert.ErrorIs(t, cause, engine.ErrClosed)
			assert.Equal(t, "START S(a) CANCELLED C(a) FINISH=closed", trace(rec.events))
		})
	}
}

// To leave it with the last event closes nothing.
func TestLeavingAtTheEnd(t *testing.T) {
	run := stream(t, engine.RunOptions{}, func(p *pipeline) { named(p, "a", ok) })
	for e := range run.Events() {
		if e.Type == event.Finish {
			break
		}
	}
	result, err := run.Wait()
	assert.NoError(t, err)
	assert.Equal(t, engine.Success, result.Status)
}

// Cancel tells the steps and the caller why; the first cause counts.
func TestRunCancel(t *testing.T) {
	for _, cause := range []error{errBad, nil} {
		run := stream(t, engine.RunOptions{}, func(p *pipeline) {
			named(p, "a", func(ctx context.Context, _ *state) error { <-ctx.Done(); return context.Cause(ctx) })
		})
		for e := range run.Events() {
			if e.Type == event.StepStart {
				run.Cancel(cause)
				run.Cancel(errors.New("another cause"))
			}
		}
		result, err := run.Wait()
		assert.Equal(t, engine.Cancelled, result.Status)
		assert.ErrorIs(t, err, context.Canceled)
		if cause != nil {
			assert.ErrorIs(t, err, cause)
		}
		assert.NotErrorIs(t, err, engine.ErrClosed)
	}
}

// A consumer that leaves when the caller has cancelled the run closes nothing.
func TestFirstCauseCounts(t *testing.T) {
	result := check.Config{Runs: 50}.Search(t.Name(), func(t *check.T) {
		ctx, cancel := sched.WithCancelCause(t.Context())
		p := engine.New[state]("p", engine.Options{})
		named(p, "a", wait)
		run, err := p.Stream(ctx, &state{}, engine.RunOptions{ID: "r"})
		require.NoError(t, err)
		for range run.Events() {
			cancel(errBad)
			break
		}
		result, err := run.Wait()
		assert.Equal(t, engine.Cancelled, result.Status)
		assert.ErrorIs(t, err, errBad)
		assert.NotErrorIs(t, err, engine.ErrClosed)
	})
	assert.Empty(t, result.Findings)
}

// A run that is waited for instead of read goes on without a reader.
func TestWaitDiscards(t *testing.T) {
	run := stream(t, engine.RunOptions{Buffer: 1}, func(p *pipeline) {
		mapOf(p, "m", 100, func(ctx context.Context, i int) error { return engine.Emit(ctx, i) }, 3)
	})
	_, err := run.Wait()
	require.NoError(t, err)
	assert.Empty(t, read(run))
}

// An observer that ends its task takes nothing from the consumer.
func TestObserverExitsConsumerReads(t *testing.T) {
	run, p := streamed(t, engine.RunOptions{Observers: []engine.Observer{observerFunc(func(e event.Event) {
		if e.Seq == 3 {
			runtime.Goexit()
		}
	})}}, func(p *pipeline) { mapOf(p, "m", 100, func(context.Context, int) error { return nil }, 3) })
	events := read(run)
	_, err := run.Wait()
	require.NoError(t, err)
	checkEvents(t, p, events)
}

// Emit says what is wrong with its call.
func TestEmitErrors(t *testing.T) {
	var none context.Context
	for _, ctx := range []context.Context{none, context.Background()} {
		assert.EqualError(t, engine.Emit(ctx, 1),
			"engine: Emit outside a step: pass it the context that the step was called with, or one derived from it")
	}
	var late context.Context
	run := stream(t, engine.RunOptions{}, func(p *pipeline) {
		named(p, "a", func(ctx context.Context, _ *state) error {
			late = ctx
			done, cancel := context.WithCancel(ctx)
			cancel()
			assert.ErrorIs(t, engine.Emit(done, 1), context.Canceled)
			return engine.Emit(context.WithValue(ctx, errBad, 2), 3)
		}).To(named(p, "b", func(context.Context, *state) error {
			assert.ErrorIs(t, engine.Emit(late, 1), engine.ErrEnded)
			return nil
		}))
	})
	events := read(run)
	assert.Equal(t, "START S(a) T(a)=3 E(a) S(b) E(b) FINISH=success", trace(events))
	assert.ErrorIs(t, engine.Emit(late, 1), context.Canceled, "the run is over")
	_, err := p1(emitting(1)) // nobody observes it
	assert.NoError(t, err)
}

func p1(fn step) (engine.Result, error) {
	return run(context.Background(), func(p *pipeline) { named(p, "a", fn) })
}

// An Emit that waits for the consumer ends with its context.
func TestEmitWaits(t *testing.T) {
	result := check.Config{Runs: 300}.Search(t.Name(), func(t *check.T) {
		rec := &recorder{}
		sent := 0
		run, p := streamed(t, engine.RunOptions{Buffer: 1, Observers: []engine.Observer{rec}}, func(p *pipeline) {
			named(p, "a", func(ctx context.Context, _ *state) error {
				ctx, cancel := sched.WithTimeout(ctx, 1)
				defer cancel()
				for {
					if err := engine.Emit(ctx, sent); err != nil {
						assert.ErrorIs(t, err, context.DeadlineExceeded)
						return nil
					}
					sent++
				}
			})
		})
		sched.Sleep(10) // nobody reads
		events := read(run)
		_, err := run.Wait()
		require.NoError(t, err)
		checkEvents(t, p, events)
		assert.Equal(t, rec.events, events)
		assert.Zero(t, sent, "START and STEP_START fill the buffer")
	})
	assert.Empty(t, result.Findings)
}

// On every schedule each value that was emitted without an error is delivered
// once, and no more events wait than may.
func TestBacklog(t *testing.T) {
	const workers = 3
	for _, buffer := range []int{1, 2, 7} {
		result := check.Config{Runs: 300}.Search(t.Name(), func(t *check.T) {
			sent, got, waiting := 0, 0, 0
			run, p := streamed(t, engine.RunOptions{Buffer: buffer}, func(p *pipeline) {
				mapOf(p, "m", 10, func(ctx context.Context, i int) error {
					for range 3 {
						if err := engine.Emit(ctx, i); err != nil {
							return err
						}
						sent++
						waiting = max(waiting, sent-got)
					}
					return nil
				}, workers)
			})
			var events []event.Event
			for e := range run.Events() {
				sched.Yield()
				if e.Type == event.Token {
					got++
				}
				events = append(events, e)
			}
			_, err := run.Wait()
			require.NoError(t, err)
			checkEvents(t, p, events)
			assert.Equal(t, 30, sent)
			assert.Equal(t, sent, got)
			// One is in the loop; a transition publishes two events at most.
			assert.LessOrEqual(t, waiting, buffer+1+2*(workers+1))
		})
		assert.Empty(t, result.Findings, "buffer %d", buffer)
	}
}
