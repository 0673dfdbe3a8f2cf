package fuzz

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

// plan is a random pipeline and how it is run.
type plan struct {
	// chain says that each node has an edge to the next one, and Gotos may go back.
	// Else edges and Gotos go forward, or from a node to itself.
	chain   bool
	nodes   []node
	retries int // Options.MaxRetries
	jumps   int // Options.MaxJumps
	usage   usage
	buffer  int
	after   int  // events that the consumer reads before it leaves
	twins   bool // two runs at once
}

// node is a step or a map. Names are the indexes of nodes.
type node struct {
	kind   kind
	from   []int  // predecessors by To
	target int    // of MayGoto, or -1
	calls  script // of a step, or of the Items of a map

	items   []script
	limit   int
	collect answer // of a gather, for one of the items
	at      int    // which one
}

type kind uint8

const (
	step kind = iota
	each
	iterated // each, with items from an iterator
	gather
)

// usage is how a pipeline is run.
type usage uint8

const (
	alone usage = iota
	observed
	panicking // the observer panics
	streamed
	unread
	left      // the consumer leaves the loop
	cancelled // by Run.Cancel
	ended     // by the context
	late      // by its deadline
)

// external says how a run may end because of who uses it.
func (u usage) external() (engine.Status, error) {
	switch u {
	case left:
		return engine.Closed, engine.ErrClosed
	case cancelled, ended:
		return engine.Cancelled, errOutside
	case late:
		return engine.TimedOut, context.DeadlineExceeded
	}
	return "", nil
}

// script is what the calls of a function return: first Retry, then Goto, and then
// always the last answer.
type script struct {
	retries, jumps int
	pause          time.Duration
	last           answer
}

func (s script) at(call int) answer {
	switch {
	case call < s.retries:
		return retry
	case call < s.retries+s.jumps:
		return jump
	}
	return s.last
}

// answer is how a function ends.
type answer uint8

const (
	fine   answer = iota
	linger        // waits a little, or until the context is done
	retry
	jump
	skip
	stop
	suspend
	fail
	panics
	exits  // runtime.Goexit
	joined // a control value joined with an error
	astray // Goto to no node
)

var (
	errPlanned = errors.New("planned")
	errOutside = errors.New("from outside")
)

// end ends a function as a says.
func (a answer) end(ctx context.Context, n *node, pause time.Duration) error {
	switch a {
	case linger:
		sched.Select(sched.Done(ctx).Receiving(nil, nil), sched.After(time.Microsecond).Receiving(nil, nil))
		return ctx.Err()
	case retry:
		return engine.RetryAfter(pause)
	case jump:
		return engine.Goto(fmt.Sprint(n.target))
	case skip:
		return fmt.Errorf("nothing here: %w", engine.Skip)
	case stop:
		return engine.Stop
	case suspend:
		return engine.Suspend("later")
	case fail:
		return errPlanned
	case panics:
		panic(errPlanned)
	case exits:
		runtime.Goexit()
	case joined:
		return errors.Join(errPlanned, engine.Skip)
	case astray:
		return engine.Goto("nowhere")
	}
	return nil
}

// calm are the scripts that end no run, the simplest first, and wild are all.
var (
	calm = []script{{}, {last: linger}, {last: skip}, {retries: 1}, {retries: 2, pause: time.Microsecond}}
	wild = append(calm[:len(calm):len(calm)], []script{{last: stop}, {last: suspend}, {last: fail}, {last: panics},
		{last: exits}, {last: joined}, {last: astray}, {retries: 3}, {retries: 1, last: fail}, {retries: 1, last: stop}}...)
)

// drawPlan draws few words, as what an input lacks are zeros, and not so many.
func drawPlan(r *rapid.T) *plan {
	number := func(label string, most int) int { return rapid.IntRange(0, most).Draw(r, label) }
	p := &plan{nodes: make([]node, 1+number("nodes", 4)), chain: number("chain", 3) == 3, retries: 2,
		usage: usage(number("usage", int(late))), buffer: number("buffer", 2)}
	scripts := calm
	if number("wild", 1) == 1 {
		scripts = wild
	}
	if p.usage == left {
		p.after = number("after", 20)
	}
	if p.chain {
		p.jumps = 1 + number("jumps", 4)
	}
	p.twins = number("twins", 7) == 7
	for i := range p.nodes {
		p.nodes[i] = drawNode(number, scripts, i, len(p.nodes), p.chain)
	}
	return p
}

// drawNode draws the i-th of so many nodes.
func drawNode(number func(string, int) int, scripts []script, i, nodes int, chain bool) node {
	n := node{kind: kind(number("kind", int(gather))), target: -1}
	switch {
	case chain && i > 0:
		n.from = []int{i - 1}
	case i > 0:
		for set, k := number("from", 1<<i-1), 0; set > 0; set, k = set/2, k+1 {
			if set%2 == 1 {
				n.from = append(n.from, k)
			}
		}
	}
	if n.kind != iterated {
		n.calls = scripts[number("calls", len(scripts)-1)]
	}
	if n.kind == step {
		n.drawGoto(number, i, nodes, chain)
		return n
	}
	if most := 4; n.kind == gather && number("many", 7) == 7 {
		n.items = make([]script, 9)
	} else {
		n.items = make([]script, number("items", most))
	}
	n.limit = number("limit", 3)
	for k := 0; k < min(len(n.items), 4); k++ {
		n.items[k] = scripts[number("item", len(scripts)-1)]
	}
	if n.kind == gather && len(n.items) > 0 && len(scripts) > len(calm) {
		n.collect, n.at = answer(number("collect", int(astray))), number("at", len(n.items)-1)
	}
	return n
}

// drawGoto draws the Gotos of a step.
func (n *node) drawGoto(number func(string, int) int, i, nodes int, chain bool) {
	jumps := number("goto", 3)
	if jumps == 0 {
		return
	}
	n.target = number("target", nodes-1)
	if !chain {
		n.target = max(n.target, i)
	}
	n.calls.jumps = jumps - 1
}
