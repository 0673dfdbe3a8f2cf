package sched_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
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
