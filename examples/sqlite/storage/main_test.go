package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// memory is a Stock for simulations. Each call is safe in itself, as those of a
// database are, and a search makes the calls in all orders.
type memory struct {
	mu   sched.Mutex // guards Rows
	Rows race.Map[string, int]
}

// Get is that of Stock.
func (m *memory) Get(_ context.Context, thing string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.row(thing)
}

// Put is that of Stock.
func (m *memory) Put(_ context.Context, thing string, n int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Rows.Store(thing, n)
	return nil
}

// Update is that of Stock.
func (m *memory) Update(_ context.Context, thing string, fn func(int) (int, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.row(thing)
	if err != nil {
		return err
	}
	if n, err = fn(n); err != nil {
		return err
	}
	m.Rows.Store(thing, n)
	return nil
}

// row returns a row. The lock is held.
func (m *memory) row(thing string) (int, error) {
	n, ok := m.Rows.Lookup(thing)
	if !ok {
		return 0, fmt.Errorf("%w: %q", errUnknown, thing)
	}
	return n, nil
}

// selling returns the body of a check: some order two lamps each, of seven.
func selling(orders int, sell func(context.Context, Stock, Order) error) func(*check.T) {
	p := pipeline(sell)
	return func(t *check.T) {
		s := &Shop{Stock: &memory{}}
		require.NoError(t, s.Stock.Put(t.Context(), "lamp", 7))
		for range orders {
			s.Orders = append(s.Orders, Order{"lamp", 2})
		}
		result, err := p.Run(t.Context(), s, engine.RunOptions{})
		require.NoError(t, err)
		left, err := s.Stock.Get(t.Context(), "lamp")
		require.NoError(t, err)
		sold := orders - result.Metrics.Nodes[0].Skipped
		require.Equal(t, 7-2*sold, left, "lamps left")
		require.Equal(t, min(orders, 3), sold, "orders")
	}
}

// In one transaction no update is lost, and no more is sold than there is.
func TestSell(t *testing.T) {
	check.Config{Runs: 10_000}.Run(t, selling(5, sell))
}

// In two calls an update is lost: too many lamps are left, and the report says who has
// read what another one has written since. Its advice, to hold the lock from the one to
// the other, is what a transaction does.
func TestCareless(t *testing.T) {
	if testing.Short() {
		t.Skip("to explain what is found takes long under the race detector, for which -short is")
	}
	r := check.Config{}.Search(t.Name(), selling(2, sellCareless))
	require.NotEmpty(t, r.Findings)
	f := r.Findings[0]
	t.Log(f.Report)
	assert.Equal(t, "lost update on Shop.Stock.Rows: sell[0] overwrote sell[1]'s write", f.Summary)
	assert.Contains(t, strings.Join(f.Also, "\n"), "expected: 3 actual: 5")
}

// On a file and goroutines.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), t.TempDir(), pipeline(sell), &out))
	assert.Equal(t, "60 lamps, 100 orders: 60 sold, 40 refused, 0 left\n", out.String())
}

// What is in memory does what the file does, as far as one task sees it.
func TestStock(t *testing.T) {
	f, err := open(t.Context(), filepath.Join(t.TempDir(), "stock.db"))
	require.NoError(t, err)
	defer f.db.Close()
	for name, s := range map[string]Stock{"file": f, "memory": &memory{}} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			_, err := s.Get(ctx, "lamp")
			assert.ErrorIs(t, err, errUnknown)
			assert.ErrorIs(t, s.Update(ctx, "lamp", Order{"lamp", 1}.take), errUnknown)
			require.NoError(t, s.Put(ctx, "lamp", 9))
			require.NoError(t, s.Put(ctx, "lamp", 3))
			require.NoError(t, s.Put(ctx, "book", 5))
			assert.NoError(t, s.Update(ctx, "lamp", Order{"lamp", 2}.take))
			assert.ErrorIs(t, s.Update(ctx, "lamp", func(int) (int, error) { return 100, errSoldOut }), errSoldOut)
			n, err := s.Get(ctx, "lamp")
			require.NoError(t, err)
			assert.Equal(t, 1, n)
		})
	}
}
