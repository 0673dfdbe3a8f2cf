// Command drawing prints a picture of a pipeline, as text for Mermaid and for
// Graphviz, before and after a run.
//
//	go run ./examples/drawing | dot -Tsvg > orders.svg
//	go run ./examples/drawing mermaid
//	go run ./examples/drawing run
//
// Look at testdata: the drawings are kept there, and main_test.go compares. Whoever
// changes the pipeline sees in the diff what that does to the graph. With "run" the
// nodes have the colours of what has become of them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/draw"
	"github.com/ravelgo/ravel/race"
)

// Order is the state of a run.
type Order struct {
	Express bool
	Tries   race.Var[int] // to reach the customer
}

// pipeline returns a pipeline with one of everything.
func pipeline() *engine.Pipeline[Order] {
	p := engine.New[Order]("orders", engine.Options{Policy: engine.FinishSiblings})
	nothing := func(context.Context, *Order) error { return nil }
	read := p.Step("read", nothing, engine.NodeOptions{})
	pick := engine.Map(p, "pick", engine.Each[Order, string]{
		Items: engine.Slice(func(context.Context, *Order) ([]string, error) { return []string{"book", "lamp"}, nil }),
		Do:    func(context.Context, *Order, string) error { return nil },
	}, engine.MapOptions{MaxConcurrency: 4})
	pay := engine.Sub(p, "pay", engine.Bind[Order, Order]{
		Inner: payment(),
		In:    func(context.Context, *Order) (*Order, error) { return &Order{}, nil },
	}, engine.NodeOptions{})
	courier := p.Step("courier", nothing, engine.NodeOptions{})
	van := p.Step("van", nothing, engine.NodeOptions{})
	how := engine.Switch(p, "how?", engine.Choice[Order, bool]{
		Key:     func(_ context.Context, o *Order) (bool, error) { return o.Express, nil },
		Cases:   []engine.Case[Order, bool]{{Key: true, To: courier}},
		Default: van,
	}, engine.NodeOptions{})
	ring := p.Step("ring", func(_ context.Context, o *Order) error {
		if o.Tries.Update(func(n int) int { return n + 1 }) < 3 {
			return engine.Goto("ring")
		}
		return errors.New("nobody is at home")
	}, engine.NodeOptions{})
	hand := p.Step("hand over", nothing, engine.NodeOptions{})

	read.To(pick, pay)
	pick.To(how)
	pay.To(how)
	courier.To(ring)
	van.To(ring)
	ring.MayGoto(ring).To(hand)
	return p
}

// payment returns the pipeline inside "pay".
func payment() *engine.Pipeline[Order] {
	p := engine.New[Order]("payment", engine.Options{})
	reserve := p.Step("reserve", func(context.Context, *Order) error { return nil }, engine.NodeOptions{})
	charge := p.Step("charge", func(context.Context, *Order) error { return errors.New("refused") }, engine.NodeOptions{})
	charge.OnError(func(context.Context, *Order, *engine.StepError) error { return nil })
	reserve.To(charge)
	return p
}

// states returns what has become of the nodes of a run.
func states(r engine.Result) map[string]draw.State {
	all := map[string]draw.State{}
	for i, n := range r.Nodes {
		switch {
		case n.Left != "":
			all[n.Name] = draw.Skipped
		case r.Metrics.Nodes[i].Failed > 0:
			all[n.Name] = draw.Failed
		default:
			all[n.Name] = draw.OK
		}
	}
	return all
}

// run prints what args ask for.
func run(ctx context.Context, args []string, out io.Writer) error {
	p := pipeline()
	if err := p.Validate(); err != nil {
		return err
	}
	switch {
	case len(args) == 0:
		fmt.Fprint(out, draw.DOT(p.Describe(), draw.Options{Direction: draw.Right}))
	case args[0] == "mermaid":
		fmt.Fprint(out, draw.Mermaid(p.Describe(), draw.Options{}))
	case args[0] == "run":
		result, _ := p.Run(ctx, &Order{Express: true}, engine.RunOptions{}) // it fails, as the drawing shows
		fmt.Fprint(out, draw.Mermaid(p.Describe(), draw.Options{Title: "orders: " + result.Reason, States: states(result)}))
	default:
		return fmt.Errorf("unknown argument %q; want none, mermaid or run", args[0])
	}
	return nil
}

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "drawing:", err)
		os.Exit(1)
	}
}
