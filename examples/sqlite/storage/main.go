// Command storage sells what is in stock, several orders at once. The stock is in a
// SQLite file, behind an interface, and in simulations in memory.
//
//	cd examples/sqlite
//	go run ./storage
//	go run ./storage -careless
//
// Look at sell and sellCareless: each call of the database is safe in itself, but what
// was read may be old when it is written. With -careless too many are sold in some runs
// and not in others, and go run -race does not see why. The simulation in main_test.go
// finds it each time, and shows how it comes:
//
//	go test -v -run TestCareless ./storage
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ravelgo/ravel/engine"
)

// Order is an item.
type Order struct {
	Thing string
	N     int
}

// Shop is the state of a run.
type Shop struct {
	Stock  Stock
	Orders []Order
}

var errSoldOut = errors.New("sold out")

// take returns what is left of n after an order.
func (o Order) take(n int) (int, error) {
	if n < o.N {
		return n, errSoldOut
	}
	return n - o.N, nil
}

// sell takes an order out of the stock, in one transaction.
func sell(ctx context.Context, s Stock, o Order) error {
	return s.Update(ctx, o.Thing, o.take)
}

// sellCareless does it in two calls.
func sellCareless(ctx context.Context, s Stock, o Order) error {
	n, err := s.Get(ctx, o.Thing)
	if err != nil {
		return err
	}
	if n, err = o.take(n); err != nil {
		return err
	}
	return s.Put(ctx, o.Thing, n)
}

// pipeline returns a map that sells each order, four at once. Those for which there
// is not enough are skipped.
func pipeline(sell func(context.Context, Stock, Order) error) *engine.Pipeline[Shop] {
	p := engine.New[Shop]("shop", engine.Options{})
	engine.Map(p, "sell", engine.Each[Shop, Order]{
		Items: engine.Slice(func(_ context.Context, s *Shop) ([]Order, error) { return s.Orders, nil }),
		Do: func(ctx context.Context, s *Shop, o Order) error {
			err := sell(ctx, s.Stock, o)
			if errors.Is(err, errSoldOut) {
				return engine.Skip
			}
			return err
		},
	}, engine.MapOptions{MaxConcurrency: 4})
	return p
}

// run sells lamps out of a file in dir and prints what came of it.
func run(ctx context.Context, dir string, p *engine.Pipeline[Shop], out io.Writer) (err error) {
	f, err := open(ctx, filepath.Join(dir, "stock.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.db.Close()) }()
	const before, orders = 60, 100
	if err := f.Put(ctx, "lamp", before); err != nil {
		return err
	}
	s := &Shop{Stock: f}
	for range orders {
		s.Orders = append(s.Orders, Order{"lamp", 1})
	}
	result, err := p.Run(ctx, s, engine.RunOptions{})
	if err != nil {
		return err
	}
	left, err := f.Get(ctx, "lamp")
	if err != nil {
		return err
	}
	skipped := result.Metrics.Nodes[0].Skipped
	fmt.Fprintf(out, "%d lamps, %d orders: %d sold, %d refused, %d left", before, orders, orders-skipped, skipped, left)
	if lost := orders - skipped + left - before; lost != 0 {
		fmt.Fprintf(out, ", which is wrong by %d", lost)
	}
	fmt.Fprintln(out)
	return nil
}

func main() {
	careless := flag.Bool("careless", false, "sell in two calls")
	flag.Parse()
	p := pipeline(sell)
	if *careless {
		p = pipeline(sellCareless)
	}
	dir, err := os.MkdirTemp("", "storage")
	if err == nil {
		err = errors.Join(run(context.Background(), dir, p, os.Stdout), os.RemoveAll(dir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "storage:", err)
		os.Exit(1)
	}
}
