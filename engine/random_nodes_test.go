package engine_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

// drawn is what a node of a random pipeline is made of.
type drawn struct {
	label, name string
	*player
	after []*engine.Node[state]
}

func nodeKinds() map[string]func(g *random, p *pipeline, d drawn) *engine.Node[state] {
	return map[string]func(g *random, p *pipeline, d drawn) *engine.Node[state]{
		"step": func(g *random, p *pipeline, d drawn) *engine.Node[state] {
			return p.Step(d.name, func(ctx context.Context, _ *state) error { return d.play(ctx) }, g.options(d.label))
		},
		"switch": func(g *random, p *pipeline, d drawn) *engine.Node[state] {
			keys := rapid.SliceOfN(rapid.IntRange(0, len(d.after)), 1, 4).Draw(g.r, d.label+" keys")
			body := engine.Choice[state, int]{Key: func(ctx context.Context, _ *state) (int, error) {
				return keys[d.count()%len(keys)], d.play(ctx)
			}}
			for i, m := range d.after {
				body.Cases = append(body.Cases, engine.Case[state, int]{Key: i, To: m})
			}
			if g.chance(d.label+" default", 2) {
				body.Default = d.after[0]
			}
			return engine.Switch(p, d.name, body, g.options(d.label))
		},
		"map": func(g *random, p *pipeline, d drawn) *engine.Node[state] {
			m := g.items(d)
			return engine.Map(p, d.name, engine.Each[state, int]{Items: m.items(d), Do: m.do}, m.opts)
		},
		"gather": func(g *random, p *pipeline, d drawn) *engine.Node[state] {
			m := g.items(d)
			collect := g.player(d.label + " collect")
			return engine.MapGather(p, d.name, engine.Gather[state, int, int]{Items: m.items(d),
				Do: func(ctx context.Context, s *state, item int) (int, error) { return item, m.do(ctx, s, item) },
				Collect: func(ctx context.Context, _ *state, index, result int) error {
					defer m.collect(ctx, index, result)()
					return collect.play(ctx)
				}}, m.opts)
		},
		"sub": func(g *random, p *pipeline, d drawn) *engine.Node[state] {
			inner := g.inner().pipeline("inner " + d.name)
			out := g.player(d.label + " out")
			return engine.Sub(p, d.name, engine.Bind[state, state]{Inner: inner,
				In:  func(ctx context.Context, s *state) (*state, error) { return s, d.play(ctx) },
				Out: func(ctx context.Context, _, _ *state) error { return out.play(ctx) },
			}, g.options(d.label))
		},
		"mapsub": func(g *random, p *pipeline, d drawn) *engine.Node[state] {
			m := g.items(d)
			return engine.MapSub(p, d.name, engine.EachSub[state, int, state]{Items: m.items(d), Inner: g.inner().pipeline("inner " + d.name),
				In: func(ctx context.Context, s *state, item int) (*state, error) { return s, m.do(ctx, s, item) },
				Out: func(ctx context.Context, _ *state, index int, _ *state) error {
					defer m.collect(ctx, index, index)()
					sched.Yield()
					return nil
				}}, m.opts)
		},
	}
}

// inner draws what is inside a node.
func (g *random) inner() *random {
	inner := *g
	inner.depth++
	return &inner
}

// itemsOf is what the functions of a map share, and what they check.
type itemsOf struct {
	w      *world
	opts   engine.MapOptions
	n      int
	source *player
	each   []*player
	maps   map[mapID]*mapSeen
}

// mapID is an invocation of a map.
type mapID struct {
	run   string
	owner int
}

// mapSeen is what was seen of one.
type mapSeen struct {
	running    int
	last       int // index of the last Collect
	collecting bool
}

// of returns what was seen of the map that is, or runs, what ctx belongs to.
func (m *itemsOf) of(ctx context.Context) *mapSeen {
	info := engine.Info(ctx)
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	return m.maps[mapID{info.RunID, info.Owner}]
}

