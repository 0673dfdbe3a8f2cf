package engine_test

import (
	"context"
	"fmt"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
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

// Report is the state of a pipeline that fetches pages.
type Report struct {
	urls  []string
	pages []string
}

// The calls of Do run at once; those of Collect come one after the other, in the
// order of the items, and may write the state without a lock.
func ExampleMapGather() {
	p := engine.New[Report]("pages", engine.Options{})
	engine.MapGather(p, "fetch", engine.Gather[Report, string, string]{
		Items: engine.Slice(func(_ context.Context, r *Report) ([]string, error) { return r.urls, nil }),
		Do: func(_ context.Context, _ *Report, url string) (string, error) {
			if url == "" {
				return "", engine.Skip
			}
			return "page of " + url, nil
		},
		Collect: func(_ context.Context, r *Report, _ int, page string) error {
			r.pages = append(r.pages, page)
			return nil
		},
	}, engine.MapOptions{MaxConcurrency: 2})

	r := &Report{urls: []string{"a.org", "", "b.org"}}
	_, err := p.Run(context.Background(), r, engine.RunOptions{})
	fmt.Println(r.pages, err)
	// Output:
	// [page of a.org page of b.org] <nil>
}

// Values reach the caller while the run goes on.
func ExamplePipeline_Stream() {
	p := engine.New[Words]("count", engine.Options{})
	p.Step("count", func(ctx context.Context, _ *Words) error {
		for i := range 3 {
			if err := engine.Emit(ctx, i+1); err != nil {
				return err
			}
		}
		return nil
	}, engine.NodeOptions{})

	run, err := p.Stream(context.Background(), &Words{}, engine.RunOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for e := range run.Events() {
		if token, ok := e.Data.(event.Emitted); ok {
			fmt.Println(e.Node, token.Value)
		}
	}
	result, err := run.Wait()
	fmt.Println(result.Status, err)
	// Output:
	// count 1
	// count 2
	// count 3
	// success <nil>
}

// A step that jumps back is called until it has what it wants.
func ExampleNode_MayGoto() {
	p := engine.New[Words]("loop", engine.Options{})
	add := p.Step("add", func(_ context.Context, w *Words) error {
		w.list = append(w.list, "word")
		return nil
	}, engine.NodeOptions{})
	enough := p.Step("enough", func(_ context.Context, w *Words) error {
		if len(w.list) < 3 {
			return engine.Goto("add")
		}
		return nil
	}, engine.NodeOptions{})
	report := p.Step("report", func(_ context.Context, w *Words) error {
		fmt.Println(len(w.list), "words")
		return nil
	}, engine.NodeOptions{})
	add.To(enough)
	enough.To(report).MayGoto(add)

	_, err := p.Run(context.Background(), &Words{}, engine.RunOptions{})
	fmt.Println(err)
	// Output:
	// 3 words
	// <nil>
}
