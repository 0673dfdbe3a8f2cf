// The same as the others, as it should be.
package main

import (
	"context"

	"github.com/ravelgo/ravel/engine"
)

type (
	state struct{ pages []page }
	page  struct{}
)

func fetch(context.Context, *state, string) (page, error) { return page{}, nil }

func collect(_ context.Context, s *state, _ int, p page) error {
	s.pages = append(s.pages, p)
	return nil
}

func main() {
	p := engine.New[state]("p", engine.Options{})
	p.Step("load", func(context.Context, *state) error { return engine.Skip }, engine.NodeOptions{})
	engine.MapGather(p, "pages", engine.Gather[state, string, page]{Do: fetch, Collect: collect}, engine.MapOptions{})
}
