package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
)

// Letter is the state of an inner run.
type Letter struct{ Text race.Var[string] }

// Reports name what is in the state of an inner run as they do for the outer one.
func TestInnerStateIsNamed(t *testing.T) {
	r := check.Config{}.Search(t.Name(), func(t *check.T) {
		inner := engine.New[Letter]("inner", engine.Options{MultiRoot: true})
		for _, name := range []string{"a", "b"} {
			inner.Step(name, func(_ context.Context, in *Letter) error { in.Text.Store(name); return nil }, engine.NodeOptions{})
		}
		_, err := run(t.Context(), func(p *pipeline) {
			engine.Sub(p, "letter", engine.Bind[state, Letter]{
				Inner: inner,
				In:    func(context.Context, *state) (*Letter, error) { return &Letter{}, nil },
			}, engine.NodeOptions{})
		})
		require.NoError(t, err)
	})
	require.NotEmpty(t, r.Findings)
	assert.Contains(t, r.Findings[0].Summary, "data race (no lock) on Letter.Text: ")
}
