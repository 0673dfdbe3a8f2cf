package observe_test

import (
	"context"
	"log/slog"
	"os"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/observe"
)

// sameEveryTime leaves out what differs from one run to the next: times, the seed and how
// many items ran at once.
func sameEveryTime(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Key == "seed" || a.Value.Kind() == slog.KindDuration || len(groups) > 0 {
		return slog.Attr{}
	}
	return a
}

func ExampleSlog() {
	type State struct{}
	p := engine.New[State]("backup", engine.Options{})
	files := engine.Map(p, "files", engine.Each[State, string]{
		Items: engine.Slice(func(context.Context, *State) ([]string, error) { return []string{"a", "b"}, nil }),
		Do:    func(context.Context, *State, string) error { return nil },
	}, engine.MapOptions{})
	files.To(p.Step("seal", func(context.Context, *State) error { return nil }, engine.NodeOptions{}))

	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: sameEveryTime}))
	observers := []engine.Observer{observe.Slog(logger, slog.LevelInfo)}
	if _, err := p.Run(context.Background(), &State{}, engine.RunOptions{ID: "r1", Observers: observers}); err != nil {
		panic(err)
	}
	// Output:
	// level=INFO msg="run started" seq=1 pipeline=backup run=r1 kind=run
	// level=INFO msg="map started" seq=2 pipeline=backup run=r1 path=files kind=map invocation=1 attempt=1
	// level=INFO msg="map starts its items" seq=3 pipeline=backup run=r1 path=files kind=map invocation=1 attempt=1 count=2
	// level=INFO msg="map items ended" seq=8 pipeline=backup run=r1 path=files kind=map invocation=1 attempt=1 started=2 ok=2
	// level=INFO msg="map ended" seq=9 pipeline=backup run=r1 path=files kind=map invocation=1 attempt=1
	// level=INFO msg="step started" seq=10 pipeline=backup run=r1 path=seal kind=step invocation=4 parent=1 attempt=1
	// level=INFO msg="step ended" seq=11 pipeline=backup run=r1 path=seal kind=step invocation=4 attempt=1
	// level=INFO msg="run succeeded" seq=12 pipeline=backup run=r1 kind=run status=success
}
