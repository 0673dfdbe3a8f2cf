package findings

import (
	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/sched"
)

func lockInBothOrders(*check.T) {
	var users, jobs sched.Mutex
	sched.Go(func() {
		users.Lock()
		defer users.Unlock()
		jobs.Lock()
		defer jobs.Unlock()
	})
	sched.Go(func() {
		jobs.Lock()
		defer jobs.Unlock()
		users.Lock()
		defer users.Unlock()
	})
}

func lockInOneOrder(*check.T) {
	var users, jobs sched.Mutex
	both := func() {
		users.Lock()
		defer users.Unlock()
		jobs.Lock()
		defer jobs.Unlock()
	}
	sched.Go(both)
	sched.Go(both)
}

func waitThenReceive(t *check.T) {
	results := sched.NewChan[int](0)
	var wg sched.WaitGroup
	for i := range 2 {
		wg.Go(func() { results.Send(i) })
	}
	wg.Wait() // for senders that wait for a receiver
	results.Close()
	for r := range results.All() {
		t.Log(r)
	}
}

func waitWhileReceiving(t *check.T) {
	results := sched.NewChan[int](0)
	var wg sched.WaitGroup
	for i := range 2 {
		wg.Go(func() { results.Send(i) })
	}
	sched.Go(func() {
		wg.Wait()
		results.Close()
	})
	for r := range results.All() {
		t.Log(r)
	}
}

func firstAnswerOnly(t *check.T) {
	answers := sched.NewChan[int](0)
	for i := range 2 {
		sched.Go(func() { answers.Send(i) })
	}
	answer, _ := answers.Recv() // nobody takes the other one
	t.Log(answer)
}

func roomForAll(t *check.T) {
	answers := sched.NewChan[int](2)
	for i := range 2 {
		sched.Go(func() { answers.Send(i) })
	}
	answer, _ := answers.Recv()
	t.Log(answer)
}

func untilTheEnd(t *check.T) {
	ctx := t.Context() // done when the body returns
	answers := sched.NewChan[int](0)
	for i := range 2 {
		sched.Go(func() {
			sched.Select(answers.Sending(i), sched.Done(ctx).Receiving(nil, nil))
		})
	}
	answer, _ := answers.Recv()
	t.Log(answer)
}
