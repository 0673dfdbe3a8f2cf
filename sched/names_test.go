package sched_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/strategy"
)

type inner struct{ mu sched.Mutex }

type described struct {
	inner
	Top   sched.Mutex
	list  []inner
	next  *described
	any   any
	queue sched.Chan[int]
}

// record runs body on the plain schedule and returns what was recorded.
func record(t *testing.T, body func()) *sched.Record {
	t.Helper()
	sim := sched.NewSim(sched.Config{Record: true})
	defer sim.Close()
	r := sim.Run(strategy.RoundRobin(), 1, body)
	require.NoError(t, r.End)
	return r.Record
}

// objectNames returns the names of the objects in order of first use.
func objectNames(r *sched.Record) []string {
	var names []string
	for _, o := range r.Objects {
		names = append(names, o.Name)
	}
	return names
}

func touch(all ...*sched.Mutex) {
	for _, mu := range all {
		mu.Lock()
		defer mu.Unlock()
	}
}

// Shared objects have the names of their places in what was described.
func TestDescribe(t *testing.T) {
	names := objectNames(record(t, func() {
		s := &described{list: make([]inner, 2), queue: sched.NewChan[int](1)}
		s.next = s // a circle
		s.any = &inner{}
		sched.Describe(s)
		sched.Describe(nil)
		sched.Describe(*new(*described))
		sched.Describe(7)
		touch(&s.Top, &s.mu, &s.list[1].mu, &s.any.(*inner).mu)
		s.queue.Send(1)
	}))
	assert.Equal(t, []string{"described.Top", "described.inner.mu", "described.list[1].mu", "described.any.mu",
		"described.queue"}, names)
}

// Without a description they have the name that the source gives them.
func TestSourceNames(t *testing.T) {
	names := objectNames(record(t, func() {
		var counterLock sched.Mutex
		counterLock.Lock()
		all := make([]inner, 2)
		all[1].mu.Lock()
		results := sched.NewChan[string](1)
		results.Send("x")
		func(mu ...*sched.Mutex) {
			for _, m := range mu {
				m.Lock()
			}
		}(&sched.Mutex{}, &sched.Mutex{})
	}))
	assert.Equal(t, []string{"counterLock", "all[1].mu", "results", "m[0]", "m[1]"}, names)
}

// So have plain variables that functions are given the address of.
func TestAddressNames(t *testing.T) {
	names := objectNames(record(t, func() {
		var hits, misses int64
		var all [2]int64
		at := &all[1]
		atomic.AddInt64(&hits, 1)
		atomic.StoreInt64(&all[min(0, 1)], atomic.AddInt64(&misses, 2))
		atomic.LoadInt64(at)
	}))
	assert.Equal(t, []string{"hits", "misses", "all[min(0, 1)]", "atomic 3"}, names)
}

// What is described is followed wherever it leads: arrays, pointers, interfaces
// that hold structs, embedded pointers, the locks of a Guarded.
func TestDescribeShapes(t *testing.T) {
	type shapes struct {
		*inner
		grid    [2][2]inner
		held    any
		links   []*inner
		total   sched.Guarded[int]
		readers *sched.RWMutex
		byName  map[string]*inner
		_       *shapes
		_       any
	}
	names := objectNames(record(t, func() {
		type box struct{ q sched.Chan[int] }
		s := &shapes{inner: &inner{}, held: box{sched.NewChan[int](1)}, links: []*inner{nil, {}}, readers: &sched.RWMutex{},
			byName: map[string]*inner{"a": {}}}
		sched.Describe(s)
		sched.Describe(&struct{ anonymous inner }{})
		touch(&s.mu, &s.grid[1][0].mu, &s.links[1].mu)
		s.held.(box).q.Send(1)
		s.total.Do(func(*int) {})
		s.readers.RLock()
		fromMap := s.byName["a"]
		fromMap.mu.Lock() // not followed: entries have no order
	}))
	assert.Equal(t, []string{"shapes.inner.mu", "shapes.grid[1][0].mu", "shapes.links[1].mu", "shapes.held.q", "shapes.total",
		"shapes.readers", "fromMap.mu"}, names)
}

// A value without a type name is the state; a lock may be described by itself.
func TestDescribeUnnamed(t *testing.T) {
	names := objectNames(record(t, func() {
		s := struct{ mu sched.Mutex }{}
		var alone sched.Mutex
		n := 1
		sched.Describe(&s)
		sched.Describe(&alone)
		sched.Describe(&n)
		touch(&s.mu, &alone)
	}))
	assert.Equal(t, []string{"state.mu", "Mutex"}, names)
}

// Objects of one name are told apart, also from one that is really called so.
func TestNamesakes(t *testing.T) {
	names := objectNames(record(t, func() {
		for range 2 {
			var mu sched.Mutex
			mu.Lock()
		}
		mu := make([]sched.Mutex, 1)
		mu[0].Lock()
		größe := sched.NewChan[int](1)
		größe.Send(1)
		func() {
			größe := sched.NewChan[int](1)
			größe.Send(1)
		}()
	}))
	assert.Equal(t, []string{"mu[1]", "mu[2]", "mu[0]", "größe[0]", "größe[1]"}, names)
}

// Where the source does not tell, an object has its kind and number.
func TestNamesUnknown(t *testing.T) {
	names := objectNames(record(t, func() {
		var a, b sched.Mutex
		func() { a.Lock(); b.Lock() }() // one line, two receivers
		locks := []func(){a.Unlock, b.Unlock}
		for _, unlock := range locks {
			unlock()
		}
		var c sched.Mutex
		lock := c.Lock
		lock()
	}))
	assert.Equal(t, []string{"mutex 0", "mutex 1", "mutex 2"}, names)
}

// Tasks are called by their name, the function they run or their number.
func TestTaskNames(t *testing.T) {
	r := record(t, func() {
		sched.GoNamed("worker", sched.Yield)
		sched.GoNamed("worker", sched.Yield)
		sched.GoNamed("single", sched.Yield)
		sched.Go(namedFunction)
		sched.Go(func() { sched.Yield() })
		sched.Go(func() { sched.Renew("item", 4); sched.Yield() })
	})
	var names []string
	for _, task := range r.Tasks {
		names = append(names, task.Name)
	}
	assert.Equal(t, []string{"main", "worker[0]", "worker[1]", "single", "namedFunction", "task 5", "task 6", "item[4]"}, names)
}

func namedFunction() { sched.Yield() }
