package race_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Raising a wait group from zero must come before waiting for it.
func TestLateAdd(t *testing.T) {
	for name, c := range map[string]struct {
		body func()
		late bool
	}{
		"in the goroutine": {func() {
			var wg sched.WaitGroup
			sched.Go(func() { wg.Add(1); wg.Done() })
			wg.Wait()
		}, true},
		"before it": {func() {
			var wg sched.WaitGroup
			wg.Add(1)
			sched.Go(func() { wg.Done() })
			wg.Wait()
		}, false},
		"by Go, nested": {func() {
			var wg sched.WaitGroup
			wg.Go(func() { wg.Go(sched.Yield) })
			wg.Wait()
		}, false},
		"two waiters": {func() {
			var wg sched.WaitGroup
			wg.Add(1)
			for range 2 {
				sched.Go(wg.Wait)
			}
			wg.Done()
		}, false},
		"used again": {func() {
			var wg sched.WaitGroup
			for range 2 {
				wg.Go(sched.Yield)
				wg.Wait()
			}
		}, false},
		"used again while another task may still wait": {func() {
			var wg sched.WaitGroup
			wg.Add(1)
			sched.Go(wg.Wait)
			wg.Done()
			wg.Add(1)
			wg.Done()
		}, true},
		"two adders before a wait": {func() {
			var wg sched.WaitGroup
			added := sched.NewChan[int](2)
			for range 2 {
				sched.Go(func() { wg.Add(1); added.Send(1); wg.Done() })
			}
			added.Recv()
			added.Recv()
			wg.Wait()
		}, false},
		"group": {func() {
			var g sched.Group
			g.SetLimit(1)
			g.Go(func() error { return context.Canceled })
			g.Go(func() error { return nil })
			_ = g.Wait()
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			found := explained(t, c.body)
			if !c.late {
				assert.Empty(t, found)
				return
			}
			assert.Equal(t, []string{"late add on wg"}, kinds(found))
			assert.Contains(t, found[0].Summary, "late add on wg: nothing orders ")
			assert.Equal(t, race.LateAdd.String(), found[0].Kind)
		})
	}
}
