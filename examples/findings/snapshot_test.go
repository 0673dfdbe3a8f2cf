package findings

import (
	"context"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

func sumOfTwoMoments(t *check.T) {
	var mu sched.Mutex
	var left, right race.Var[int]
	race.Together(&left, &right)
	sched.Go(func() {
		mu.Lock()
		defer mu.Unlock()
		left.Update(func(n int) int { return n - 10 })
		right.Update(func(n int) int { return n + 10 })
	})
	mu.Lock()
	sum := left.Load()
	mu.Unlock()
	mu.Lock()
	sum += right.Load()
	mu.Unlock()
	t.Logf("sum %d", sum)
}

func sumOfOneMoment(t *check.T) {
	var mu sched.Mutex
	var left, right race.Var[int]
	race.Together(&left, &right)
	sched.Go(func() {
		mu.Lock()
		defer mu.Unlock()
		left.Update(func(n int) int { return n - 10 })
		right.Update(func(n int) int { return n + 10 })
	})
	mu.Lock()
	sum := left.Load() + right.Load()
	mu.Unlock()
	t.Logf("sum %d", sum)
}

// counters are counted by a step, and looked at by another one at the same time.
type counters struct {
	mu          sched.Mutex
	Read, Wrote race.Var[int]
}

func count(_ context.Context, c *counters) error {
	for _, v := range []*race.Var[int]{&c.Read, &c.Wrote} {
		c.mu.Lock()
		v.Update(func(n int) int { return n + 1 })
		c.mu.Unlock()
	}
	return nil
}

func look(_ context.Context, c *counters) error {
	for _, v := range []*race.Var[int]{&c.Read, &c.Wrote} {
		c.mu.Lock()
		v.Load()
		c.mu.Unlock()
	}
	return nil
}

// countAndLook runs both steps at the same time.
func countAndLook(t *check.T, c *counters) {
	p := engine.New[counters]("counters", engine.Options{})
	start := p.Step("start", func(context.Context, *counters) error { return nil }, engine.NodeOptions{})
	start.To(p.Step("count", count, engine.NodeOptions{}), p.Step("look", look, engine.NodeOptions{}))
	_, err := p.Run(t.Context(), c, engine.RunOptions{})
	assert.NoError(t, err)
}

func takenTogether(t *check.T) {
	var c counters
	countAndLook(t, &c)
}

func declaredApart(t *check.T) {
	var c counters
	race.Together(&c.Read) // with nothing
	countAndLook(t, &c)
}
