package engine

import (
	"fmt"
	"time"
)

// Options are the options of a pipeline. The zero value is the default.
type Options struct {
	// Policy says what a failure that nobody handles does to the rest of the
	// run. Zero is FailFast.
	Policy Policy
	// MultiRoot says that several nodes without predecessor are meant. Without
	// it they are taken for a forgotten edge.
	MultiRoot bool
	// MaxRetries is how often one step or item may return Retry or RetryAfter,
	// where RetryPolicy.MaxAttempts sets no limit; once more is ErrRetries. Zero
	// means 100.
	MaxRetries int
	// MaxJumps is how many Gotos a run may follow; one more is ErrJumps. Zero
	// means 10,000.
	MaxJumps int
	// HookTimeout limits each hook of OnFinish. Zero means 30 seconds.
	HookTimeout time.Duration
	// Codec encodes the state, and emitted values, for a store. Nil means
	// encoding/json.
	Codec Codec
	// Classify says whose fault a failure is, in place of what is found in its
	// error; see StepError.Source. It is called with the ledger of the run held:
	// it must not call the engine, nor wait. An empty result, and a panic, leave
	// it at that.
	Classify func(f *StepError) Source
}

// What zero means in Options.
const (
	maxRetries  = 100
	maxJumps    = 10_000
	hookTimeout = 30 * time.Second
)

// Policy says what becomes of a run after a failure that nobody has handled. The
// status is Failed with each of them.
type Policy uint8

// The policies.
const (
	// FailFast starts nothing any more and cancels the context of all that runs,
	// with a cause that wraps ErrSibling and the failure.
	FailFast Policy = iota
	// FinishSiblings leaves out what is behind the failure; independent
	// branches, and the other items of a map, go on to their end.
	FinishSiblings
	// ContinueOnError goes on as if the node had succeeded.
	ContinueOnError
)

var policies = []string{"fail-fast", "finish-siblings", "continue-on-error"}

func (p Policy) String() string {
	if int(p) < len(policies) {
		return policies[p]
	}
	return fmt.Sprintf("Policy(%d)", p)
}

// NodeOptions are the options of a node. The zero value is the default.
type NodeOptions struct {
	// Timeout limits one attempt: of a step and a switch one call, of a map the
	// call for one item, of a sub one inner run. Its context is done at that
	// time, and an error that it returns later is a failure ErrStepTimeout; nil
	// is a success all the same, as the work was done. Zero means no limit.
	Timeout time.Duration
	// Retry says how failed attempts are repeated; of a map, those for one item.
	Retry RetryPolicy
	// Join says what a node with several predecessors waits for. Zero is All.
	Join Join
	// BarrierTimeout limits how long such a node waits, from its first
	// predecessor that has succeeded. Then it fails with ErrBarrierTimeout. Zero
	// means no limit.
	BarrierTimeout time.Duration
}

// MapOptions are the options of a map. The zero value is the default.
type MapOptions struct {
	NodeOptions
	// MaxConcurrency is how many items are worked on at once; as many tasks
	// serve them all. Zero means no limit: one task an item, as with a go
	// statement in a loop. A limit is recommended.
	MaxConcurrency int
	// MaxItems is how many items there may be; one more fails the map with
	// ErrTooManyItems. Zero means no limit.
	MaxItems int
	// MapTimeout limits the whole map. Then the contexts of its items are done,
	// and it fails with ErrStepTimeout. Zero means no limit.
	MapTimeout time.Duration
}

// Join is what a node with several predecessors waits for. See the package
// documentation for what can still come.
type Join struct {
	kind joinKind
	n    int
}

type joinKind uint8

const (
	joinAll joinKind = iota
	joinAtLeast
	joinPerArrival
)

var (
	// All starts a node when every predecessor has come or cannot come any more.
	All = Join{}
	// Any starts a node when the first predecessor has succeeded. Those that
	// come later change nothing.
	Any = AtLeast(1)
	// PerArrival starts a node for each predecessor that succeeds, once each.
	PerArrival = Join{kind: joinPerArrival}
)

