package sched_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/strategy"
)

// syncMap is what a sync.Map and a sched.Map have in common: all methods.
type syncMap interface {
	Load(key any) (any, bool)
	Store(key, value any)
	Swap(key, value any) (any, bool)
	LoadOrStore(key, value any) (any, bool)
	LoadAndDelete(key any) (any, bool)
	Delete(key any)
	CompareAndSwap(key, old, new any) bool
	CompareAndDelete(key, old any) bool
	Range(f func(key, value any) bool)
	Clear()
}

// perform does one random operation on each map and compares what it returns.
func perform(t testing.TB, r *rand.Rand, a, b syncMap) {
	k, v, w := r.IntN(4), r.IntN(3), r.IntN(3)
	do := func(m syncMap) string {
		switch op := r.IntN(10); op {
		case 0:
			m.Store(k, v)
		case 1:
			m.Delete(k)
		case 2:
			return fmt.Sprint(m.Swap(k, v))
		case 3:
			return fmt.Sprint(m.LoadOrStore(k, v))
		case 4:
			return fmt.Sprint(m.LoadAndDelete(k))
		case 5:
			return fmt.Sprint(m.CompareAndSwap(k, v, w))
		case 6:
			return fmt.Sprint(m.CompareAndDelete(k, v))
		case 7:
			if v == 0 {
				m.Clear()
			}
		case 8:
			entries := map[any]any{}
			m.Range(func(k, v any) bool { entries[k] = v; return true })
			return fmt.Sprint(entries)
		}
		return fmt.Sprint(m.Load(k))
	}
	seed := r.Uint64()
	r = rand.New(rand.NewPCG(seed, 0))
	got := do(a)
	r = rand.New(rand.NewPCG(seed, 0))
	assert.Equal(t, do(b), got)
}

func TestMapIsASyncMap(t *testing.T) {
	schedtest.RealAndSimulated(t, func(t testing.TB) {
		r := rand.New(rand.NewPCG(1, 2))
		var ours sched.Map
		var std sync.Map
		for range 300 {
			perform(t, r, &ours, &std)
		}
	})
}

func TestMapRange(t *testing.T) {
	var m sched.Map
	for _, k := range []any{"z", 2, "a", 1} {
		m.Store(k, true)
	}
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		m.Store("new", true)
		m.Delete(2)
		m.Delete("never there")
		var keys []any
		m.Range(func(k, _ any) bool {
			keys = append(keys, k)
			m.Store("late", true)
			return true
		})
		assert.Equal(t, []any{1, "a", "new", "z"}, keys)
		m.Range(func(k, _ any) bool { return false })
	})
	assert.NoError(t, r.End)
}

// What is written before a Store is ordered before a Load that sees it, by key.
func TestMapOrders(t *testing.T) {
	publish := func(read any) int {
		races := 0
		tr := &race.Tracker{}
		schedtest.Explore(t, sched.Config{Observer: tr}, func() {
			var m sched.Map
			var x race.Var[int]
			sched.Go(func() { x.Store(1); m.Store("x", true) })
			sched.Go(func() { m.Store("y", true) })
			sched.Go(func() {
				if _, ok := m.Load(read); ok {
					x.Load()
				}
			})
		}, func(*sched.Result) { races += len(tr.Findings()) })
		return races
	}
	assert.Zero(t, publish("x"))
	assert.Positive(t, publish("y"))
}

func TestPool(t *testing.T) {
	var p sched.Pool
	schedtest.RealAndSimulated(t, func(t testing.TB) {
		v := p.Get()
		assert.True(t, v == nil || v == 7)
		p.Put(nil)
		p.Put(7)
		made := sched.Pool{New: func() any { return 8 }}
		assert.Equal(t, 8, made.Get())
	})
	simulate(t, func() {
		assert.Nil(t, p.Get(), "what earlier runs have put is not there")
		p.Put(1)
		p.Put(2)
		assert.Equal(t, []any{2, 1, nil}, []any{p.Get(), p.Get(), p.Get()})
	})
}

// Using a value after Put races with whoever gets it; using it before does not.
func TestPoolOrders(t *testing.T) {
	use := func(after bool) (races int) {
		tr := &race.Tracker{}
		schedtest.Explore(t, sched.Config{Observer: tr}, func() {
			p := sched.Pool{New: func() any { return new(race.Var[int]) }}
			for range 2 {
				sched.Go(func() {
					v := p.Get().(*race.Var[int])
					v.Store(1)
					p.Put(v)
					if after {
						v.Load()
					}
				})
			}
		}, func(*sched.Result) { races += len(tr.Findings()) })
		return races
	}
	assert.Zero(t, use(false))
	assert.Positive(t, use(true))
}

func TestNamed(t *testing.T) {
	sim := sched.NewSim(sched.Config{Record: true})
	defer sim.Close()
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		type server struct {
			mu   sched.Mutex
			jobs sched.Chan[int]
			tick *sched.Ticker
			pool sched.Pool
		}
		s := &server{jobs: sched.NewChan[int](1), tick: sched.NewTicker(1)}
		sched.Named("srv", s)
		done := sched.Named("done", sched.NewChan[int](1))
		mu := sched.Named("guard", &sched.Mutex{})
		sched.Named("", 3)
		sched.Named[any]("nothing", nil)
		func(l *sched.Mutex, c sched.Chan[int]) { l.Lock(); c.Send(1) }(mu, done)
		s.mu.Lock()
		s.jobs.Send(1)
		s.tick.C.Recv()
		s.pool.Put(1)
	})
	assert.NoError(t, r.End)
	var names []string
	for _, o := range r.Record.Objects {
		names = append(names, o.Name)
	}
	assert.Subset(t, names, []string{"guard", "done", "srv.mu", "srv.jobs", "srv.tick.C", "srv.pool"})
}
