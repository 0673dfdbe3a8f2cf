package engine_test

import (
	"context"
	"fmt"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

// Words is the state of a pipeline that counts letters.
type Words struct {
	list  []string
	total sched.Guarded[int]
}

func Example() {
	p := engine.New[Words]("letters", engine.Options{})
	list := p.Step("list", func(_ context.Context, w *Words) error {
		w.list = []string{"to", "be", "or", "not"}
		return nil
	}, engine.NodeOptions{})
	count := engine.Map(p, "count", engine.Each[Words, string]{
		Items: engine.Slice(func(_ context.Context, w *Words) ([]string, error) { return w.list, nil }),
		Do: func(_ context.Context, w *Words, word string) error {
			w.total.Do(func(n *int) { *n += len(word) })
			return nil
		},
	}, engine.MapOptions{MaxConcurrency: 2})
	report := p.Step("report", func(_ context.Context, w *Words) error {
		w.total.Do(func(n *int) { fmt.Println(*n, "letters") })
		return nil
	}, engine.NodeOptions{})
	list.To(count)
	count.To(report)

	result, err := p.Run(context.Background(), &Words{}, engine.RunOptions{})
	fmt.Println(result.Status, err)
	// Output:
	// 9 letters
	// success <nil>
}
