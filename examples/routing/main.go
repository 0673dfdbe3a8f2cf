// Command routing answers letters to a shop: a switch starts one of several
// branches, of different lengths, and all of them lead to the same join.
//
// Look at pipeline: "answer" waits for what can still come and for nothing else. Of
// the branches that were not taken nothing can, so no edge has to say which ones
// belong together, and the join does not depend on how long they are.
package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
)

// Letter is the state of a run.
type Letter struct {
	Text string

	Parcel, Money, Answer race.Var[string]
}

// pipeline returns the steps:
//
//	sort ─┬─ return: find ─┬─ refund ──┬─ answer
//	      │                └─ restock ─┤
//	      ├─ late: trace ──────────────┤
//	      └─ default: read ────────────┘
func pipeline() *engine.Pipeline[Letter] {
	p := engine.New[Letter]("letters", engine.Options{})
	step := func(name string, fn engine.StepFunc[Letter]) *engine.Node[Letter] {
		return p.Step(name, fn, engine.NodeOptions{})
	}
	find := step("find", find)
	refund := step("refund", refund)
	restock := step("restock", restock)
	trace := step("trace", trace)
	read := step("read", read)
	answer := step("answer", answer)

	engine.Switch(p, "sort", engine.Choice[Letter, string]{
		Key: func(_ context.Context, l *Letter) (string, error) {
			topic, _, _ := strings.Cut(l.Text, ":")
			return topic, nil
		},
		Cases:   []engine.Case[Letter, string]{{Key: "return", To: find}, {Key: "late", To: trace}},
		Default: read,
	}, engine.NodeOptions{})
	find.To(refund, restock)
	refund.To(answer)
	restock.To(answer)
	trace.To(answer)
	read.To(answer)
	return p
}

// find skips what follows if there is no number to find the order by.
func find(_ context.Context, l *Letter) error {
	if !strings.ContainsAny(l.Text, "0123456789") {
		return fmt.Errorf("no number: %w", engine.Skip)
	}
	return nil
}

func refund(_ context.Context, l *Letter) error {
	l.Money.Store("your money is on its way")
	return nil
}

func restock(_ context.Context, l *Letter) error {
	l.Parcel.Store("we have got your parcel")
	return nil
}

func trace(_ context.Context, l *Letter) error {
	l.Parcel.Store("your parcel is in Oslo")
	return nil
}

func read(context.Context, *Letter) error { return nil }

func answer(_ context.Context, l *Letter) error {
	parts := []string{"Dear customer"}
	for _, part := range []string{l.Parcel.Load(), l.Money.Load()} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	l.Answer.Store(strings.Join(parts, ", "))
	return nil
}

// run answers some letters and prints which steps that took, and why the others were
// left out.
func run(ctx context.Context, out io.Writer) error {
	p := pipeline()
	for _, text := range []string{"return: order 17", "late: order 18", "thank you", "return: my order"} {
		letter := &Letter{Text: text}
		result, err := p.Run(ctx, letter, engine.RunOptions{})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n", text)
		for _, left := range []engine.Left{"", engine.LeftSkipped, engine.NotTaken} {
			printNodes(out, result, left)
		}
		fmt.Fprintf(out, "  answer: %q\n", letter.Answer.Load())
	}
	return nil
}

// printNodes prints the nodes that were left out for a reason, or that ran.
func printNodes(out io.Writer, result engine.Result, left engine.Left) {
	var names []string
	for _, n := range result.Nodes {
		if n.Left == left {
			names = append(names, n.Name)
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(out, "  %s: %s\n", cmp.Or(left, "ran"), strings.Join(names, ", "))
	}
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "routing:", err)
		os.Exit(1)
	}
}
