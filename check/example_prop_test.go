package check_test

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// A property fails with the smallest input that shows what is wrong.
func ExampleT_Rapid() {
	result := check.Config{Runs: 200}.Search("TestTotal", func(t *check.T) {
		prices := rapid.SliceOf(rapid.IntRange(1, 100)).Draw(t.Rapid(), "prices")
		var total race.Var[int]
		var wg sched.WaitGroup
		for _, p := range prices {
			wg.Go(func() { total.Store(total.Load() + p) })
		}
		wg.Wait()
	})
	f := result.Findings[0]
	fmt.Println(f.Kind, "with", f.Data.Input[0].Name, "=", f.Data.Input[0].Value)
	fmt.Println(f.Preemptions, "preemption")
	// Output:
	// lost update with prices = []int{1, 1}
	// 1 preemption
}
