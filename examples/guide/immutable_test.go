package guide

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Settings are meant not to change. The fields after the first one are such that a
// copy of the struct shares what they lead to.
type Settings struct {
	UserID int
	Config map[string]int
	Items  []int
	P      *int
	C      chan int
	F      func() int
}

// newSettings returns settings, and a way to change what F has captured.
func newSettings() (s *Settings, captured *int) {
	n, m := 1, 1
	return &Settings{1, map[string]int{"k": 1}, []int{1, 2}, &m, make(chan int, 1), func() int { return n }}, &n
}

// Limits can be copied and handed over without sharing anything.
type Limits struct {
	UserID int
	Name   string
	Max    [4]int
}

// complaints are what a test would have failed with.
type complaints []string

func (c *complaints) Helper() {}
func (c *complaints) Errorf(format string, args ...any) {
	*c = append(*c, fmt.Sprintf(format, args...))
}

var leakLine = regexp.MustCompile(`(?m)^ +([^ :]+):`)

// leaks returns the paths through which check.Immutable says that an S can be changed.
func leaks[S any]() []string {
	var c complaints
	check.Immutable[S](&c)
	var paths []string
	for _, text := range c {
		for _, m := range leakLine.FindAllStringSubmatch(text, -1) {
			paths = append(paths, m[1])
		}
	}
	return paths
}

// changing is the body of a check: frozen settings, a step that changes them with the
// name of what it does, and one beside it that reads them.
func changing(change func(s *Settings)) func(*check.T) {
	p := engine.New[Settings]("frozen", engine.Options{MultiRoot: true})
	p.Step("change", func(_ context.Context, s *Settings) error { change(s); return nil }, engine.NodeOptions{})
	p.Step("read", func(_ context.Context, s *Settings) error { sched.Yield(); _ = s.UserID; return nil }, engine.NodeOptions{})
	return func(t *check.T) {
		s, _ := newSettings()
		_, err := p.Run(t.Context(), race.Freeze(s), engine.RunOptions{})
		require.NoError(t, err)
	}
}

// alone is changing with one step.
func alone(change func(s *Settings)) func(*check.T) {
	p := engine.New[Settings]("alone", engine.Options{})
	p.Step("change", func(_ context.Context, s *Settings) error { change(s); return nil }, engine.NodeOptions{})
	return func(t *check.T) {
		s, _ := newSettings()
		_, err := p.Run(t.Context(), race.Freeze(s), engine.RunOptions{})
		require.NoError(t, err)
	}
}

// A field of a frozen value is assigned to. It is reported on every schedule, once a
// path, also if there is one task only.
func TestSeedS06FieldAssigned(t *testing.T) {
	assign := func(s *Settings) { s.UserID = 7 }
	want := "mutated immutable Settings.UserID: change changed it from 1 to 7"
	reports(t, changing(assign), changing(assign), want)
	reports(t, alone(assign), alone(assign), want)
	silent(t, changing(func(s *Settings) { t := *s; t.UserID = 7 }))

	n, show := findings(t, func() {
		s, _ := newSettings()
		race.Freeze(s)
		tasks(func() { sched.Yield(); assign(s); sched.Yield() }, sched.Yield)
	})
	assert.Equal(t, 3, n)
	assert.Equal(t, map[string]int{"mutated immutable on Settings.UserID": n}, show)
}

// Frozen outside and mutable inside: the type shows it, and so does the change.
func TestSeedS07MutableInside(t *testing.T) {
	store := func(s *Settings) { s.Config["k"] = 2 }
	reports(t, changing(store), changing(store), `mutated immutable Settings.Config["k"]: change changed it from 1 to 2`)

	assert.Equal(t, []string{"Settings.Config", "Settings.Items", "Settings.P", "Settings.C", "Settings.F"}, leaks[Settings]())
	assert.Empty(t, leaks[Limits]())
	var c complaints
	check.Immutable[Settings](&c, "Settings.Config", "Settings.Items", "Settings.P", "Settings.C", "Settings.F")
	assert.Empty(t, c, "paths that are known to be safe")
}

