package otel_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/observe/otel"
)

// recorded is an observer with what the SDK has made of what it told.
type recorded struct {
	engine.Observer
	spans  *tracetest.SpanRecorder
	reader *sdkmetric.ManualReader
	tracer *sdktrace.TracerProvider
}

func record(t *testing.T, parent func(event.Event) context.Context) recorded {
	t.Helper()
	r := recorded{spans: tracetest.NewSpanRecorder(), reader: sdkmetric.NewManualReader()}
	r.tracer = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(r.spans))
	var err error
	r.Observer, err = otel.New(otel.Options{
		TracerProvider: r.tracer,
		MeterProvider:  sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.reader)),
		Parent:         parent,
	})
	require.NoError(t, err)
	return r
}

// tell gives the observer events, a second apart.
func (r recorded) tell(events ...event.Event) {
	for i, e := range events {
		e.Seq, e.Time = uint64(i+1), start.Add(time.Duration(i)*time.Second)
		r.Observe(e)
	}
}

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// tree returns the spans as an indented tree, in the order of their starts.
func (r recorded) tree() string {
	spans := r.spans.Started()
	names := map[string]string{}
	for _, s := range spans {
		names[s.SpanContext().SpanID().String()] = s.Name()
	}
	var b strings.Builder
	var write func(parent string, depth int)
	write = func(parent string, depth int) {
		for _, s := range spans {
			if s.Parent().SpanID().String() == parent {
				fmt.Fprintln(&b, strings.Repeat("  ", depth)+line(s, spans[0].StartTime(), names))
				write(s.SpanContext().SpanID().String(), depth+1)
			}
		}
	}
	write("0000000000000000", 0)
	return b.String()
}

// line returns what is told of a span, with times in seconds since the given one.
func line(s sdktrace.ReadOnlySpan, zero time.Time, names map[string]string) string {
	since := func(t time.Time) int { return int(t.Sub(zero).Seconds()) }
	text := fmt.Sprintf("%s %d-%d", s.Name(), since(s.StartTime()), since(s.EndTime()))
	if s.Status().Code != codes.Unset {
		text += fmt.Sprintf(" %s(%s)", s.Status().Code, s.Status().Description)
	}
	for _, l := range s.Links() {
		text += " <- " + names[l.SpanContext.SpanID().String()]
	}
	for _, e := range s.Events() {
		text += fmt.Sprintf(" %s@%d", e.Name, since(e.Time))
	}
	return text
}

// attributes returns those of the only span with a name, as text.
func (r recorded) attributes(t *testing.T, name string) map[string]string {
	t.Helper()
	var found []sdktrace.ReadOnlySpan
	for _, s := range r.spans.Ended() {
		if s.Name() == name {
			found = append(found, s)
		}
	}
	require.Len(t, found, 1, name)
	return text(found[0].Attributes())
}

func text(attrs []attribute.KeyValue) map[string]string {
	m := map[string]string{}
	for _, a := range attrs {
		m[string(a.Key)] = a.Value.String()
	}
	return m
}

func run(t event.Type, data any) event.Event {
	return event.Event{Type: t, Kind: event.Run, Pipeline: "orders", RunID: "r1", RootRunID: "r1", Index: -1, Data: data}
}

// of is an event of a node of the run.
func of(t event.Type, node string, invocation, parent int, data any) event.Event {
	e := run(t, data)
	e.Kind, e.Node, e.Path, e.Invocation, e.Parent, e.Owner, e.Attempt = event.Step, node, node, invocation, parent, invocation, 1
	return e
}

func as(kind event.Kind, e event.Event) event.Event {
	e.Kind = kind
	return e
}

// item makes e about an item of the map of the given invocation.
func item(index, owner int, e event.Event) event.Event {
	e.Kind, e.Index, e.Parent, e.Owner = event.Worker, index, owner, owner
	e.Path = fmt.Sprintf("%s[%d]", e.Node, index)
	return e
}

func attempt(n int, e event.Event) event.Event {
	e.Attempt = n
	return e
}

// inner makes e one of an inner run.
func inner(e event.Event) event.Event {
	e.RunID, e.ParentRunID, e.Pipeline, e.Path = "r2", "r1", "refund", "back/"+e.Path
	return e
}

// sub makes e the begin or the end of an inner run that an invocation called.
func sub(owner int, e event.Event) event.Event {
	e = inner(e)
	e.Owner, e.Path = owner, "back"
	return e
}

