package engine_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

// Whose fault a failure is follows from the types in the chain of its error, and
// why from the errors of the engine.
func TestClassification(t *testing.T) {
	tests := map[string]struct {
		err    error
		source engine.Source
		reason string
	}{
		"user":           {errBad, engine.User, "error"},
		"net":            {&net.OpError{Op: "dial", Err: errBad}, engine.External, "error"},
		"dns":            {&net.DNSError{Err: "x"}, engine.External, "error"},
		"url":            {&url.Error{Op: "Get", URL: "x", Err: errBad}, engine.External, "error"},
		"url, deadline":  {&url.Error{Op: "Get", URL: "x", Err: context.DeadlineExceeded}, engine.External, "error"},
		"path":           {&fs.PathError{Op: "open", Path: "x", Err: errBad}, engine.External, "error"},
		"path, deadline": {&fs.PathError{Op: "read", Path: "x", Err: context.DeadlineExceeded}, engine.External, "error"},
		"exit":           {&exec.ExitError{}, engine.External, "error"},
		"errno":          {syscall.ECONNREFUSED, engine.External, "error"},
		"bad connection": {driver.ErrBadConn, engine.External, "error"},
		"connection":     {sql.ErrConnDone, engine.External, "error"},
		"no rows":        {sql.ErrNoRows, engine.User, "error"},
		"deadline":       {context.DeadlineExceeded, engine.User, "error"},
		"canceled":       {context.Canceled, engine.User, "error"},
		"control":        {errors.Join(errBad, engine.Stop), engine.Engine, "control"},
		"unknown":        {engine.Goto("nosuch"), engine.Engine, "unknown_node"},
		"undeclared":     {engine.Goto("a"), engine.Engine, "undeclared"},
		"no route":       {engine.ErrNoRoute, engine.Engine, "no_route"},
		"items":          {engine.ErrTooManyItems, engine.Engine, "items"},
		"store":          {engine.ErrStore, engine.Engine, "store"},
		"retries":        {engine.Retry, engine.Engine, "retries"},
	}
	for name, test := range tests {
		for wrapping, wrap := range map[string]func(error) error{"": func(err error) error { return err },
			"wrapped": func(err error) error { return fmt.Errorf("x: %w", err) }} {
			t.Run(name+wrapping, func(t *testing.T) {
				p := engine.New[state]("p", engine.Options{MaxRetries: 1})
				p.Step("a", returns(wrap(test.err)), engine.NodeOptions{})
				result, err := p.Run(context.Background(), &state{}, engine.RunOptions{})
				require.Error(t, err)
				f := result.Failure()
				assert.Equal(t, []any{engine.KindStep, test.source, test.reason}, []any{f.Kind, f.Source, f.Reason})
			})
		}
	}
	for reason, fn := range map[string]step{"panic": func(context.Context, *state) error { panic(driver.ErrBadConn) },
		"goexit": func(context.Context, *state) error { runtime.Goexit(); return nil }} {
		result, _ := run(context.Background(), func(p *pipeline) { nodes(p, fn, "a") })
		assert.Equal(t, reason, result.Failure().Reason)
		assert.Equal(t, map[string]engine.Source{"panic": engine.External, "goexit": engine.Engine}[reason], result.Failure().Source)
	}
}

// Classify may overrule; nothing and a panic leave it at the default.
func TestClassify(t *testing.T) {
	tests := map[string]struct {
		classify func(f *engine.StepError) engine.Source
		want     engine.Source
	}{
		"overrules": {func(f *engine.StepError) engine.Source { return engine.Source(f.Path + " " + f.Reason) }, "a error"},
		"empty":     {func(*engine.StepError) engine.Source { return "" }, engine.External},
		"panics":    {func(*engine.StepError) engine.Source { panic("oh") }, engine.External},
	}
	for name, test := range tests {
		p := engine.New[state]("p", engine.Options{Classify: test.classify})
		nodes(p, returns(syscall.EIO), "a")
		result, err := p.Run(context.Background(), &state{}, engine.RunOptions{})
		assert.ErrorIs(t, err, syscall.EIO, name)
		assert.Equal(t, test.want, result.Failure().Source, name)
	}
}

// The source of a failed inner run is that of what failed in it.
func TestInnerSource(t *testing.T) {
	for _, err := range []error{syscall.EIO, errBad, engine.ErrNoRoute} {
		result, _ := run(context.Background(), func(p *pipeline) { sub(p, "s", innerOf("inner", returns(err)), engine.NodeOptions{}) })
		var inner *engine.RunError
		require.ErrorAs(t, result.Failure(), &inner)
		assert.Equal(t, inner.Result.Failure().Source, result.Failure().Source)
		assert.Equal(t, "error", result.Failure().Reason)
	}
}

