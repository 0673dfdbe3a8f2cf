package enginetest_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type state struct{ Approved bool }

type pipeline = engine.Pipeline[state]

var errBad = errors.New("bad")

func ok(context.Context, *state) error { return nil }

// none are the options of most nodes.
var none engine.NodeOptions

// numbers are the numbers below n as items.
func numbers(n int) engine.Items[state, int] {
	return engine.Slice(func(context.Context, *state) ([]int, error) {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all, nil
	})
}

// order is a pipeline with something of all: a step that is repeated after a second,
// beside one that emits, before a map whose items run a pipeline.
func order() *pipeline {
	p := engine.New[state]("order", engine.Options{})
	load := p.Step("load", ok, none)
	pay := p.Step("pay", func(ctx context.Context, _ *state) error {
		if engine.Info(ctx).Attempt == 1 {
			return errBad
		}
		return nil
	}, engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Second}})
	stock := p.Step("stock", func(ctx context.Context, _ *state) error {
		return errors.Join(engine.Emit(ctx, "a"), engine.Emit(ctx, 7))
	}, none)
	unused := p.Step("unused", ok, none)
	parcel := engine.New[state]("parcel", engine.Options{})
	parcel.Step("pack", ok, none).To(parcel.Step("send", ok, none))
	parcels := engine.MapSub(p, "parcels", engine.EachSub[state, int, state]{Items: numbers(2), Inner: parcel,
		In: func(context.Context, *state, int) (*state, error) { return &state{}, nil }}, engine.MapOptions{MaxConcurrency: 1})
	load.To(pay, stock)
	pay.To(parcels)
	stock.To(parcels).MayGoto(unused)
	return p
}

// fake is a test that keeps what it is told.
type fake struct {
	ctx  context.Context
	told []string
}

func (f *fake) Helper() {}

func (f *fake) Errorf(format string, args ...any) {
	f.told = append(f.told, fmt.Sprintf(format, args...))
}

func (f *fake) Fatalf(format string, args ...any) { f.Errorf("fatal: "+format, args...) }

func (f *fake) Context() context.Context { return cmp.Or(f.ctx, context.Background()) }

// says checks that the test was told exactly one thing, with each of the parts in it.
func (f *fake) says(t *testing.T, parts ...string) {
	t.Helper()
	if assert.Len(t, f.told, 1) {
		for _, part := range parts {
			assert.Contains(t, f.told[0], part)
		}
	}
}

// lonely is a pipeline of one step.
func lonely(fn engine.StepFunc[state]) *pipeline {
	p := engine.New[state]("p", engine.Options{})
	p.Step("a", fn, none)
	return p
}

// forever waits for its context to be done.
func forever(ctx context.Context, _ *state) error {
	sched.Done(ctx).Recv()
	return ctx.Err()
}

// spin does not end.
func spin(context.Context, *state) error {
	for {
		sched.Yield()
	}
}

func words(text string) []string { return strings.Fields(text) }