// story has each way in which spans are one another's parents.
func story() []event.Event {
	return []event.Event{
		run(event.Start, event.Started{Labels: []slog.Attr{slog.String("tenant", "blue")}, PlanHash: "ab12", Seed: 1<<64 - 1}),
		of(event.StepStart, "load", 1, 0, nil),
		of(event.Token, "load", 1, 0, event.Emitted{Value: "secret"}),
		of(event.StepEnd, "load", 1, 0, event.Ended{}), // 3
		as(event.Map, of(event.StepStart, "pages", 2, 1, nil)),
		of(event.StepStart, "back", 3, 1, nil), // 5
		as(event.Map, of(event.MapStart, "pages", 2, 1, event.MapStarted{Count: 1})),
		item(0, 2, of(event.StepStart, "pages", 4, 2, nil)),
		sub(3, run(event.SubStart, event.Started{})), // 8
		item(0, 2, of(event.StepRetry, "pages", 4, 2, event.Retried{Error: "busy", Delay: time.Second})),
		inner(of(event.StepStart, "pay", 1, 0, nil)), // 10
		item(0, 2, attempt(2, of(event.StepStart, "pages", 4, 2, nil))),
		inner(of(event.StepEnd, "pay", 1, 0, event.Ended{})),
		item(0, 2, attempt(2, of(event.StepEnd, "pages", 4, 2, event.Ended{}))),
		as(event.Map, of(event.MapComplete, "pages", 2, 1, event.MapCompleted{Started: 1, OK: 1})),
		sub(3, run(event.SubFinish, event.Finished{Status: "success"})), // 15
		as(event.Map, of(event.StepEnd, "pages", 2, 1, event.Ended{})),
		of(event.BarrierWait, "join", 0, 0, event.Barrier{Arrived: []int{2}, Awaited: []string{"back"}}),
		of(event.StepEnd, "back", 3, 1, event.Ended{}), // 18
		of(event.BarrierRelease, "join", 0, 0, event.Barrier{Arrived: []int{2, 3}, Waited: time.Second}),
		of(event.StepStart, "join", 5, 3, nil), // 20
		of(event.StepEnd, "join", 5, 3, event.Ended{}),
		run(event.Checkpoint, event.Checkpointed{Number: 1, Bytes: 300, Cut: "end"}),
		run(event.HookError, event.HookFailed{Hook: "finish", Index: 1, Error: "no disk"}),
		run(event.Finish, event.Finished{Status: "failed", Reason: "hook", Failures: []string{"finish: no disk"}, Duration: 24 * time.Second,
			Metrics: event.Metrics{Counts: []event.Count{{Name: "rows", Value: 40}}}}), // 24
	}
}

func TestTree(t *testing.T) {
	r := record(t, nil)
	r.tell(story()...)
	const want = `
run orders 0-24 Error(finish: no disk) BARRIER_WAIT@17 BARRIER_RELEASE@19 CHECKPOINT@22 HOOK_ERROR@23
  step load 1-3
    attempt load 1-3 TOKEN@2
  map pages 4-16 <- step load
    attempt pages 4-16 MAP_START@6 MAP_COMPLETE@14
    item pages 7-13
      attempt pages 7-9 Error(busy)
      attempt pages 11-13
  step back 5-18 <- step load
    attempt back 5-18
      run refund 8-15
        step pay 10-12
          attempt pay 10-12
  step join 20-21 <- step back
    attempt join 20-21
`
	assert.Equal(t, want, "\n"+r.tree())
	assert.Zero(t, otel.Kept(r.Observer))
	assert.Len(t, r.spans.Started(), len(r.spans.Ended()))
}

func TestAttributes(t *testing.T) {
	r := record(t, nil)
	r.tell(story()...)
	assert.Equal(t, map[string]string{
		"ravel.pipeline": "orders", "ravel.run.id": "r1", "ravel.kind": "run", "ravel.plan.hash": "ab12", "ravel.seed": "18446744073709551615",
		"ravel.label.tenant": "blue", "ravel.status": "failed", "ravel.reason": "hook", "error.type": "failed",
		"ravel.failures": `["finish: no disk"]`, "ravel.count.rows": "40",
	}, r.attributes(t, "run orders"))
	assert.Equal(t, map[string]string{
		"ravel.pipeline": "refund", "ravel.run.id": "r2", "ravel.run.parent_id": "r1", "ravel.path": "back", "ravel.kind": "run", "ravel.status": "success",
	}, r.attributes(t, "run refund"))
	assert.Equal(t, map[string]string{
		"ravel.pipeline": "orders", "ravel.run.id": "r1", "ravel.node": "pages", "ravel.path": "pages[0]", "ravel.kind": "worker",
		"ravel.invocation": "4", "ravel.index": "0", "ravel.outcome": "ok",
	}, r.attributes(t, "item pages"))
	assert.Equal(t, map[string]string{
		"ravel.pipeline": "refund", "ravel.run.id": "r2", "ravel.run.parent_id": "r1", "ravel.node": "pay", "ravel.path": "back/pay", "ravel.kind": "step",
		"ravel.invocation": "1", "ravel.attempt": "1", "ravel.outcome": "ok",
	}, r.attributes(t, "attempt pay"))
}

