package engine

import (
	"cmp"
	"context"
	"fmt"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// startHook calls a hook of OnStart and reports whether it went well.
func (r *run[S]) startHook(i int, hook StepFunc[S]) bool {
	out := apart(func() error { return hook(r.ctx, r.state) })
	if out.err == nil {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noticeCancel() // which came first
	r.hookFailed(KindStartup, i, out.err)
	return false
}

// close calls the hooks of OnFinish and ends the run.
func (r *run[S]) close() {
	sched.Renew("OnFinish", -1, &r.ended)
	for i := len(r.p.onFinish) - 1; i >= 0; i-- {
		r.finishHook(i, r.p.onFinish[i])
	}
	res, e := r.closed()
	if j := r.delivery.journal; j != nil && r.outer == nil {
		if r.tree.keep(&save{last: &e, runs: []store.Run{r.row(res, e.Time)}}) != nil {
			res, e = r.closed()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.publishFinish(res, e)
}

// closed is what the run has come to after its hooks.
func (r *run[S]) closed() (*Result, event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.failures) > 0 && (r.status == Success || r.status == Stopped) || r.delivery.journal != nil && r.delivery.journal.err != nil {
		r.status = Failed
	}
	if r.outer == nil {
		r.delivery.journal.disarm()
	}
	return r.concluded()
}

func (r *run[S]) finishHook(i int, hook FinishFunc[S]) {
	limit := cmp.Or(r.p.opts.HookTimeout, hookTimeout)
	what := fmt.Sprintf("hook %d of OnFinish", i+1)
	ctx, cancel := sched.WithTimeoutCause(context.WithoutCancel(r.ctx), limit, &limitError{context.DeadlineExceeded, what, limit})
	defer cancel()
	so := r.soFar()
	out := apart(func() error { return hook(ctx, r.state, so) })
	if out.err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hookFailed(KindFinish, i, out.err)
}

// soFar is what the run has come to before its last hooks.
func (r *run[S]) soFar() Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	failures := r.failures[:len(r.failures):len(r.failures)]
	return Result{RunID: r.id, Status: r.status, Reason: r.outcomeReason(), Failures: failures, Nodes: r.nodeResults(),
		Labels: r.opts.Labels, Started: r.began, Duration: sched.Since(r.began)}
}

// hookFailed notes that a hook has failed. The ledger is held.
func (r *run[S]) hookFailed(kind FailureKind, i int, err error) {
	name, path := "start", "OnStart"
	if kind == KindFinish {
		name, path = "finish", "OnFinish"
	}
	f := &StepError{Kind: kind, Path: fmt.Sprintf("%s%s[%d]", r.prefix, path, i), Index: -1, Err: err, Seq: r.delivery.seq + 1}
	r.classify(f)
	if f.Reason == "error" {
		f.Reason = "hook"
	}
	r.failures = append(r.failures, f)
	if r.observed {
		r.publish(event.HookError, nil, event.HookFailed{Hook: name, Index: i, Error: err.Error()})
	}
}

// apart calls a hook in a task of its own, which it may end by a runtime.Goexit, and
// waits for it.
func apart(fn func() error) (out outcome) {
	exited := true
	var wg sched.WaitGroup
	wg.Add(1)
	sched.Go(func() {
		defer wg.Done()
		defer func() {
			if exited {
				out = outcome{err: ErrGoexit}
			}
		}()
		out = protect(fromHook, fn)
		exited = false
	})
	wg.Wait()
	return out
}
