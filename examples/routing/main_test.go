package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
)

const want = `return: order 17
  ran: find, refund, restock, answer, sort
  not taken: trace, read
  answer: "Dear customer, we have got your parcel, your money is on its way"
late: order 18
  ran: trace, answer, sort
  not taken: find, refund, restock, read
  answer: "Dear customer, your parcel is in Oslo"
thank you
  ran: read, answer, sort
  not taken: find, refund, restock, trace
  answer: "Dear customer"
return: my order
  ran: find, sort
  skipped: refund, restock, answer
  not taken: trace, read
  answer: ""
`

// On goroutines.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(context.Background(), &out))
	assert.Equal(t, want, out.String())
}

// On every schedule.
func TestEverySchedule(t *testing.T) {
	check.Config{Runs: 10_000}.Run(t, func(t *check.T) {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out))
		require.Equal(t, want, out.String())
	})
}

// A join that counts its predecessors, in place of waiting for those that can come,
// is unmet when a shorter branch is taken. The error says so, on every schedule.
func TestCountedJoin(t *testing.T) {
	check.Run(t, func(t *check.T) {
		p := engine.New[Letter]("letters", engine.Options{})
		find := p.Step("find", find, engine.NodeOptions{})
		trace := p.Step("trace", trace, engine.NodeOptions{})
		answer := p.Step("answer", answer, engine.NodeOptions{Join: engine.AtLeast(2)})
		engine.Switch(p, "sort", engine.Choice[Letter, string]{
			Key:   func(context.Context, *Letter) (string, error) { return "late", nil },
			Cases: []engine.Case[Letter, string]{{Key: "return", To: find}, {Key: "late", To: trace}},
		}, engine.NodeOptions{})
		find.To(answer)
		trace.To(answer)
		_, err := p.Run(t.Context(), &Letter{}, engine.RunOptions{})
		require.ErrorIs(t, err, engine.ErrUnmet)
		require.EqualError(t, err, `engine: pipeline "letters": step answer: engine: too few predecessors of a join have succeeded: 1 of 2, want 2; missing: find`)
	})
}

// Without a default an unlisted key is a failure, which lists the keys.
func TestNoDefault(t *testing.T) {
	p := engine.New[Letter]("letters", engine.Options{})
	engine.Switch(p, "sort", engine.Choice[Letter, string]{
		Key:   func(context.Context, *Letter) (string, error) { return "retrun", nil },
		Cases: []engine.Case[Letter, string]{{Key: "return", To: p.Step("find", find, engine.NodeOptions{})}},
	}, engine.NodeOptions{})
	_, err := p.Run(context.Background(), &Letter{}, engine.RunOptions{})
	require.ErrorIs(t, err, engine.ErrNoRoute)
	assert.ErrorContains(t, err, `it has "return"; did you mean "return"?`)
}

// Branches that run at once must not write the same field. Those of different cases
// may: they never run both.
func TestBothWrite(t *testing.T) {
	r := check.Config{}.Search(t.Name(), func(t *check.T) {
		p := engine.New[Letter]("letters", engine.Options{})
		p.Step("find", find, engine.NodeOptions{}).To(
			p.Step("trace", trace, engine.NodeOptions{}), p.Step("restock", restock, engine.NodeOptions{}))
		_, err := p.Run(t.Context(), &Letter{Text: "1"}, engine.RunOptions{})
		require.NoError(t, err)
	})
	require.NotEmpty(t, r.Findings)
	assert.Contains(t, r.Findings[0].Summary, "data race (no lock) on Letter.Parcel")
}