// What events of spans say.
func TestPoints(t *testing.T) {
	r := record(t, nil)
	r.tell(append(story()[:24:24],
		of(event.JoinUnmet, "late", 0, 0, event.Unmet{Arrived: []int{2}, Missing: []string{"x"}, Needed: 2}),
		run(event.Timeout, event.Interrupted{Cause: "limit"}),
		run("DREAM", nil),
		run(event.Finish, event.Finished{Status: "timeout", Reason: "limit"}))...)
	got := map[string]map[string]string{}
	for _, s := range r.spans.Ended() {
		for _, e := range s.Events() {
			got[e.Name] = text(e.Attributes)
		}
	}
	assert.Equal(t, map[string]map[string]string{
		"TOKEN":           {"ravel.token.type": "string"},
		"MAP_START":       {"ravel.map.count": "1"},
		"MAP_COMPLETE":    {"ravel.map.started": "1", "ravel.map.ok": "1", "ravel.map.skipped": "0", "ravel.map.failed": "0", "ravel.map.cancelled": "0"},
		"BARRIER_WAIT":    {"ravel.node": "join", "ravel.path": "join", "ravel.arrived": "[2]", "ravel.awaited": `["back"]`, "ravel.waited": "0"},
		"BARRIER_RELEASE": {"ravel.node": "join", "ravel.path": "join", "ravel.arrived": "[2,3]", "ravel.awaited": "[]", "ravel.waited": "1"},
		"JOIN_UNMET":      {"ravel.node": "late", "ravel.path": "late", "ravel.arrived": "[2]", "ravel.missing": `["x"]`, "ravel.needed": "2"},
		"CHECKPOINT":      {"ravel.checkpoint.number": "1", "ravel.checkpoint.bytes": "300", "ravel.cut": "end"},
		"HOOK_ERROR":      {"ravel.hook": "finish", "ravel.hook.index": "1", "ravel.error": "no disk"},
		"TIMEOUT":         {"ravel.cause": "limit"},
		"DREAM":           {},
	}, got)
}

// What ends an attempt is told of it and of its invocation.
func TestOutcomes(t *testing.T) {
	type m = map[string]string
	tests := []struct {
		end  event.Event
		tree string // of the invocation
		want m      // beside what it began with
	}{
		{of(event.StepEnd, "a", 1, 0, event.Ended{Control: "skip"}), "", m{"ravel.outcome": "skipped", "ravel.control": "skip"}},
		{of(event.StepEnd, "a", 1, 0, event.Ended{Handled: true, Error: "oh", Late: true}), "",
			m{"ravel.outcome": "handled", "ravel.error": "oh", "ravel.late": "true"}},
		{of(event.StepError, "a", 1, 0, event.Failed{Reason: "panic", Error: "oh", Source: "user", Stack: "main.f"}), "Error(oh) exception@2",
			m{"ravel.outcome": "failed", "ravel.reason": "panic", "ravel.source": "user", "error.type": "panic"}},
		{of(event.StepError, "a", 1, 0, event.Failed{Reason: "error", Error: "oh", Derived: true}), "Error(oh)",
			m{"ravel.outcome": "failed", "ravel.reason": "error", "ravel.derived": "true", "error.type": "error"}},
		{of(event.StepCancelled, "a", 1, 0, event.Failed{Reason: "cancelled", Error: "sibling"}), "",
			m{"ravel.outcome": "cancelled", "ravel.reason": "cancelled", "ravel.cause": "sibling"}},
		{of(event.StepCancelled, "a", 1, 0, event.Failed{Reason: "cancelled", Error: "limit", Abandoned: true}), "Error(limit)",
			m{"ravel.outcome": "abandoned", "ravel.reason": "cancelled", "error.type": "abandoned"}},
		{of(event.Suspend, "a", 1, 0, event.Suspended{Reason: "approval"}), "SUSPEND@2",
			m{"ravel.outcome": "suspended", "ravel.reason": "approval"}},
		{of(event.StepEnd, "a", 1, 0, nil), "", m{"ravel.outcome": "ok"}},
		{of(event.StepError, "a", 1, 0, nil), "Error()", m{"ravel.outcome": "failed"}},
	}
	for _, test := range tests {
		r := record(t, nil)
		r.tell(run(event.Start, nil), of(event.StepStart, "a", 1, 0, nil), test.end, run(event.Finish, event.Finished{Status: "success"}))
		want := strings.TrimSpace("attempt a 1-2 " + test.tree)
		assert.Contains(t, r.tree(), want+"\n")
		invocation, _, _ := strings.Cut(strings.Replace(want, "attempt", "step", 1), " exception")
		invocation, _, _ = strings.Cut(invocation, " SUSPEND")
		assert.Contains(t, r.tree(), invocation+"\n")
		got := r.attributes(t, "attempt a")
		for k, v := range test.want {
			assert.Equal(t, v, got[k], k)
		}
		assert.Len(t, got, 7+len(test.want), "%v", got)
		assert.Equal(t, test.want["ravel.outcome"], r.attributes(t, "step a")["ravel.outcome"])
	}
}