// A copy of the struct is no copy of its map.
func TestSeedS08CopyWithAMap(t *testing.T) {
	viaCopy := func(s *Settings) { t := *s; t.Config["k"] = 2 }
	reports(t, changing(viaCopy), changing(viaCopy), `mutated immutable Settings.Config["k"]: change changed it from 1 to 2`)
	assert.Contains(t, leaks[Settings](), "Settings.Config")
	assert.Equal(t, []string{"CopyOfConfig.Config"}, leaks[CopyOfConfig]())
}

// CopyOfConfig is a value type that is none.
type CopyOfConfig struct{ Config map[string]int }

// Order is validated when it is made, and keeps what it was given.
type Order struct {
	Items []int
	Total int
}

var errEmpty = errors.New("an order needs items")

// NewOrder checks the items.
func NewOrder(items []int) (*Order, error) {
	if len(items) == 0 || slices.Min(items) < 1 {
		return nil, errEmpty
	}
	return &Order{Items: items, Total: len(items)}, nil
}

// To validate a value is not to make it immutable.
func TestSeedS09ValidatedAndShallow(t *testing.T) {
	spoil := func(_ context.Context, o *Order) error { o.Items[0] = -1; return nil }
	read := func(context.Context, *Order) error { sched.Yield(); return nil }
	body := func(t *check.T) {
		o, err := NewOrder([]int{3, 4})
		require.NoError(t, err)
		_, err = branches(spoil, read).Run(t.Context(), race.Freeze(o), engine.RunOptions{})
		require.NoError(t, err)
	}
	reports(t, body, body, "mutated immutable Order.Items[0]: branch1 changed it from 3 to -1")
	assert.Equal(t, []string{"Order.Items"}, leaks[Order]())
}

// keepsAlias makes an order of a buffer and goes on using that while a pipeline works
// on the order.
func keepsAlias(entry func([]int) []int) func(*check.T) {
	p := branches(func(_ context.Context, o *Order) error { sched.Yield(); return nil })
	return func(t *check.T) {
		buf := []int{1, 2, 3}
		o := race.Freeze(&Order{Items: entry(buf[:2])})
		var wg sched.WaitGroup
		wg.Go(func() {
			_, err := p.Run(t.Context(), o, engine.RunOptions{})
			require.NoError(t, err)
		})
		buf[0] = 9
		wg.Wait()
	}
}

// The maker of a value keeps a way to it.
func TestSeedS10AliasOfTheMaker(t *testing.T) {
	same := func(items []int) []int { return items }
	reports(t, keepsAlias(same), keepsAlias(same), "mutated immutable Order.Items[0]: main changed it from 1 to 9")
	silent(t, keepsAlias(slices.Clone[[]int]))
}

// List is a value whose items can be watched.
type List struct{ Items *race.Slice[int] }

// The same is a data race if the items are data that the tracker watches.
func TestSeedS10AliasRaces(t *testing.T) {
	body := func(entry func(*race.Slice[int]) *race.Slice[int]) func(*check.T) {
		p := branches(func(_ context.Context, s *List) error { s.Items.At(0); return nil })
		return func(t *check.T) {
			buf := &race.Slice[int]{}
			buf.Append(1, 2)
			s := &List{Items: entry(buf)}
			var wg sched.WaitGroup
			wg.Go(func() {
				_, err := p.Run(t.Context(), s, engine.RunOptions{})
				require.NoError(t, err)
			})
			buf.Set(0, 9)
			wg.Wait()
		}
	}
	same := body(func(s *race.Slice[int]) *race.Slice[int] { return s })
	reports(t, same, same, "data race (no lock) on List.Items[0]")
	silent(t, body(func(s *race.Slice[int]) *race.Slice[int] {
		own := &race.Slice[int]{}
		own.Append(s.Snapshot()...)
		return own
	}))
}
