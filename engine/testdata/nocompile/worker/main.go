// Items of a map that return results.
package main

import (
	"context"

	"github.com/ravelgo/ravel/engine"
)

type (
	state struct{}
	page  struct{}
)

func fetch(context.Context, *state, string) (page, error) { return page{}, nil }

func main() {
	p := engine.New[state]("p", engine.Options{})
	engine.Map(p, "pages", engine.Each[state, string]{Do: fetch}, engine.MapOptions{})
}
