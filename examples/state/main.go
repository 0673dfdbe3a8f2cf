// Command state books orders, several at once, on a state that holds the four kinds
// of things that steps share.
//
// Look at Shop. Prices are not changed after the start, and need nothing. Each total
// has a lock of its own, so that those who count orders do not wait for those who
// count money. The cache is data together with its lock, which cannot be reached
// without it. And the database, which is outside, is entered through a semaphore. In
// main_test.go each of them is done wrong, and found.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Order is an item.
type Order struct {
	Thing, Country string
	N              int
}

// Prices are what things cost.
type Prices map[string]int

// Shop is the state of a run.
type Shop struct {
	Orders []Order
	Prices *Prices // frozen: not changed any more

	countMu sched.Mutex // guards Count
	Count   race.Var[int]
	moneyMu sched.Mutex // guards Money
	Money   race.Var[int]

	rates sched.Guarded[Rates]

	connections *sched.Semaphore // to the database
	db          sched.Guarded[Database]
}

// Rates is a cache of what servers say about the tax of countries.
type Rates struct {
	Percent race.Map[string, int]
	Asked   race.Var[int] // how often they were asked
}

// Database stands for one that refuses more than two connections at once.
type Database struct{ connections, rows int }

var errConnections = errors.New("too many connections")

// insert writes a row over a connection of its own.
func insert(d *sched.Guarded[Database]) (err error) {
	d.Do(func(d *Database) {
		if d.connections++; d.connections > 2 {
			err = errConnections
			return
		}
		d.rows++
	})
	d.Do(func(d *Database) { d.connections-- })
	return err
}

// newShop returns a shop with some orders.
func newShop(orders ...Order) *Shop {
	return &Shop{Orders: orders, Prices: race.Freeze(&Prices{"book": 100, "lamp": 500}), connections: sched.NewSemaphore(2)}
}

// pipeline returns a map that does something for each order.
func pipeline(book func(ctx context.Context, s *Shop, o Order) error) *engine.Pipeline[Shop] {
	p := engine.New[Shop]("shop", engine.Options{})
	engine.Map(p, "book", engine.Each[Shop, Order]{
		Items: engine.Slice(func(_ context.Context, s *Shop) ([]Order, error) { return s.Orders, nil }),
		Do:    book,
	}, engine.MapOptions{MaxConcurrency: 3})
	return p
}

// book books one order.
func book(ctx context.Context, s *Shop, o Order) error {
	money := o.N * (*s.Prices)[o.Thing]
	money += money * s.rate(o.Country) / 100
	s.add(money)
	return s.save(ctx)
}

// add adds an order to the totals.
func (s *Shop) add(money int) {
	s.countMu.Lock()
	s.Count.Update(func(n int) int { return n + 1 })
	s.countMu.Unlock()

	s.moneyMu.Lock()
	defer s.moneyMu.Unlock()
	s.Money.Update(func(sum int) int { return sum + money })
}

// rate returns the tax of a country, for which it asks once.
func (s *Shop) rate(country string) (percent int) {
	s.rates.Do(func(r *Rates) {
		var known bool
		if percent, known = r.Percent.Lookup(country); !known {
			percent = r.ask(country)
			r.Percent.Store(country, percent)
		}
	})
	return percent
}

// ask stands for a question to a server.
func (r *Rates) ask(country string) int {
	r.Asked.Update(func(n int) int { return n + 1 })
	return map[string]int{"Norway": 25, "Italy": 22}[country]
}

// save writes a row into the database.
func (s *Shop) save(ctx context.Context) error {
	if err := s.connections.Acquire(ctx, 1); err != nil {
		return err
	}
	defer s.connections.Release(1)
	return insert(&s.db)
}

// run books some orders and prints the totals.
func run(ctx context.Context, out io.Writer) error {
	s := newShop(Order{"book", "Norway", 2}, Order{"lamp", "Italy", 1}, Order{"book", "Norway", 1})
	if _, err := pipeline(book).Run(ctx, s, engine.RunOptions{}); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d orders, %d in all\n", s.Count.Load(), s.Money.Load())
	s.rates.Do(func(r *Rates) { fmt.Fprintf(out, "%d rates asked for\n", r.Asked.Load()) })
	s.db.Do(func(d *Database) { fmt.Fprintf(out, "%d rows in the database\n", d.rows) })
	return nil
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "state:", err)
		os.Exit(1)
	}
}
