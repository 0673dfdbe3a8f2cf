package engine

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// Pipeline is a blueprint of nodes on a state of type S. It is defined by one
// goroutine; the first Validate or Run that finds no mistake freezes it, after
// which any number of runs may use it at once and changing it panics.
type Pipeline[S any] struct {
	name       string
	opts       Options
	nodes      []*Node[S]
	roots      []*Node[S]
	middleware []Middleware[S]
	onStart    []StepFunc[S]
	onFinish   []FinishFunc[S]
	handler    Handler[S]
	bad        []finding // mistakes that belong to no node

	jumping bool // a node has declared a Goto
	random  bool // runs draw numbers of their own

	mu       sched.LeafMutex // guards the fields below
	checked  bool            // what is wrong is known
	findings []string
	rootless []string // what is wrong with the roots
	frozen   bool
}

// StepFunc is the code of a step. It is called with a context that is cancelled
// when the run fails, and the state of the run. It returns nil, a control value
// such as [Skip] or [Goto], or an error, which is a failure. Data go through the
// state or [Emit].
type StepFunc[S any] func(ctx context.Context, s *S) error

// FinishFunc is a hook of [Pipeline.OnFinish].
type FinishFunc[S any] func(ctx context.Context, s *S, r Result) error

// New returns an empty pipeline. Mistakes in its definition are found by
// [Pipeline.Validate].
func New[S any](name string, opts Options) *Pipeline[S] {
	return &Pipeline[S]{name: name, opts: opts}
}

// Step adds a node that calls fn.
func (p *Pipeline[S]) Step(name string, fn StepFunc[S], opts NodeOptions) *Node[S] {
	n := p.add(event.Step, name, opts)
	n.work = stepWork[S](fn)
	if fn == nil {
		n.mistake("nil", "its function is nil")
	}
	return n
}

// OnStart adds a hook that is called before the roots start. Hooks are called in
// the order in which they were added, in every process that works on the run.
// The first one that returns an error, or panics, fails the run: the steps and
// the other hooks are left out. It must not return a control value.
func (p *Pipeline[S]) OnStart(fn StepFunc[S]) {
	p.change("OnStart")
	if fn == nil {
		p.bad = append(p.bad, finding{"nil", "a hook of OnStart is nil"})
	}
	p.onStart = append(p.onStart, fn)
}

// OnFinish adds a hook that is called when all else has ended, however it did:
// what the hooks of OnStart have opened can be closed here. The last one added is
// called first, and all are, each with a context of its own, which only
// Options.HookTimeout ends, and what the run has come to so far. One that returns
// an error, or panics, is listed among the failures, and makes a run that
// succeeded or stopped a failed one.
func (p *Pipeline[S]) OnFinish(fn FinishFunc[S]) {
	p.change("OnFinish")
	if fn == nil {
		p.bad = append(p.bad, finding{"nil", "a hook of OnFinish is nil"})
	}
	p.onFinish = append(p.onFinish, fn)
}

// OnError sets the handler for nodes that have none, or whose own one fails. See
// [Node.OnError].
func (p *Pipeline[S]) OnError(h Handler[S]) {
	p.change("OnError")
	if h == nil {
		p.bad = append(p.bad, finding{"nil", "the handler of OnError is nil"})
	}
	if p.handler != nil {
		p.bad = append(p.bad, finding{"duplicate", "OnError was called before"})
	}
	p.handler = h
}

// addCalls name what adds a node.
var addCalls = map[event.Kind]string{event.Step: "Step", event.Map: "Map", event.Switch: "Switch", event.Sub: "Sub"}

// add adds a node, for a user who is two calls above.
func (p *Pipeline[S]) add(kind event.Kind, name string, opts NodeOptions) *Node[S] {
	p.change(addCalls[kind])
	n := &Node[S]{p: p, name: name, kind: kind, index: len(p.nodes), opts: opts}
	n.bad = opts.mistakes()
	runtime.Callers(2, n.site[:])
	p.nodes = append(p.nodes, n)
	if opts.Retry.Jitter > 0 {
		p.random = true
	}
	return n
}

// site is a stack, of which the innermost frames are in this package.
type site [8]uintptr

// String returns the place in the source that called this package.
func (s site) String() string {
	n := slices.Index(s[:], 0)
	if n < 0 {
		n = len(s)
	}
	frames := runtime.CallersFrames(s[:n])
	for {
		f, more := frames.Next()
		if !inEngine(f.Function) || !more {
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
	}
}

// change panics if p must not change any more.
func (p *Pipeline[S]) change(what string) {
	p.mu.Lock()
	frozen := p.frozen
	p.checked = frozen
	p.mu.Unlock()
	if frozen {
		panic(fmt.Sprintf("engine: pipeline %q: %s after the first run", p.name, what))
	}
}
