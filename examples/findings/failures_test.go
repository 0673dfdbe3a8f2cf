package findings

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
)

func countByLoadAndStore(t *check.T) {
	var hits atomic.Int64
	var wg sched.WaitGroup
	for range 2 {
		wg.Go(func() { hits.Store(hits.Load() + 1) })
	}
	wg.Wait()
	assert.Equal(t, int64(2), hits.Load())
}

func countByAdd(t *check.T) {
	var hits atomic.Int64
	var wg sched.WaitGroup
	for range 2 {
		wg.Go(func() { hits.Add(1) })
	}
	wg.Wait()
	assert.Equal(t, int64(2), hits.Load())
}

func reserveInTwoSections(*check.T) {
	var mu sched.Mutex
	var free, taken race.Var[int]
	free.Set(10)
	check.Invariant(func() error {
		if n := free.Load() + taken.Load(); n != 10 {
			return fmt.Errorf("%d seats, want 10", n)
		}
		return nil
	})
	mu.Lock()
	free.Update(func(n int) int { return n - 1 })
	mu.Unlock()
	mu.Lock()
	taken.Update(func(n int) int { return n + 1 })
	mu.Unlock()
}

func reserveInOneSection(*check.T) {
	var mu sched.Mutex
	var free, taken race.Var[int]
	free.Set(10)
	check.Invariant(func() error {
		if n := free.Load() + taken.Load(); n != 10 {
			return fmt.Errorf("%d seats, want 10", n)
		}
		return nil
	})
	mu.Lock()
	defer mu.Unlock()
	free.Update(func(n int) int { return n - 1 })
	taken.Update(func(n int) int { return n + 1 })
}

func sellTooMany(*check.T) {
	var mu sched.Mutex
	var left race.Var[int]
	left.Set(1)
	check.Always(func() error {
		if left.Load() < 0 {
			return fmt.Errorf("%d tickets left", left.Load())
		}
		return nil
	})
	for range 2 {
		sched.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			left.Update(func(n int) int { return n - 1 })
		})
	}
}

func sellWhatIsLeft(*check.T) {
	var mu sched.Mutex
	var left race.Var[int]
	left.Set(1)
	check.Always(func() error {
		if left.Load() < 0 {
			return fmt.Errorf("%d tickets left", left.Load())
		}
		return nil
	})
	for range 2 {
		sched.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			left.Update(func(n int) int { return max(n-1, 0) })
		})
	}
}

func closeAtOnce(*check.T) {
	events := sched.NewChan[string](1)
	sched.Go(func() { events.Send("started") })
	events.Close()
}

func closeAfterWait(*check.T) {
	events := sched.NewChan[string](1)
	var wg sched.WaitGroup
	wg.Go(func() { events.Send("started") })
	wg.Wait()
	events.Close()
}

func unlockTwice(*check.T) {
	var mu sched.Mutex
	mu.Lock()
	defer mu.Unlock()
	mu.Unlock() // left over from before there was a defer
}

func unlockOnce(*check.T) {
	var mu sched.Mutex
	mu.Lock()
	defer mu.Unlock()
}

func pollForEver(*check.T) {
	sched.Go(func() {
		for {
			sched.Sleep(time.Minute)
		}
	})
}

func pollUntilTheEnd(t *check.T) {
	ctx := t.Context() // done when the body returns
	sched.Go(func() {
		for ctx.Err() == nil {
			sched.Sleep(time.Minute)
		}
	})
}
