// A step that returns data instead of an error.
package main

import (
	"context"

	"github.com/ravelgo/ravel/engine"
)

type state struct{ cached string }

func main() {
	p := engine.New[state]("p", engine.Options{})
	p.Step("load", func(_ context.Context, s *state) error {
		cached := s.cached
		return cached
	}, engine.NodeOptions{})
}
