package otel_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/observe/otel"
)

// The span of a run is a child of that of the request that it serves.
func ExampleNew() {
	type State struct{}
	p := engine.New[State]("orders", engine.Options{})
	p.Step("load", func(context.Context, *State) error { return nil }, engine.NodeOptions{})

	exporter := tracetest.NewInMemoryExporter() // a program has one that sends spans
	provider := trace.NewTracerProvider(trace.WithSyncer(exporter))
	ctx, span := provider.Tracer("server").Start(context.Background(), "request")
	observer, err := otel.New(otel.Options{
		TracerProvider: provider,
		Parent:         func(event.Event) context.Context { return ctx },
	})
	if err != nil {
		panic(err)
	}
	if _, err := p.Run(ctx, &State{}, engine.RunOptions{Observers: []engine.Observer{observer}}); err != nil {
		panic(err)
	}
	span.End()
	for _, s := range exporter.GetSpans() {
		fmt.Println(s.Name)
	}
	// Output:
	// attempt load
	// step load
	// run orders
	// request
}
