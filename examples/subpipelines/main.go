// Command subpipelines sends an order: it calls one pipeline to take the money, and
// another one for each parcel.
//
// Look at pipeline: each inner pipeline has a state, a policy and limits of its own.
// In makes the inner state and Out takes what came of it; nothing else goes in or
// out. A card that is refused twice is charged again in a new inner run; a label that
// does not print does not keep the same parcel from being weighed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
)

// Order is the state of the outer run.
type Order struct {
	Parcels []string
	Refused int // how often the card is refused

	Receipt race.Var[string]
	Sent    race.Slice[string]
}

// Payment is the state of a run that takes the money.
type Payment struct{ Card, Receipt race.Var[string] }

// Parcel is the state of a run that makes a parcel ready.
type Parcel struct {
	Name          string
	Weight, Label race.Var[string]
}

var errRefused = errors.New("the card is refused")

// pipeline returns that of an order.
func pipeline() *engine.Pipeline[Order] {
	p := engine.New[Order]("order", engine.Options{})
	pay := engine.Sub(p, "pay", engine.Bind[Order, Payment]{
		Inner: payment(),
		In: func(ctx context.Context, o *Order) (*Payment, error) {
			in := &Payment{}
			in.Card.Store("good")
			if engine.Info(ctx).Attempt <= o.Refused {
				in.Card.Store("refused")
			}
			return in, nil
		},
		Out: func(_ context.Context, o *Order, in *Payment) error {
			o.Receipt.Store(in.Receipt.Load())
			return nil
		},
	}, engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 3}})

	send := engine.MapSub(p, "parcels", engine.EachSub[Order, string, Parcel]{
		Items: engine.Slice(func(_ context.Context, o *Order) ([]string, error) { return o.Parcels, nil }),
		Inner: parcel(),
		In:    func(_ context.Context, _ *Order, name string) (*Parcel, error) { return &Parcel{Name: name}, nil },
		Out: func(_ context.Context, o *Order, _ int, in *Parcel) error { // in the order of the items
			o.Sent.Append(fmt.Sprintf("%s: %s, %s", in.Name, in.Weight.Load(), in.Label.Load()))
			return nil
		},
	}, engine.MapOptions{MaxConcurrency: 2})
	pay.To(send)
	return p
}

// payment returns the pipeline that takes the money: by default the first failure
// ends it.
func payment() *engine.Pipeline[Payment] {
	p := engine.New[Payment]("payment", engine.Options{})
	charge := p.Step("charge", func(_ context.Context, in *Payment) error {
		if card := in.Card.Load(); card != "good" {
			return errRefused
		}
		return nil
	}, engine.NodeOptions{})
	charge.To(p.Step("receipt", func(_ context.Context, in *Payment) error {
		in.Receipt.Store("paid")
		return nil
	}, engine.NodeOptions{}))
	return p
}

// parcel returns the pipeline for one parcel. Its steps run at once, and its handler
// makes up for what fails in any of them.
func parcel() *engine.Pipeline[Parcel] {
	p := engine.New[Parcel]("parcel", engine.Options{MultiRoot: true, Policy: engine.FinishSiblings})
	p.Step("weigh", func(_ context.Context, in *Parcel) error {
		in.Weight.Store(fmt.Sprint(len(in.Name), " kg"))
		return nil
	}, engine.NodeOptions{})
	p.Step("label", func(_ context.Context, in *Parcel) error {
		if strings.ContainsAny(in.Name, "'") {
			return errors.New("no such letter")
		}
		in.Label.Store("printed label")
		return nil
	}, engine.NodeOptions{}).OnError(func(_ context.Context, in *Parcel, _ *engine.StepError) error {
		in.Label.Store("label by hand")
		return nil
	})
	return p
}

// run sends an order and prints what came of it.
func run(ctx context.Context, out io.Writer) error {
	p := pipeline()
	for _, refused := range []int{1, 3} {
		order := &Order{Parcels: []string{"books", "cat's food", "lamp"}, Refused: refused}
		result, err := p.Run(ctx, order, engine.RunOptions{})
		fmt.Fprintf(out, "card refused %d times: %s\n", refused, result.Status)
		if err != nil {
			fmt.Fprintf(out, "  %v\n", err)
		}
		for _, line := range order.Sent.All() {
			fmt.Fprintln(out, " ", line)
		}
	}
	return nil
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "subpipelines:", err)
		os.Exit(1)
	}
}
