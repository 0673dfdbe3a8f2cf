package otel

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/sched"
)

// scope is the name of the tracer and the meter.
const scope = "github.com/ravelgo/ravel/engine/observe/otel"

// Options are the options of an observer. The zero value is the default.
type Options struct {
	// TracerProvider makes the spans, nil for the global one.
	TracerProvider trace.TracerProvider
	// MeterProvider makes the instruments, nil for the global one.
	MeterProvider metric.MeterProvider
	// Parent returns a context with the span that is the parent of the span of a
	// run, of which it is given the START event. Nil means that runs have no
	// parent. Runs may call it at once.
	Parent func(start event.Event) context.Context
}

// New returns an observer, or an error of MeterProvider. The observer may serve
// any number of runs at once, as long as their IDs differ, and keeps nothing of a
// run after its FINISH.
func New(opts Options) (engine.Observer, error) {
	if opts.TracerProvider == nil {
		opts.TracerProvider = otel.GetTracerProvider()
	}
	if opts.MeterProvider == nil {
		opts.MeterProvider = otel.GetMeterProvider()
	}
	if opts.Parent == nil {
		opts.Parent = func(event.Event) context.Context { return context.Background() }
	}
	m, err := newInstruments(opts.MeterProvider.Meter(scope))
	if err != nil {
		return nil, fmt.Errorf("otel: %w", err)
	}
	return &observer{
		tracer:      opts.TracerProvider.Tracer(scope),
		instruments: m,
		parent:      opts.Parent,
		streams:     map[string]*stream{},
	}, nil
}

type observer struct {
	tracer      trace.Tracer
	instruments *instruments
	parent      func(event.Event) context.Context

	mu      sched.LeafMutex    // guards the field below
	streams map[string]*stream // by RootRunID
}

func (o *observer) Observe(e event.Event) {
	s := o.find(e.RootRunID)
	switch {
	case e.Type == event.Start:
		if s != nil {
			s.finish(e) // its FINISH was never observed
		}
		s = &stream{observer: o, runs: map[string]*run{}}
		o.set(e.RootRunID, s)
	case s == nil:
		return // observed from the middle on
	}
	s.observe(e)
	if e.Type == event.Finish {
		o.set(e.RootRunID, nil)
	}
}

func (o *observer) find(id string) *stream {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.streams[id]
}

// set sets the stream of a run, or removes it if s is nil.
func (o *observer) set(id string, s *stream) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s == nil {
		delete(o.streams, id)
	} else {
		o.streams[id] = s
	}
}
