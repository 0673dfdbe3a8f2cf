package recipes

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// memory is a Table for tests. A call takes up to 20 ms, and one in ten fails before
// it does anything. Each row is locked for itself, as in a database.
type memory struct {
	mu   sched.Mutex // guards Rows
	Rows race.Map[string, Row]
}

// reach stands for the way to the database.
func (m *memory) reach(ctx context.Context) error {
	sched.Sleep(time.Duration(sched.Rand().IntN(20)) * time.Millisecond)
	if sched.Rand().IntN(10) == 0 {
		return ErrUnavailable
	}
	return ctx.Err()
}

func (m *memory) Read(ctx context.Context, key string) (Row, error) {
	if err := m.reach(ctx); err != nil {
		return Row{}, err
	}
	m.mu.Lock()
	row := m.Rows.Load(key)
	m.mu.Unlock()
	return row, nil
}

func (m *memory) Write(ctx context.Context, key string, row Row) error {
	if err := m.reach(ctx); err != nil {
		return err
	}
	row.Version++
	m.mu.Lock()
	m.Rows.Store(key, row)
	m.mu.Unlock()
	return nil
}

func (m *memory) Update(ctx context.Context, key string, row Row) error {
	if err := m.reach(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Rows.Load(key).Version != row.Version {
		return ErrConflict
	}
	row.Version++
	m.Rows.Store(key, row)
	return nil
}

// selling returns the body of a check: three orders, of a stock of five.
func selling(sell func(context.Context, Table, string) error) func(*check.T) {
	shop := Shop(sell)
	return func(t *check.T) {
		m := &memory{}
		m.Rows.Set("tea", Row{Stock: 5})
		_, err := shop.Run(t.Context(), &Orders{Table: m, Keys: []string{"tea", "tea", "tea"}}, engine.RunOptions{})
		require.NoError(t, err)
		require.Equal(t, Row{Stock: 2, Version: 3}, m.Rows.Load("tea"))
	}
}

func TestStock(t *testing.T) { silent(t, check.Config{}, selling(Sell)) }

// carelessSell reads the row and writes it: two calls, each of which is safe.
func carelessSell(ctx context.Context, t Table, key string) error {
	row, err := t.Read(ctx, key)
	if err != nil {
		return err
	}
	if row.Stock == 0 {
		return ErrSoldOut
	}
	row.Stock--
	return t.Write(ctx, key, row)
}

func TestStockSoldTwice(t *testing.T) {
	f := finds(t, check.Config{}, "lost update", selling(carelessSell))
	assert.Contains(t, f.Summary, "Rows")
}

// locked sells with a lock of its own: right as long as nobody else writes the row.
func locked(sell func(context.Context, Table, string) error) func(context.Context, Table, string) error {
	var mu sched.Mutex
	return func(ctx context.Context, t Table, key string) error {
		mu.Lock()
		defer mu.Unlock()
		return sell(ctx, t, key)
	}
}

func TestStockLocked(t *testing.T) {
	silent(t, check.Config{}, func(t *check.T) { selling(locked(carelessSell))(t) })
}
