package sched_test

import (
	"fmt"
	"time"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

func ExampleSim() {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	all := strategy.DFS()
	outcomes := map[string]int{}
	for all.Next() {
		text := ""
		sim.Run(all, 1, func() {
			for _, word := range []string{"tick", "tock"} {
				sched.Go(func() { sched.Yield(); text += word })
			}
		})
		outcomes[text]++
	}
	fmt.Println(outcomes)
	// Output: map[ticktock:1 tocktick:1]
}

func ExampleChan() {
	squares := sched.NewChan[int](0)
	sched.Go(func() {
		defer squares.Close()
		for i := range 4 {
			squares.Send(i * i)
		}
	})
	for n := range squares.All() {
		fmt.Print(n, " ")
	}
	// Output: 0 1 4 9
}

func ExampleSelect() {
	results, stop := sched.NewChan[string](1), sched.NewChan[bool](0)
	results.Send("done")
	var result string
	switch sched.Select(results.Receiving(&result, nil), stop.Receiving(nil, nil)) {
	case 0:
		fmt.Println(result)
	case 1:
		fmt.Println("stopped")
	}
	// Output: done
}

func ExampleGuarded() {
	var total sched.Guarded[int]
	var wg sched.WaitGroup
	for i := range 5 {
		wg.Go(func() { total.Do(func(n *int) { *n += i }) })
	}
	wg.Wait()
	total.Do(func(n *int) { fmt.Println(*n) })
	// Output: 10
}

func ExampleSleep() {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	r := sim.Run(strategy.RoundRobin(), 1, func() { sched.Sleep(30 * 24 * time.Hour) })
	fmt.Println(r.Elapsed, "in", r.Steps, "step")
	// Output: 720h0m0s in 1 step
}
