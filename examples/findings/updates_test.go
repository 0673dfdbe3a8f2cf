package findings

import (
	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

func depositInTwoSections(*check.T) {
	var mu sched.Mutex
	var balance race.Var[int]
	deposit := func() {
		mu.Lock()
		old := balance.Load()
		mu.Unlock()
		mu.Lock()
		balance.Store(old + 10)
		mu.Unlock()
	}
	sched.Go(deposit)
	sched.Go(deposit)
}

func depositInOneSection(*check.T) {
	var mu sched.Mutex
	var balance race.Var[int]
	deposit := func() {
		mu.Lock()
		defer mu.Unlock()
		balance.Store(balance.Load() + 10)
	}
	sched.Go(deposit)
	sched.Go(deposit)
}

func storeAfterRead(t *check.T) {
	var mu sched.Mutex
	var status race.Var[string]
	finish := func(how string) {
		mu.Lock()
		t.Logf("was %q", status.Load())
		mu.Unlock()
		mu.Lock()
		status.Store(how)
		mu.Unlock()
	}
	sched.Go(func() { finish("done") })
	sched.Go(func() { finish("failed") })
}

func setAfterRead(t *check.T) {
	var mu sched.Mutex
	var status race.Var[string]
	finish := func(how string) {
		mu.Lock()
		t.Logf("was %q", status.Load())
		mu.Unlock()
		mu.Lock()
		status.Set(how) // whatever it was
		mu.Unlock()
	}
	sched.Go(func() { finish("done") })
	sched.Go(func() { finish("failed") })
}

func addInTask(*check.T) {
	var wg sched.WaitGroup
	sched.Go(func() {
		wg.Add(1)
		defer wg.Done()
	})
	wg.Wait()
}

func addBeforeTask(*check.T) {
	var wg sched.WaitGroup
	wg.Add(1)
	sched.Go(func() { defer wg.Done() })
	wg.Wait()
}

func addByGo(*check.T) {
	var wg sched.WaitGroup
	wg.Go(func() {})
	wg.Wait()
}
