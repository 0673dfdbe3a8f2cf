package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/engine"
)

// Which nodes can run at the same time follows from the edges and the limits.
func TestConcurrent(t *testing.T) {
	type none struct{}
	nothing := func(context.Context, *none) error { return nil }
	items := engine.Slice(func(context.Context, *none) ([]int, error) { return nil, nil })
	step := func(p *engine.Pipeline[none], name string) *engine.Node[none] {
		return p.Step(name, nothing, engine.NodeOptions{})
	}
	each := func(p *engine.Pipeline[none], name string, limit int) *engine.Node[none] {
		return engine.Map(p, name, engine.Each[none, int]{Items: items, Do: func(context.Context, *none, int) error { return nil }},
			engine.MapOptions{MaxConcurrency: limit})
	}
	tests := []struct {
		name   string
		define func(p *engine.Pipeline[none])
		want   [][2]string
	}{
		{"empty", func(p *engine.Pipeline[none]) {}, nil},
		{"linear", func(p *engine.Pipeline[none]) { step(p, "a").To(step(p, "b").To(step(p, "c"))) }, nil},
		{"branches", func(p *engine.Pipeline[none]) {
			end := step(p, "end")
			step(p, "start").To(step(p, "left").To(end), step(p, "right").To(end))
		}, [][2]string{{"left", "right"}}},
		{"two roots", func(p *engine.Pipeline[none]) { step(p, "a"); step(p, "b") }, [][2]string{{"a", "b"}}},
		{"map", func(p *engine.Pipeline[none]) { step(p, "list").To(each(p, "work", 4)) }, [][2]string{{"work", "work"}}},
		{"unlimited map", func(p *engine.Pipeline[none]) { each(p, "work", 0) }, [][2]string{{"work", "work"}}},
		{"one item at a time", func(p *engine.Pipeline[none]) { each(p, "work", 1) }, nil},
		{"one at a time, collected", func(p *engine.Pipeline[none]) {
			engine.MapGather(p, "work", engine.Gather[none, int, int]{Items: items,
				Do:      func(_ context.Context, _ *none, item int) (int, error) { return item, nil },
				Collect: func(context.Context, *none, int, int) error { return nil }},
				engine.MapOptions{MaxConcurrency: 1})
		}, [][2]string{{"work", "work"}}},
		{"loop", func(p *engine.Pipeline[none]) {
			a, b := step(p, "a"), step(p, "b")
			a.To(b)
			b.MayGoto(a)
		}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := engine.New[none](test.name, engine.Options{MultiRoot: true})
			test.define(p)
			assert.Equal(t, test.want, p.Concurrent())
		})
	}
}