func TestNotes(t *testing.T) {
	r := record(t, nil)
	end := of(event.StepEnd, "a", 1, 0, event.Ended{})
	end.Notes = []slog.Attr{slog.Int("rows", 3), slog.Bool("warm", true), slog.Float64("load", .5), slog.Time("at", start),
		slog.Duration("took", time.Second), slog.Any("list", []int{1}), slog.Group("from", slog.String("host", "x"), slog.Group("", slog.Int("port", 8)))}
	r.tell(run(event.Start, nil), of(event.StepStart, "a", 1, 0, nil), end, run(event.Finish, nil))
	got := r.attributes(t, "attempt a")
	for key, want := range map[string]string{"rows": "3", "warm": "true", "load": "0.5", "at": "2026-01-02T03:04:05Z", "took": "1s",
		"list": "[1]", "from.host": "x", "from.port": "8"} {
		assert.Equal(t, want, got["ravel.note."+key], key)
	}
}

// What has not ended when a run does ends then, and inner runs before outer ones.
func TestUnended(t *testing.T) {
	r := record(t, nil)
	events := append(story()[:11:11], run(event.Finish, event.Finished{Status: "cancelled"}))
	r.tell(events...)
	const want = `
run orders 0-11
  step load 1-3
    attempt load 1-3 TOKEN@2
  map pages 4-11 Error(has not ended) <- step load
    attempt pages 4-11 Error(has not ended) MAP_START@6
    item pages 7-11
      attempt pages 7-9 Error(busy)
  step back 5-11 Error(has not ended) <- step load
    attempt back 5-11 Error(has not ended)
      run refund 8-11 Error(has not ended)
        step pay 10-11 Error(has not ended)
          attempt pay 10-11 Error(has not ended)
`
	assert.Equal(t, want, "\n"+r.tree())
	assert.Equal(t, "cancelled", r.attributes(t, "item pages")["ravel.outcome"], "it waited for another attempt")
	assert.Zero(t, otel.Kept(r.Observer))
	assert.Zero(t, r.metrics(t)["ravel.active_runs ravel.inner=false ravel.pipeline=orders"])
	var order []string
	for _, s := range r.spans.Ended()[3:] {
		order = append(order, s.Name())
	}
	assert.Equal(t, []string{"attempt pay", "step pay", "run refund", "item pages", "attempt back", "step back", "attempt pages", "map pages",
		"run orders"}, order, "what is inside first")
}

// A run whose FINISH was not observed ends when its ID is used again, and what
// comes without a START is ignored.
func TestOddStreams(t *testing.T) {
	r := record(t, nil)
	r.tell(story()[2:]...)
	assert.Empty(t, r.spans.Started())
	r.tell(story()[:3]...)
	r.tell(story()...)
	assert.Contains(t, r.tree(), "run orders 0-0 Error(has not ended)\n")
	assert.Len(t, r.spans.Started(), len(r.spans.Ended()))
	assert.Zero(t, otel.Kept(r.Observer))

	r = record(t, nil)
	r.tell(run(event.Start, nil), inner(of(event.StepStart, "a", 1, 0, nil)), inner(of(event.StepEnd, "a", 1, 0, nil)),
		inner(of(event.Token, "a", 1, 0, nil)), sub(1, run(event.SubFinish, nil)), of(event.StepEnd, "b", 7, 0, nil),
		sub(1, run(event.SubStart, nil)), run(event.Finish, nil))
	assert.Equal(t, "run orders 0-7 Error(has not ended)\n  run refund 6-7 Error(has not ended)\n", r.tree())
}

func TestParent(t *testing.T) {
	var r recorded
	caller := map[string]context.Context{}
	r = record(t, func(e event.Event) context.Context { return caller[e.RunID] })
	ctx, span := r.tracer.Tracer("test").Start(context.Background(), "request")
	caller["r1"] = ctx
	r.tell(run(event.Start, nil), run(event.Finish, event.Finished{Status: "success"}))
	span.End()
	ended := r.spans.Ended()
	require.Len(t, ended, 2)
	assert.Equal(t, span.SpanContext().SpanID(), ended[0].Parent().SpanID())
	r.tell(func() (events []event.Event) {
		for _, e := range []event.Event{run(event.Start, nil), run(event.Finish, nil)} {
			e.RunID, e.RootRunID = "r9", "r9"
			events = append(events, e)
		}
		return events
	}()...)
	assert.Len(t, r.spans.Ended(), 3, "no context is no parent")
}
