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

const want = `success: 1100 g to Oslo: postage 10, insurance 12, total 22
failed: engine: pipeline "parcel": step zone: nobody delivers to Atlantis
failed: engine: pipeline "parcel": step open: the parcel to Bern is empty
`

// On goroutines.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(context.Background(), &out))
	assert.Equal(t, want, out.String())
}

// On every schedule the same is printed.
func TestEverySchedule(t *testing.T) {
	check.Config{Runs: 10_000}.Run(t, func(t *check.T) {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out))
		require.Equal(t, want, out.String())
	})
}

// Without the edge from weigh to postage both still run, most often in the right
// order. The search finds the others.
func TestForgottenEdge(t *testing.T) {
	r := check.Config{}.Search(t.Name(), func(t *check.T) {
		p := engine.New[Parcel]("parcel", engine.Options{})
		open := p.Step("open", look, engine.NodeOptions{})
		weigh := p.Step("weigh", weigh, engine.NodeOptions{})
		zone := p.Step("zone", zone, engine.NodeOptions{})
		postage := p.Step("postage", postage, engine.NodeOptions{})
		open.To(weigh, zone)
		zone.To(postage)

		parcel := &Parcel{To: "Oslo", Things: []Thing{{Grams: 400}, {Grams: 700}}}
		_, err := p.Run(t.Context(), parcel, engine.RunOptions{})
		require.NoError(t, err)
	})
	require.NotEmpty(t, r.Findings)
	assert.Contains(t, r.Findings[0].Summary, "data race (no lock) on Parcel.Grams")
}
