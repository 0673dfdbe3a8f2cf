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

const want = `card refused 1 times: success
  books: 5 kg, printed label
  cat's food: 10 kg, label by hand
  lamp: 4 kg, printed label
card refused 3 times: failed
  engine: pipeline "order": step pay: engine: pipeline "payment": step pay/charge: the card is refused
`

// On goroutines.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(context.Background(), &out))
	assert.Equal(t, want, out.String())
}

// On every schedule the same is sent, in the same order.
func TestEverySchedule(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second}.Run(t, func(t *check.T) {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out))
		require.Equal(t, want, out.String())
	})
}

// The errors of inner runs can be told by the caller of the outer one.
func TestErrors(t *testing.T) {
	result, err := pipeline().Run(context.Background(), &Order{Refused: 3}, engine.RunOptions{})
	assert.ErrorIs(t, err, errRefused)
	var inner *engine.RunError
	require.ErrorAs(t, result.Failure(), &inner)
	assert.Equal(t, "payment", inner.Pipeline)
}

// Inner runs to which In gives what they share, in place of a state of their own,
// disturb each other.
func TestSharedState(t *testing.T) {
	r := check.Config{}.Search(t.Name(), func(t *check.T) {
		p := engine.New[Order]("order", engine.Options{})
		shared := &Parcel{Name: "all"}
		engine.MapSub(p, "parcels", engine.EachSub[Order, string, Parcel]{
			Items: engine.Slice(func(_ context.Context, o *Order) ([]string, error) { return o.Parcels, nil }),
			Inner: parcel(),
			In:    func(context.Context, *Order, string) (*Parcel, error) { return shared, nil },
		}, engine.MapOptions{MaxConcurrency: 2})
		_, err := p.Run(t.Context(), &Order{Parcels: []string{"books", "lamp"}}, engine.RunOptions{})
		require.NoError(t, err)
	})
	require.NotEmpty(t, r.Findings)
	assert.Contains(t, r.Findings[0].Summary, "data race (no lock) on ")
}
