// Command dag tells what it costs to send a parcel: a pipeline whose branches run
// at the same time and meet in joins.
//
// Look at pipeline: a function for each step, a line for each edge, and no lock.
// Steps that run at once write different fields, and one that reads a field comes,
// over edges, after the one that writes it. If an edge is forgotten a search finds
// a data race: see main_test.go.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
)

// Parcel is the state of a run: what is known at the start, and what the steps
// find out.
type Parcel struct {
	To     string
	Things []Thing

	Grams, Zone, Postage, Insurance, Total race.Var[int]
}

// Thing is something in a parcel.
type Thing struct{ Grams, Value int }

// pipeline returns the steps:
//
//	open ─┬─ weigh ──┬─ postage ─┬─ total
//	      ├─ zone ───┘           │
//	      └─ insure ─────────────┘
func pipeline() *engine.Pipeline[Parcel] {
	p := engine.New[Parcel]("parcel", engine.Options{})
	open := p.Step("open", look, engine.NodeOptions{})
	weigh := p.Step("weigh", weigh, engine.NodeOptions{})
	zone := p.Step("zone", zone, engine.NodeOptions{})
	insure := p.Step("insure", insure, engine.NodeOptions{})
	postage := p.Step("postage", postage, engine.NodeOptions{})
	total := p.Step("total", total, engine.NodeOptions{})

	open.To(weigh, zone, insure)
	weigh.To(postage)
	zone.To(postage)
	postage.To(total)
	insure.To(total)
	return p
}

// look fails if there is nothing to send.
func look(_ context.Context, p *Parcel) error {
	if len(p.Things) == 0 {
		return fmt.Errorf("the parcel to %s is empty", p.To)
	}
	return nil
}

func weigh(_ context.Context, p *Parcel) error {
	grams := 0
	for _, t := range p.Things {
		grams += t.Grams
	}
	p.Grams.Store(grams)
	return nil
}

func zone(_ context.Context, p *Parcel) error {
	zones := map[string]int{"Bern": 1, "Oslo": 2}
	if zones[p.To] == 0 {
		return fmt.Errorf("nobody delivers to %s", p.To)
	}
	p.Zone.Store(zones[p.To])
	return nil
}

func insure(_ context.Context, p *Parcel) error {
	value := 0
	for _, t := range p.Things {
		value += t.Value
	}
	p.Insurance.Store(value / 100)
	return nil
}

func postage(_ context.Context, p *Parcel) error {
	p.Postage.Store(p.Zone.Load() * (3 + p.Grams.Load()/500))
	return nil
}

func total(_ context.Context, p *Parcel) error {
	p.Total.Store(p.Postage.Load() + p.Insurance.Load())
	return nil
}

// run sends some parcels and prints what each costs.
func run(ctx context.Context, out io.Writer) error {
	p := pipeline()
	for _, parcel := range []*Parcel{
		{To: "Oslo", Things: []Thing{{Grams: 400, Value: 900}, {Grams: 700, Value: 300}}},
		{To: "Atlantis", Things: []Thing{{Grams: 100}}},
		{To: "Bern"},
	} {
		result, err := p.Run(ctx, parcel, engine.RunOptions{})
		if err != nil {
			fmt.Fprintf(out, "%s: %v\n", result.Status, err)
			continue
		}
		fmt.Fprintf(out, "%s: %d g to %s: postage %d, insurance %d, total %d\n", result.Status,
			parcel.Grams.Load(), parcel.To, parcel.Postage.Load(), parcel.Insurance.Load(), parcel.Total.Load())
	}
	return nil
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dag:", err)
		os.Exit(1)
	}
}
