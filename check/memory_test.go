package check_test

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race/access"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
)

// needHooks skips a test in a build in which accesses do not arrive.
func needHooks(t *testing.T) {
	t.Helper()
	if !access.Hooked() {
		t.Skip("accesses of plain memory do not arrive in this build")
	}
}

type counter struct{ n int }

// add has what the compiler makes of c.n++ with the race pass.
func (c *counter) add() {
	access.Read(unsafe.Pointer(&c.n), 1)
	x := c.n
	access.Write(unsafe.Pointer(&c.n), 1)
	c.n = x + 1
}

func (c *counter) get() int {
	access.Read(unsafe.Pointer(&c.n), 1)
	return c.n
}

// A lost update on a field of a struct is found, though nobody has said that tasks
// share it.
func TestPlainLostUpdate(t *testing.T) {
	needHooks(t)
	r := check.Config{Runs: 200, Seed: 1}.Search("TestPlainLostUpdate", func(t *check.T) {
		c := &counter{}
		var wg sched.WaitGroup
		for range 3 {
			wg.Go(c.add)
		}
		wg.Wait()
		assert.Equal(t, 3, c.get())
	})
	require.NotEmpty(t, r.Findings)
	f := r.Findings[0]
	assert.Equal(t, "lost update", f.Kind, f.Report)
	assert.Contains(t, f.Report, "access.Write(unsafe.Pointer(&c.n), 1)", "the line of the source")
	assert.Equal(t, 1, f.Preemptions)
}

// With a lock nothing is found, and all traces can be tried.
func TestPlainLocked(t *testing.T) {
	needHooks(t)
	r := check.Config{Runs: 2000, Seed: 1}.Search("TestPlainLocked", func(t *check.T) {
		c, mu := &counter{}, sched.Mutex{}
		var wg sched.WaitGroup
		for range 3 {
			wg.Go(func() {
				mu.Lock()
				defer mu.Unlock()
				c.add()
			})
		}
		wg.Wait()
		assert.Equal(t, 3, c.get())
	})
	assert.Empty(t, r.Findings)
	assert.Empty(t, r.Possible)
	assert.True(t, r.Complete, r.String())
}

// mixed is a program with all sorts of accesses: fields, small variables that the
// allocator puts together, a struct that is copied, elements, a map.
func mixed(t *check.T) {
	s := &struct {
		a, b  int32
		flag  bool
		pair  [2]int
		small *byte
	}{small: new(byte)}
	m := map[string]int{}
	access.Write(unsafe.Pointer(s), unsafe.Sizeof(*s))
	var mu sched.Mutex
	var wg sched.WaitGroup
	for i := range 3 {
		tiny := new(byte)
		wg.Go(func() {
			access.Write(unsafe.Pointer(tiny), 1)
			*tiny = byte(i)
			access.Read(unsafe.Pointer(&s.a), 1)
			a := s.a
			access.Write(unsafe.Pointer(&s.b), 1)
			s.b = a + 1
			access.Read(unsafe.Pointer(&s.pair), 16)
			p := s.pair
			access.Write(unsafe.Pointer(&s.pair[1]), 1)
			s.pair[1] = p[0]
			mu.Lock()
			access.Map(*(*unsafe.Pointer)(unsafe.Pointer(&m)), true)
			m["k"]++
			access.Write(unsafe.Pointer(s.small), 1)
			*s.small = 1
			mu.Unlock()
			if i == 2 {
				access.Write(unsafe.Pointer(s), unsafe.Sizeof(*s))
				*s = struct {
					a, b  int32
					flag  bool
					pair  [2]int
					small *byte
				}{small: new(byte)}
			}
		})
	}
	wg.Wait()
}

// A search does the same whatever the number of workers and processors.
func TestPlainDeterministic(t *testing.T) {
	needHooks(t)
	var want *check.Result
	for _, procs := range []int{1, 4} {
		for _, workers := range []int{1, 2} {
			before := runtime.GOMAXPROCS(procs)
			r := check.Config{Runs: 300, Seed: 3, Workers: workers}.Search("TestPlainDeterministic", mixed)
			runtime.GOMAXPROCS(before)
			r.Elapsed = 0
			for i := range r.Findings {
				r.Findings[i].Data = nil
			}
			if want == nil {
				want = r
			}
			assert.Equal(t, want, r, "%d processors, %d workers", procs, workers)
		}
	}
	require.NotEmpty(t, want.Findings)
	for _, f := range want.Findings {
		assert.NotEqual(t, "not deterministic", f.Kind, f.Summary)
	}
}

// hidden is a program in which tasks share memory only in few schedules: where the
// second sees all that the first counts.
func hidden(*check.T) {
	c := &counter{}
	var seen atomic.Int32
	var wg sched.WaitGroup
	wg.Go(func() {
		for range 5 {
			seen.Add(1)
		}
		c.add()
	})
	wg.Go(func() {
		for i := range 4 {
			if seen.Load() != int32(i) {
				return
			}
		}
		c.add()
	})
	wg.Wait()
}

// Places that come to light during a search are operations from the next round on,
// whatever the number of workers. Nothing is verified then, and what is found can be
// replayed by who has not seen so much.
func TestPlainPlacesFoundLate(t *testing.T) {
	needHooks(t)
	var first *check.Result
	for _, workers := range []int{1, 2} {
		r := check.Config{Runs: 3000, Seed: 1, Workers: workers}.Search("TestPlainPlacesFoundLate", hidden)
		if first == nil {
			first = r
		}
		assert.Equal(t, first.Hash, r.Hash)
		assert.False(t, r.Complete)
		require.NotEmpty(t, r.Findings)
		assert.Equal(t, "lost update", r.Findings[0].Kind, r.Findings[0].Report)
	}
	f := first.Findings[0]
	again, err := check.Config{Seed: 1}.Replay(f.Trace, hidden)
	require.NoError(t, err)
	assert.Equal(t, f.Summary, again.Summary)
	assert.Equal(t, f.Trace.Bytes(), again.Trace.Bytes())
	t.Log(first)
}
