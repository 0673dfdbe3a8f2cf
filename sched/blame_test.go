//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package sched_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// What went wrong names both sides: who did it, and who had made the object what
// it was then.
func TestBothSidesAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		body func()
		want string
	}{
		"unlock": {func() {
			var mu sched.Mutex
			mu.Lock()
			sched.GoNamed("other", func() { mu.Unlock() })
			sched.Sleep(1)
			mu.Unlock()
		}, "misuse: unlock of unlocked mutex by main at blame_test.go:# (mu); before, other did unlock mu at blame_test.go:#"},
		"unlock of the never locked": {func() {
			var mu sched.RWMutex
			mu.Unlock()
		}, "misuse: unlock of rwmutex that is not locked for writing by main at blame_test.go:# (mu)"},
		"runlock": {func() {
			var mu sched.RWMutex
			mu.RLock()
			mu.RUnlock()
			mu.RUnlock()
		}, "misuse: runlock of rwmutex that is not locked for reading by main at blame_test.go:# (mu); before, main did runlock mu at blame_test.go:#"},
		"copy": {func() {
			type account struct {
				mu sched.Mutex
			}
			a := &account{}
			a.mu.Lock()
			b := new(account)
			copyOf(b, a)
			b.mu.Lock()
		}, "misuse: use of a copy of a lock that main holds by main at blame_test.go:# (a.mu)"},
		"send": {func() {
			jobs := sched.NewChan[int](1)
			sched.GoNamed("other", func() { jobs.Close() })
			sched.Sleep(1)
			jobs.Send(1)
		}, "panic in main at blame_test.go:#: send on closed channel; before, other did close jobs at blame_test.go:#"},
		"select": {func() {
			jobs := sched.NewChan[int](1)
			jobs.Close()
			sched.Select(jobs.Sending(1))
		}, "panic in main at blame_test.go:#: send on closed channel; before, main did close jobs at blame_test.go:#"},
		"close": {func() {
			jobs := sched.NewChan[int](1)
			jobs.Close()
			jobs.Close()
		}, "panic in main at blame_test.go:#: close of closed channel; before, main did close jobs at blame_test.go:#"},
		"closed outside": {func() { closedOutside.Close() },
			"panic in main at blame_test.go:#: close of closed channel"},
		"done": {func() {
			var wg sched.WaitGroup
			wg.Add(1)
			wg.Done()
			wg.Done()
		}, `panic in main at blame_test.go:#: "sync: negative WaitGroup counter"; before, main did done wg at blame_test.go:#`},
		"another panic": {func() {
			jobs := sched.NewChan[int](1)
			jobs.Close()
			func() {
				defer func() { _ = recover() }()
				jobs.Close()
			}()
			panic("mine")
		}, `panic in main at blame_test.go:#: "mine"`},
		"leak": {func() {
			jobs := sched.NewChan[int](0)
			sched.GoNamed("worker", func() { jobs.Recv() })
		}, "left blocked: worker waits to recv jobs at blame_test.go:#; worker was started at blame_test.go:#"},
	} {
		t.Run(name, func(t *testing.T) {
			sim := sched.NewSim(sched.Config{Record: true, MaxSteps: 100})
			defer sim.Close()
			r := sim.Run(strategy.RoundRobin(), 1, c.body)
			assert.Equal(t, c.want, regexp.MustCompile(`go:\d+`).ReplaceAllString(r.End.Error(), "go:#"))
		})
	}
}

var closedOutside = func() sched.Chan[int] {
	c := sched.NewChan[int](1)
	c.Close()
	return c
}()

// copyOf copies a struct with a lock in it, which vet would not let pass.
func copyOf[T any](to, from *T) { *to = *from }

// The end of a run that goes round for ever names what goes round.
func TestLivelockNamesTheLoop(t *testing.T) {
	sim := sched.NewSim(sched.Config{Record: true, MaxSteps: 100})
	defer sim.Close()
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		var mu sched.Mutex
		ready := false
		sched.GoNamed("poller", func() {
			for done := false; !done; {
				mu.Lock()
				done = ready
				mu.Unlock()
			}
		})
	})
	assert.Regexp(t, `^no end after 100 operations: poller did 100 of them at blame_test.go:\d+; `+
		`poller goes round lock mu at blame_test.go:\d+, unlock mu at blame_test.go:\d+$`, r.End.Error())
}
