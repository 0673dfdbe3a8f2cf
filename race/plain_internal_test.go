package race

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

func TestGuardPlain(t *testing.T) {
	for _, c := range []struct {
		name, object, value, want string
	}{
		{"a number", "State.n", "3", "Hold one lock at a.go:1: a sync.Mutex beside State.n. Or make it an atomic.Int64 or the like, if it needs to agree with nothing else. Or let one goroutine own it, and send to that."},
		{"a bool", "ready", "true", "Hold one lock at a.go:1: a sync.Mutex beside ready. Or make it an atomic.Bool, if it needs to agree with nothing else. Or let one goroutine own it, and send to that."},
		{"a string", "State.name", `"3"`, "Hold one lock at a.go:1: a sync.Mutex beside State.name. Or let one goroutine own it, and send to that."},
		{"not known", "State.s", "", "Hold one lock at a.go:1: a sync.Mutex beside State.s. Or let one goroutine own it, and send to that."},
		{"an element", "State.list[…]", "3", "Hold one lock at a.go:1: a sync.Mutex beside State.list. Or let one goroutine own it, and send to that."},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := words{r: &sched.Record{}, object: c.object}
			s := Site{Object: c.object, Step: sched.Step{Value: c.value}}
			assert.Equal(t, c.want, w.guardPlain("a.go:1", s, s))
		})
	}
}

// Who sleeps and then looks is told that this is no way to wait.
func TestSlept(t *testing.T) {
	sim := sched.NewSim(sched.Config{Record: true})
	defer sim.Close()
	st := strategy.RoundRobin()
	st.Next()
	res := sim.Run(st, 1, func() {
		sched.Sleep(1)
		sched.Yield() // 2
		sched.Yield() // 3
	})
	w := words{r: res.Record}
	at := func(n int) Site { return Site{Task: "main", Step: res.Record.Operation(n)} }
	s, ok := w.slept(at(3), at(2))
	require.True(t, ok)
	assert.Equal(t, "sleep", s.Op.String())
	_, ok = w.slept(at(3))
	assert.False(t, ok, "not right before")
	assert.Contains(t, w.guardPlain("a.go:1", at(2), at(3)), " To wait for something take a channel or a sync.WaitGroup in place of the time.Sleep at plain_internal_test.go:")
}
