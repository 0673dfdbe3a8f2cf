package findings

import (
	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

func readTwice(t *check.T) {
	var mu sched.Mutex
	var price race.Var[int]
	read := func() int {
		mu.Lock()
		defer mu.Unlock()
		return price.Load()
	}
	sched.Go(func() {
		mu.Lock()
		defer mu.Unlock()
		price.Set(12)
	})
	race.Atomic(func() {
		if read() < 15 {
			t.Logf("buy for %d", read())
		}
	})
}

func readOnce(t *check.T) {
	var mu sched.Mutex
	var price race.Var[int]
	read := func() int {
		mu.Lock()
		defer mu.Unlock()
		return price.Load()
	}
	sched.Go(func() {
		mu.Lock()
		defer mu.Unlock()
		price.Set(12)
	})
	race.Atomic(func() {
		if now := read(); now < 15 {
			t.Logf("buy for %d", now)
		}
	})
}

func readBackLater(t *check.T) {
	var mu sched.Mutex
	var current race.Var[string]
	serve := func(user string) {
		mu.Lock()
		current.Set(user)
		mu.Unlock()
		mu.Lock()
		t.Logf("hello %s", current.Load())
		mu.Unlock()
	}
	sched.Go(func() { race.Atomic(func() { serve("ann") }) })
	sched.Go(func() { race.Atomic(func() { serve("bob") }) })
}

func readBackUnderLock(t *check.T) {
	var mu sched.Mutex
	var current race.Var[string]
	serve := func(user string) {
		mu.Lock()
		defer mu.Unlock()
		current.Set(user)
		t.Logf("hello %s", current.Load())
	}
	sched.Go(func() { race.Atomic(func() { serve("ann") }) })
	sched.Go(func() { race.Atomic(func() { serve("bob") }) })
}

func publishHalf(*check.T) {
	var mu sched.Mutex
	var total race.Var[int]
	sched.Go(func() {
		race.Atomic(func() {
			for _, size := range []int{10, 20} {
				mu.Lock()
				total.Store(total.Load() + size)
				mu.Unlock()
			}
		})
	})
	mu.Lock()
	defer mu.Unlock()
	total.Load()
}

func publishWhole(*check.T) {
	var mu sched.Mutex
	var total race.Var[int]
	sched.Go(func() {
		race.Atomic(func() {
			sum := 0
			for _, size := range []int{10, 20} {
				sum += size
			}
			mu.Lock()
			defer mu.Unlock()
			total.Store(total.Load() + sum)
		})
	})
	mu.Lock()
	defer mu.Unlock()
	total.Load()
}

func claimInTwoSections(*check.T) {
	var mu sched.Mutex
	var owners race.Map[string, string]
	claim := func(job, worker string) {
		mu.Lock()
		_, taken := owners.Lookup(job)
		mu.Unlock()
		if !taken {
			mu.Lock()
			owners.Store(job, worker)
			mu.Unlock()
		}
	}
	sched.Go(func() { claim("backup", "ann") })
	sched.Go(func() { claim("backup", "bob") })
}

func claimInOneSection(*check.T) {
	var mu sched.Mutex
	var owners race.Map[string, string]
	claim := func(job, worker string) {
		mu.Lock()
		defer mu.Unlock()
		if _, taken := owners.Lookup(job); !taken {
			owners.Store(job, worker)
		}
	}
	sched.Go(func() { claim("backup", "ann") })
	sched.Go(func() { claim("backup", "bob") })
}

func claimAtomically(*check.T) {
	var owners sched.Map
	claim := func(job, worker string) {
		owners.LoadOrStore(job, worker)
	}
	sched.Go(func() { claim("backup", "ann") })
	sched.Go(func() { claim("backup", "bob") })
}

func leaveInTwoSections(*check.T) {
	var mu sched.Mutex
	var annIsOff, bobIsOff race.Var[bool]
	leave := func(me, other *race.Var[bool]) {
		mu.Lock()
		alone := other.Load()
		mu.Unlock()
		mu.Lock()
		me.Set(!alone)
		mu.Unlock()
	}
	sched.Go(func() { race.Atomic(func() { leave(&annIsOff, &bobIsOff) }) })
	sched.Go(func() { race.Atomic(func() { leave(&bobIsOff, &annIsOff) }) })
}

func leaveInOneSection(*check.T) {
	var mu sched.Mutex
	var annIsOff, bobIsOff race.Var[bool]
	leave := func(me, other *race.Var[bool]) {
		mu.Lock()
		defer mu.Unlock()
		me.Set(!other.Load())
	}
	sched.Go(func() { race.Atomic(func() { leave(&annIsOff, &bobIsOff) }) })
	sched.Go(func() { race.Atomic(func() { leave(&bobIsOff, &annIsOff) }) })
}