// open begins an attempt of a map.
func (m *itemsOf) open(ctx context.Context) {
	info := engine.Info(ctx)
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	m.maps[mapID{info.RunID, info.Owner}] = &mapSeen{last: -1}
}

func (g *random) items(d drawn) *itemsOf {
	m := &itemsOf{w: g.world, n: rapid.IntRange(0, 5).Draw(g.r, d.label+" items"), maps: map[mapID]*mapSeen{}}
	m.opts = engine.MapOptions{NodeOptions: g.options(d.label), MaxConcurrency: rapid.IntRange(0, 3).Draw(g.r, d.label+" limit"),
		MapTimeout: g.limit(d.label + " map timeout")}
	if g.chance(d.label+" max", 6) {
		m.opts.MaxItems = rapid.IntRange(1, 4).Draw(g.r, d.label+" max items")
	}
	m.source = g.player(d.label + " source")
	for i := range m.n {
		m.each = append(m.each, g.player(fmt.Sprint(d.label, " item ", i)))
	}
	return m
}

// items yields the items, as a slice or one by one.
func (m *itemsOf) items(d drawn) engine.Items[state, int] {
	if len(d.script)%2 == 0 {
		return engine.Slice(func(ctx context.Context, _ *state) ([]int, error) {
			all := make([]int, m.n)
			for i := range all {
				all[i] = i
			}
			m.open(ctx)
			return all, m.source.play(ctx)
		})
	}
	return engine.Seq2(func(ctx context.Context, _ *state) iter.Seq2[int, error] {
		m.open(ctx)
		return func(yield func(int, error) bool) {
			for i := range m.n {
				if !yield(i, nil) {
					return
				}
			}
			if err := m.source.play(ctx); err != nil {
				yield(0, err)
			}
		}
	})
}

func (m *itemsOf) do(ctx context.Context, _ *state, item int) error {
	info := engine.Info(ctx)
	assert.Equal(m.w.t, item, info.Index)
	if d, ok := ctx.Deadline(); ok && m.opts.Timeout > 0 {
		assert.LessOrEqual(m.w.t, d.Sub(sched.Now()), max(m.opts.Timeout, time.Hour))
	}
	seen := m.of(ctx)
	defer m.note(func() { seen.running-- })
	m.note(func() {
		if seen.running++; m.opts.MaxConcurrency > 0 {
			assert.LessOrEqual(m.w.t, seen.running, m.opts.MaxConcurrency)
		}
	})
	return m.each[item].play(ctx)
}

// note changes what is noted of the items.
func (m *itemsOf) note(change func()) {
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	change()
}

// collect is called at the beginning of Collect; what it returns at the end.
func (m *itemsOf) collect(ctx context.Context, index, result int) func() {
	seen := m.of(ctx)
	m.note(func() {
		assert.False(m.w.t, seen.collecting, "two calls of Collect at once")
		assert.Greater(m.w.t, index, seen.last, "Collect is called in order")
		assert.Equal(m.w.t, index, result)
		seen.last, seen.collecting = index, true
	})
	return func() { m.note(func() { seen.collecting = false }) }
}

// Whatever a pipeline is and does, whatever the schedule: it ends, leaves nothing
// behind, and its events hold what they must.
func TestRandomPipelines(t *testing.T) {
	runs := 20_000
	if testing.Short() {
		runs = 2_000
	}
	check.Config{Runs: runs}.Prop(t, func(t *check.T, r *rapid.T) {
		w := &world{t: t, unit: time.Second}
		g := &random{r: r, world: w}
		g.check(g.pipeline("p"), w, t.Context())
	})
}

// The same holds on real goroutines, where go test -race looks at them.
func TestRandomPipelinesForReal(t *testing.T) {
	for range 10 { // a hundred times
		rapid.Check(t, func(r *rapid.T) {
			w := &world{t: r, unit: 50 * time.Microsecond}
			g := &random{r: r, world: w}
			g.check(g.pipeline("p"), w, t.Context())
		})
	}
}
