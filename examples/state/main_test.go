package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
)

const want = `3 orders, 985 in all
2 rates asked for
3 rows in the database
`

// On goroutines.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(context.Background(), &out))
	assert.Equal(t, want, out.String())
}

// On every schedule.
func TestEverySchedule(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second}.Run(t, func(t *check.T) {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out))
		require.Equal(t, want, out.String())
	})
}

// wrong is what somebody does in place of book, and what is found then.
var wrong = []struct {
	name   string
	orders int
	do     func(ctx context.Context, s *Shop, o Order) error
	want   string
}{
	{"a price is changed", 2, func(_ context.Context, s *Shop, o Order) error {
		(*s.Prices)[o.Thing] = 90 // for a good customer
		return nil
	}, "mutated immutable"},

	{"the lock of another field is taken", 2, func(_ context.Context, s *Shop, o Order) error {
		if o.Country == "Norway" {
			s.add(100)
			return nil
		}
		s.countMu.Lock()
		defer s.countMu.Unlock()
		s.Money.Update(func(sum int) int { return sum + 100 })
		return nil
	}, "lost update on Shop.Money"},

	{"the cache is looked at, and changed later", 2, func(_ context.Context, s *Shop, o Order) error {
		known := false
		s.rates.Do(func(r *Rates) { _, known = r.Percent.Lookup("Italy") })
		if !known {
			s.rates.Do(func(r *Rates) { r.Percent.Store("Italy", r.ask("Italy")) })
		}
		return nil
	}, "atomicity violation (check-then-act) on Shop.rates.Percent"},

	{"the database is entered without the semaphore", 3, func(_ context.Context, s *Shop, o Order) error {
		return insert(&s.db)
	}, "too many connections"},
}

func TestWrong(t *testing.T) {
	if testing.Short() {
		t.Skip("to explain what is found takes long under the race detector, for which -short is")
	}
	for _, w := range wrong {
		t.Run(w.name, func(t *testing.T) {
			p := pipeline(w.do)
			r := check.Config{Runs: 50}.Search(t.Name(), func(t *check.T) {
				s := newShop(Order{"book", "Norway", 1}, Order{"book", "Italy", 1}, Order{"lamp", "Norway", 1})
				s.Orders = s.Orders[:w.orders]
				_, err := p.Run(t.Context(), s, engine.RunOptions{})
				require.NoError(t, err)
			})
			require.NotEmpty(t, r.Findings)
			f := r.Findings[0]
			assert.Contains(t, f.Kind+" "+f.Summary, w.want)
		})
	}
}