// causeCases end a run in its step, by what end does and returns.
var causeCases = map[string]struct {
	with engine.RunOptions
	end  func(run *engine.Run, cancel context.CancelCauseFunc) error // in the step
	want string
	is   []error
	not  []error
}{
	"time-out": {engine.RunOptions{Timeout: time.Second}, func(*engine.Run, context.CancelCauseFunc) error { return nil },
		"START S(a) TIMEOUT C(a) FINISH=timeout", []error{engine.ErrRunTimeout, context.DeadlineExceeded}, []error{context.Canceled}},
	"caller": {engine.RunOptions{}, func(_ *engine.Run, cancel context.CancelCauseFunc) error { cancel(errWorse); return nil },
		"START S(a) CANCELLED C(a) FINISH=cancelled", []error{errWorse, context.Canceled}, []error{context.DeadlineExceeded}},
	"caller, no cause": {engine.RunOptions{}, func(_ *engine.Run, cancel context.CancelCauseFunc) error { cancel(nil); return nil },
		"START S(a) CANCELLED C(a) FINISH=cancelled", []error{context.Canceled}, []error{context.DeadlineExceeded}},
	"Cancel": {engine.RunOptions{}, func(run *engine.Run, _ context.CancelCauseFunc) error { run.Cancel(errWorse); return nil },
		"START S(a) CANCELLED C(a) FINISH=cancelled", []error{errWorse, context.Canceled}, nil},
	"Cancel, no cause": {engine.RunOptions{}, func(run *engine.Run, _ context.CancelCauseFunc) error { run.Cancel(nil); return nil },
		"START S(a) CANCELLED C(a) FINISH=cancelled", []error{context.Canceled}, nil},
	"both": {engine.RunOptions{}, func(run *engine.Run, cancel context.CancelCauseFunc) error {
		run.Cancel(errWorse)
		cancel(errBad)
		return nil
	},
		"START S(a) CANCELLED C(a) FINISH=cancelled", []error{errWorse}, []error{errBad}},
	"failure, then cancel": {engine.RunOptions{}, func(*engine.Run, context.CancelCauseFunc) error { return errBad },
		"START S(a) X(a) FINISH=failed", []error{errBad}, []error{context.Canceled, engine.ErrSibling}},
	"cancel, then failure": {engine.RunOptions{}, func(run *engine.Run, _ context.CancelCauseFunc) error { run.Cancel(errWorse); return errBad },
		"START S(a) CANCELLED X(a) FINISH=cancelled", []error{errWorse, errBad, context.Canceled}, nil},
	"cancel, then Stop": {engine.RunOptions{}, func(run *engine.Run, _ context.CancelCauseFunc) error { run.Cancel(errWorse); return engine.Stop },
		"START S(a) CANCELLED E(a)=stop FINISH=cancelled", []error{errWorse}, nil},
}

// What cancels a run first decides its status, the event and what the error is.
func TestFirstCauses(t *testing.T) {
	for name, test := range causeCases {
		t.Run(name, func(t *testing.T) {
			sim := sched.NewSim(sched.Config{})
			defer sim.Close()
			r := sim.Run(lowestFirst{}, 1, func() {
				ctx, cancel := sched.WithCancelCause(context.Background())
				defer cancel(nil)
				p := engine.New[state]("p", engine.Options{})
				var run *engine.Run
				p.OnStart(pause) // run is there then
				p.Step("a", func(ctx context.Context, s *state) error {
					if err := test.end(run, cancel); err != nil {
						return err
					}
					return wait(ctx, s)
				}, engine.NodeOptions{}).To(p.Step("b", ok, engine.NodeOptions{}))
				var err error
				run, err = p.Stream(ctx, &state{}, test.with)
				require.NoError(t, err)
				events := read(run)
				result, err := run.Wait()
				assert.Equal(t, test.want, trace(events))
				for _, is := range test.is {
					assert.ErrorIs(t, err, is)
				}
				for _, not := range test.not {
					assert.NotErrorIs(t, err, not)
				}
				assert.Equal(t, engine.CutOff, result.Nodes[1].Left)
				run.Cancel(errors.New("too late"))
				_, again := run.Wait()
				assert.Equal(t, err, again)
			})
			require.NoError(t, r.End)
		})
	}
}

// A cancel when nothing lives any more changes nothing.
func TestLateCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, result, err := setting{ctx: ctx}.run(t, func(p *pipeline) {
		nodes(p, ok, "a")
		p.OnFinish(func(ctx context.Context, _ *state, _ engine.Result) error { cancel(); return ctx.Err() })
	})
	require.NoError(t, err)
	assert.Equal(t, engine.Success, result.Status)
}
