// Command joins shows what a node with several predecessors can wait for, on a
// simulated clock: the fastest of three servers, two of them, whatever has come
// within a limit, and each server on its own.
//
// Look at cases: the options of one node are all that differs between them. And look
// at ask: a join that has what it wants does not end the others. They end themselves,
// when the context that they share is done, and say that they were not needed.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Question is the state of a run: what is known of the servers, and their answers.
type Question struct {
	Takes map[string]time.Duration // to answer; none if the server is down
	Log   sched.Guarded[[]string]

	open    context.Context // until enough have answered
	enough  context.CancelFunc
	answers sched.Guarded[[]string]
}

var servers = []string{"Bern", "Oslo", "Rome"}

var errDown = errors.New("connection refused")

// pipeline asks all servers at once, and then does what they are asked for.
//
//	start ─┬─ Bern ─┬─ use
//	       ├─ Oslo ─┤
//	       └─ Rome ─┘
func pipeline(options engine.NodeOptions, use engine.StepFunc[Question]) *engine.Pipeline[Question] {
	p := engine.New[Question]("question", engine.Options{})
	start := p.Step("start", func(ctx context.Context, q *Question) error {
		q.open, q.enough = sched.WithCancel(context.WithoutCancel(ctx))
		return nil
	}, engine.NodeOptions{})
	last := p.Step("use", use, options)
	if options.BarrierTimeout > 0 {
		last.OnError(func(context.Context, *Question, *engine.StepError) error { return engine.Retry }) // now, with what has come
	}
	for _, name := range servers {
		server := p.Step(name, ask(name), engine.NodeOptions{})
		server.OnError(func(context.Context, *Question, *engine.StepError) error { return engine.Skip })
		start.To(server)
		server.To(last)
	}
	p.OnFinish(func(_ context.Context, q *Question, _ engine.Result) error { q.enough(); return nil })
	return p
}

// ask returns a step that asks a server.
func ask(name string) engine.StepFunc[Question] {
	return func(ctx context.Context, q *Question) error {
		d, up := q.Takes[name]
		if !up {
			return errDown
		}
		switch sched.Select(sched.Done(ctx).Receiving(nil, nil), sched.Done(q.open).Receiving(nil, nil), sched.After(d).Receiving(nil, nil)) {
		case 0:
			return ctx.Err()
		case 1:
			return engine.Skip
		}
		q.answers.Do(func(all *[]string) { *all = append(*all, name) })
		return nil
	}
}

// note logs which answers there are, and that no more are needed.
func note(_ context.Context, q *Question) error {
	q.enough()
	q.answers.Do(func(all *[]string) { q.log("with the answers of %s", strings.Join(*all, " and ")) })
	return nil
}

// noteEach logs that there is one more.
func noteEach(_ context.Context, q *Question) error {
	q.answers.Do(func(all *[]string) { q.log("with answer %d", len(*all)) })
	return nil
}

func (q *Question) log(format string, args ...any) {
	q.Log.Do(func(lines *[]string) { *lines = append(*lines, fmt.Sprintf(format, args...)) })
}

// cases are what can be waited for.
var cases = []struct {
	name    string
	options engine.NodeOptions
	use     engine.StepFunc[Question]
	down    string // a server, or several
}{
	{"all", engine.NodeOptions{Join: engine.All}, note, ""},
	{"the fastest", engine.NodeOptions{Join: engine.Any}, note, "Oslo"},
	{"two", engine.NodeOptions{Join: engine.AtLeast(2)}, note, "Oslo"},
	{"two, but there is one", engine.NodeOptions{Join: engine.AtLeast(2)}, note, "Oslo Rome"},
	{"one second from the first", engine.NodeOptions{BarrierTimeout: time.Second}, note, ""},
	{"each", engine.NodeOptions{Join: engine.PerArrival}, noteEach, ""},
}

// run asks in each of these ways, and prints when which answers were used.
func run(ctx context.Context, out io.Writer) error {
	for _, c := range cases {
		q := &Question{Takes: map[string]time.Duration{"Bern": 3 * time.Second, "Oslo": time.Second, "Rome": 5 * time.Second}}
		for _, name := range strings.Fields(c.down) {
			delete(q.Takes, name)
		}
		result, err := pipeline(c.options, c.use).Run(ctx, q, engine.RunOptions{})
		if err != nil {
			return err
		}
		used := result.Nodes[slices.IndexFunc(result.Nodes, func(n engine.NodeResult) bool { return n.Name == "use" })]
		fmt.Fprintf(out, "%s: %s after %v\n", c.name, cmp.Or(used.Left, "done"), result.Duration)
		q.Log.Do(func(lines *[]string) {
			for _, line := range *lines {
				fmt.Fprintln(out, " ", line)
			}
		})
	}
	return nil
}

// simulate does that in a simulation.
func simulate(out io.Writer) (err error) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	result := sim.Run(strategy.Repeat(nil), 1, func() { err = run(context.Background(), out) })
	return errors.Join(err, result.End)
}

func main() {
	if err := simulate(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "joins:", err)
		os.Exit(1)
	}
}