// AtLeast returns the join that starts a node when n predecessors have succeeded.
// If too few can, and not because they were skipped, the node fails with
// ErrUnmet.
func AtLeast(n int) Join { return Join{joinAtLeast, n} }

func (j Join) String() string {
	switch {
	case j.kind == joinPerArrival:
		return "per-arrival"
	case j == Any:
		return "any"
	case j.kind == joinAtLeast:
		return fmt.Sprintf("at-least:%d", j.n)
	}
	return "all"
}

// RetryPolicy says how failed attempts are repeated. The zero value repeats none.
type RetryPolicy struct {
	// MaxAttempts is how many attempts there are at most, with the first one,
	// also of those that Retry asks for. Zero or 1 repeats no failure.
	MaxAttempts int
	// BaseDelay is the delay after the first attempt. Each further one is
	// Multiplier times as long, up to MaxDelay; zero means 2 and no cap.
	BaseDelay, MaxDelay time.Duration
	Multiplier          float64
	// Jitter is the part of a delay, between 0 and 1, that is random: it is made
	// shorter by up to that.
	Jitter float64
	// Retryable reports whether a failure is worth another attempt. Nil means
	// errors and time limits, but not panics, runtime.Goexit and mistakes such
	// as ErrControl, ErrUnknownNode, ErrUndeclared and ErrNoRoute. It may be
	// called by several tasks at once; if it panics there is no other attempt.
	Retryable func(error) bool
}

// number is a field that must not be negative.
type number struct {
	name  string
	value int64
	shown any
	zero  string
}

// negative says which of the fields are negative.
func negative(fields ...number) []finding {
	var all []finding
	for _, f := range fields {
		if f.value < 0 {
			all = append(all, finding{"number", fmt.Sprintf("%s is %v, want 0 (%s) or more", f.name, f.shown, f.zero)})
		}
	}
	return all
}

func count(name string, n int, zero string) number { return number{name, int64(n), n, zero} }

func span(name string, d time.Duration, zero string) number { return number{name, int64(d), d, zero} }

const noLimit = "no limit"

func (o Options) mistakes() []finding {
	all := negative(count("Options.MaxRetries", o.MaxRetries, fmt.Sprint(maxRetries)),
		count("Options.MaxJumps", o.MaxJumps, fmt.Sprint(maxJumps)),
		span("Options.HookTimeout", o.HookTimeout, hookTimeout.String()))
	if int(o.Policy) >= len(policies) {
		all = append(all, finding{"number", fmt.Sprintf("Options.Policy is %d, want FailFast, FinishSiblings or ContinueOnError", o.Policy)})
	}
	return all
}

func (o NodeOptions) mistakes() []finding {
	all := negative(span("Timeout", o.Timeout, noLimit), span("BarrierTimeout", o.BarrierTimeout, noLimit))
	return append(all, o.Retry.mistakes()...)
}

func (o MapOptions) mistakes() []finding {
	all := negative(count("MaxConcurrency", o.MaxConcurrency, noLimit), count("MaxItems", o.MaxItems, noLimit),
		span("MapTimeout", o.MapTimeout, noLimit))
	return append(all, o.NodeOptions.mistakes()...)
}

func (p RetryPolicy) mistakes() []finding {
	all := negative(count("Retry.MaxAttempts", p.MaxAttempts, "one attempt"),
		span("Retry.BaseDelay", p.BaseDelay, "no delay"), span("Retry.MaxDelay", p.MaxDelay, "no cap"))
	if p.Multiplier != 0 && !(p.Multiplier >= 1) { // also NaN
		all = append(all, finding{"number", fmt.Sprintf("Retry.Multiplier is %v, want 0 (2) or at least 1", p.Multiplier)})
	}
	if !(p.Jitter >= 0 && p.Jitter <= 1) {
		all = append(all, finding{"number", fmt.Sprintf("Retry.Jitter is %v, want 0 to 1", p.Jitter)})
	}
	if p.MaxDelay > 0 && p.MaxDelay < p.BaseDelay {
		all = append(all, finding{"number", fmt.Sprintf("Retry.MaxDelay is %v, less than Retry.BaseDelay, %v", p.MaxDelay, p.BaseDelay)})
	}
	return all
}
