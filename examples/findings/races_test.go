package findings

import (
	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

func readAtOnce(*check.T) {
	var status race.Var[string]
	sched.Go(func() { status.Set("ready") })
	status.Load()
}

func readUnderLock(*check.T) {
	var mu sched.Mutex
	var status race.Var[string]
	sched.Go(func() {
		mu.Lock()
		defer mu.Unlock()
		status.Set("ready")
	})
	mu.Lock()
	defer mu.Unlock()
	status.Load()
}

func readAfterWait(*check.T) {
	var status race.Var[string]
	var wg sched.WaitGroup
	wg.Go(func() { status.Set("ready") })
	wg.Wait()
	status.Load()
}

func readWithoutLock(*check.T) {
	var mu sched.Mutex
	var status race.Var[string]
	sched.Go(func() {
		mu.Lock()
		defer mu.Unlock()
		status.Set("ready")
	})
	status.Load()
}

func readUnderOtherLock(*check.T) {
	var readers, writers sched.Mutex
	var status race.Var[string]
	sched.Go(func() {
		writers.Lock()
		defer writers.Unlock()
		status.Set("ready")
	})
	readers.Lock()
	defer readers.Unlock()
	status.Load()
}

func lockPerCall(*check.T) {
	var status race.Var[string]
	set := func(to string) {
		var mu sched.Mutex // another one in each call
		mu.Lock()
		defer mu.Unlock()
		status.Set(to)
	}
	sched.Go(func() { set("ready") })
	sched.Go(func() { set("stopped") })
}

func lockForAll(*check.T) {
	var mu sched.Mutex
	var status race.Var[string]
	set := func(to string) {
		mu.Lock()
		defer mu.Unlock()
		status.Set(to)
	}
	sched.Go(func() { set("ready") })
	sched.Go(func() { set("stopped") })
}

func writeUnderRLock(*check.T) {
	var mu sched.RWMutex
	var status race.Var[string]
	set := func(to string) {
		mu.RLock()
		defer mu.RUnlock()
		status.Set(to)
	}
	sched.Go(func() { set("ready") })
	sched.Go(func() { set("stopped") })
}

func writeUnderLock(*check.T) {
	var mu sched.RWMutex
	var status race.Var[string]
	set := func(to string) {
		mu.Lock()
		defer mu.Unlock()
		status.Set(to)
	}
	sched.Go(func() { set("ready") })
	sched.Go(func() { set("stopped") })
}

func appendAtOnce(*check.T) {
	var found race.Slice[string]
	sched.Go(func() { found.Append("a.go") })
	sched.Go(func() { found.Append("b.go") })
}

func appendInTurn(*check.T) {
	var mu sched.Mutex
	var found race.Slice[string]
	add := func(name string) {
		mu.Lock()
		defer mu.Unlock()
		found.Append(name)
	}
	sched.Go(func() { add("a.go") })
	sched.Go(func() { add("b.go") })
}

func mapAtOnce(*check.T) {
	var sizes race.Map[string, int]
	sched.Go(func() { sizes.Store("a.go", 10) })
	sched.Go(func() { sizes.Store("b.go", 20) })
}

func mapInTurn(*check.T) {
	var mu sched.Mutex
	var sizes race.Map[string, int]
	store := func(name string, size int) {
		mu.Lock()
		defer mu.Unlock()
		sizes.Store(name, size)
	}
	sched.Go(func() { store("a.go", 10) })
	sched.Go(func() { store("b.go", 20) })
}
