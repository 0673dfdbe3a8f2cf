package findings

import (
	"maps"
	"slices"
	stdatomic "sync/atomic"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
)

func realChannel(*check.T) {
	done := make(chan bool)
	sched.Go(func() { done <- true })
	<-done
}

func simulatedChannel(*check.T) {
	done := sched.NewChan[bool](0)
	sched.Go(func() { done.Send(true) })
	done.Recv()
}

func goStatement(*check.T) {
	done := sched.NewChan[bool](0)
	go done.Send(true)
	done.Recv()
}

func goAsTask(*check.T) {
	done := sched.NewChan[bool](0)
	sched.Go(func() { done.Send(true) })
	done.Recv()
}

var calls stdatomic.Int64 // of all runs

func flushEverySecondRun(*check.T) {
	var size race.Var[int]
	if calls.Add(1)%2 == 0 {
		size.Set(0)
	}
}

func flushEverySecondCall(*check.T) {
	var calls atomic.Int64 // of this run
	var size race.Var[int]
	for range 4 {
		if calls.Add(1)%2 == 0 {
			size.Set(0)
		}
	}
}

func addSorted(t *check.T) {
	sizes := map[string]int{"a.go": 10, "b.go": 20, "c.go": 30}
	var total race.Var[int]
	for _, name := range slices.Sorted(maps.Keys(sizes)) {
		total.Update(func(n int) int { return n + sizes[name] })
	}
	t.Log(total.Load())
}
