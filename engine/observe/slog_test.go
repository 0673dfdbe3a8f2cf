package observe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/observe"
)

// noTime leaves the time out of lines.
func noTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// logged returns the lines of events.
func logged(level slog.Level, events ...event.Event) []string {
	var out bytes.Buffer
	handler := slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug - 4, ReplaceAttr: noTime})
	o := observe.Slog(slog.New(handler), level)
	for _, e := range events {
		o.Observe(e)
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

func about(kind event.Kind, path string, t event.Type, data any) event.Event {
	node, _, _ := strings.Cut(path, "[")
	e := event.Event{Seq: 7, Type: t, Kind: kind, Path: path, Node: node, Pipeline: "orders", RunID: "r1", RootRunID: "r1",
		Invocation: 3, Parent: 2, Owner: 3, Attempt: 1, Index: -1, Data: data}
	switch kind {
	case event.Run:
		e.Invocation, e.Parent, e.Owner, e.Attempt = 0, 0, 0, 0
	case event.Worker:
		e.Owner, e.Index = 2, 4
	}
	return e
}

func inner(e event.Event) event.Event {
	e.RunID, e.ParentRunID, e.Path, e.Owner = "r2", "r1", "refund", 5
	return e
}

func noted(e event.Event) event.Event {
	e.Notes = []slog.Attr{slog.Int("rows", 12), slog.Group("from", slog.String("host", "a b"))}
	return e
}

var labels = []slog.Attr{slog.String("tenant", "blue")}

var lines = []struct {
	event event.Event
	want  string // without seq, pipeline and run
}{
	{about(event.Run, "", event.Start, event.Started{Labels: labels, PlanHash: "ab12", Seed: 9, Resumed: true}),
		`level=INFO msg="run started" kind=run plan=ab12 seed=9 resumed=true labels.tenant=blue`},
	{about(event.Run, "", event.Start, nil), `level=INFO msg="run started" kind=run`},
	{about(event.Run, "", event.HookError, event.HookFailed{Hook: "start", Error: "no disk"}),
		`level=ERROR msg="hook failed" kind=run hook=start hook_index=0 error="no disk"`},
	{about(event.Step, "load", event.StepStart, nil),
		`level=INFO msg="step started" path=load kind=step invocation=3 parent=2 attempt=1`},
	{about(event.Worker, "pages[4]", event.StepStart, nil),
		`level=DEBUG msg="item started" path=pages[4] node=pages kind=worker invocation=3 parent=2 owner=2 attempt=1 index=4`},
	{inner(about(event.Run, "", event.SubStart, event.Started{})),
		`level=INFO msg="inner run started" parent_run=r1 root_run=r1 path=refund kind=run owner=5`},
	{about(event.Step, "pages[4]/load", event.StepStart, nil),
		`level=DEBUG msg="step started" path=pages[4]/load node=pages kind=step invocation=3 parent=2 attempt=1`},
	{about(event.Step, "load", event.Token, event.Emitted{Value: []int{1, 2}}),
		`level=DEBUG msg="step emitted a value" path=load kind=step invocation=3 attempt=1 value="[1 2]"`},
	{about(event.Map, "pages", event.MapStart, event.MapStarted{Count: 0}),
		`level=INFO msg="map starts its items" path=pages kind=map invocation=3 attempt=1 count=0`},
	{about(event.Map, "pages", event.MapStart, event.MapStarted{Count: -1}),
		`level=INFO msg="map starts its items" path=pages kind=map invocation=3 attempt=1`},
	{noted(about(event.Switch, "route", event.StepEnd, event.Ended{Control: "route:paid", Late: true, Duration: time.Second})),
		`level=INFO msg="switch ended" path=route kind=switch invocation=3 attempt=1 control=route:paid late=true duration=1s notes.rows=12 notes.from.host="a b"`},
	{about(event.Worker, "pages[4]", event.StepEnd, event.Ended{}),
		`level=DEBUG msg="item ended" path=pages[4] node=pages kind=worker invocation=3 owner=2 attempt=1 index=4`},
	{about(event.Step, "load", event.StepEnd, event.Ended{Handled: true, Error: "no disk"}),
		`level=WARN msg="step failed, which was handled" path=load kind=step invocation=3 attempt=1 error="no disk" handled=true`},
	{about(event.Step, "load", event.StepRetry, event.Retried{Error: "busy", Delay: time.Second, Duration: time.Millisecond}),
		`level=WARN msg="step to be retried" path=load kind=step invocation=3 attempt=1 error=busy delay=1s duration=1ms`},
	{about(event.Step, "load", event.StepError, event.Failed{Reason: "panic", Error: "oh", Source: "user", Stack: "main.f", Duration: time.Second}),
		`level=ERROR msg="step failed" path=load kind=step invocation=3 attempt=1 reason=panic error=oh source=user duration=1s stack=main.f`},
	{about(event.Map, "pages", event.StepError, event.Failed{Reason: "error", Error: "item 4: oh", Derived: true}),
		`level=ERROR msg="map failed" path=pages kind=map invocation=3 attempt=1 reason=error error="item 4: oh" derived=true`},
	{about(event.Step, "load", event.StepCancelled, event.Failed{Reason: "cancelled", Error: "sibling"}),
		`level=INFO msg="step cancelled" path=load kind=step invocation=3 attempt=1 reason=cancelled error=sibling`},
	{about(event.Worker, "pages[4]", event.StepCancelled, event.Failed{Reason: "cancelled", Abandoned: true}),
		`level=WARN msg="item abandoned" path=pages[4] node=pages kind=worker invocation=3 owner=2 attempt=1 index=4 reason=cancelled abandoned=true`},
	{about(event.Step, "load", event.Suspend, event.Suspended{Reason: "approval", Duration: time.Second}),
		`level=WARN msg="step asks to suspend the run" path=load kind=step invocation=3 attempt=1 reason=approval duration=1s`},
	{about(event.Map, "pages", event.MapComplete, event.MapCompleted{Started: 9, OK: 4, Skipped: 3, Failed: 2}),
		`level=INFO msg="map items ended" path=pages kind=map invocation=3 attempt=1 started=9 ok=4 skipped=3 failed=2`},
	{inner(about(event.Run, "", event.SubFinish, event.Finished{Status: "failed", Reason: "error", Failures: []string{"a: oh"}})),
		`level=ERROR msg="inner run failed" parent_run=r1 root_run=r1 path=refund kind=run owner=5 status=failed reason=error failures="[a: oh]"`},
	{about(event.Step, "join", event.BarrierWait, event.Barrier{Arrived: []int{2}, Awaited: []string{"b"}}),
		`level=WARN msg="join waits" path=join kind=step invocation=3 attempt=1 arrived=[2] awaited=[b]`},
	{about(event.Step, "join", event.BarrierRelease, event.Barrier{Arrived: []int{2, 3}, Waited: time.Second}),
		`level=INFO msg="join released" path=join kind=step invocation=3 attempt=1 arrived="[2 3]" waited=1s`},
	{about(event.Step, "join", event.BarrierTimeout, event.Barrier{Waited: time.Second}),
		`level=ERROR msg="join timed out" path=join kind=step invocation=3 attempt=1 waited=1s`},
	{about(event.Step, "join", event.JoinUnmet, event.Unmet{Arrived: []int{2}, Missing: []string{"b"}, Needed: 2}),
		`level=ERROR msg="join unmet" path=join kind=step invocation=3 attempt=1 needed=2 arrived=[2] missing=[b]`},
	{about(event.Run, "", event.Checkpoint, event.Checkpointed{Bytes: 120, Cut: "natural"}),
		`level=DEBUG msg="checkpoint written" kind=run number=0 cut=natural bytes=120`},
	{about(event.Run, "", event.Timeout, event.Interrupted{Cause: "limit"}), `level=ERROR msg="run reached its time limit" kind=run cause=limit`},
	{about(event.Run, "", event.Cancelled, event.Interrupted{Cause: "enough"}), `level=WARN msg="run is cancelled" kind=run cause=enough`},
	{about(event.Run, "", event.Finish, event.Finished{Status: "success", Duration: time.Second, Labels: labels, Metrics: event.Metrics{
		Started: 9, OK: 8, Skipped: 1, Retries: 2, Tokens: 3, Counts: []event.Count{{Name: "rows", Value: 40}}}}),
		`level=INFO msg="run succeeded" kind=run status=success duration=1s metrics.started=9 metrics.ok=8 metrics.skipped=1 metrics.retries=2 metrics.tokens=3 metrics.counts.rows=40 labels.tenant=blue`},
	{about(event.Run, "", event.Finish, event.Finished{Status: "stopped"}), `level=INFO msg="run stopped" kind=run status=stopped`},
	{about(event.Run, "", event.Finish, event.Finished{Status: "suspended"}), `level=WARN msg="run suspended" kind=run status=suspended`},
	{about(event.Run, "", event.Finish, event.Finished{Status: "cancelled"}), `level=WARN msg="run ended by cancelling" kind=run status=cancelled`},
	{about(event.Run, "", event.Finish, event.Finished{Status: "closed"}), `level=WARN msg="run closed by its consumer" kind=run status=closed`},
	{about(event.Run, "", event.Finish, event.Finished{Status: "timeout"}), `level=ERROR msg="run timed out" kind=run status=timeout`},
	{about(event.Step, "load", "STEP_DREAM", nil), `level=INFO msg=STEP_DREAM path=load kind=step invocation=3 attempt=1`},
}

func TestLines(t *testing.T) {
	for _, l := range lines {
		got := logged(slog.LevelDebug, l.event)
		run := "run=" + l.event.RunID + " "
		assert.Equal(t, []string{l.want}, []string{strings.Replace(got[0], "seq=7 pipeline=orders "+run, "", 1)})
	}
}

func TestLevel(t *testing.T) {
	for _, l := range lines {
		name := strings.TrimPrefix(strings.Fields(l.want)[0], "level=")
		var level slog.Level
		require.NoError(t, level.UnmarshalText([]byte(name)))
		assert.NotEmpty(t, logged(level, l.event)[0])
		assert.Empty(t, logged(level+1, l.event)[0], "%s is lower", name)
	}
}

// What logger is not enabled for is not logged either.
func TestLevelOfLogger(t *testing.T) {
	var out bytes.Buffer
	o := observe.Slog(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn})), slog.LevelDebug)
	for _, l := range lines {
		o.Observe(l.event)
	}
	assert.NotContains(t, out.String(), "level=INFO")
	assert.Contains(t, out.String(), "level=WARN")
}

func TestTimeIsThatOfTheEvent(t *testing.T) {
	var out bytes.Buffer
	e := about(event.Run, "", event.Start, nil)
	e.Time = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	observe.Slog(slog.New(slog.NewTextHandler(&out, nil)), slog.LevelInfo).Observe(e)
	assert.Contains(t, out.String(), "time=2026-05-04T03:02:01.000Z")
}

// Lists and groups stay such in JSON.
func TestJSON(t *testing.T) {
	var out bytes.Buffer
	o := observe.Slog(slog.New(slog.NewJSONHandler(&out, nil)), slog.LevelInfo)
	e := noted(about(event.Step, "join", event.BarrierWait, event.Barrier{Arrived: []int{2}, Awaited: []string{"b", "c"}}))
	o.Observe(e)
	var got map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	assert.Equal(t, []any{"b", "c"}, got["awaited"])
	assert.Equal(t, map[string]any{"rows": 12.0, "from": map[string]any{"host": "a b"}}, got["notes"])
}

func TestNilLogger(t *testing.T) {
	var out bytes.Buffer
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
	observe.Slog(nil, slog.LevelInfo).Observe(about(event.Run, "", event.Start, nil))
	assert.Contains(t, out.String(), `msg="run started"`)
}

type state struct{}

// Runs on one observer at once, which tell of all that they publish.
func TestRuns(t *testing.T) {
	p := engine.New[state]("p", engine.Options{})
	tries := engine.Map(p, "tries", engine.Each[state, int]{
		Items: engine.Slice(func(context.Context, *state) ([]int, error) { return make([]int, 20), nil }),
		Do:    func(ctx context.Context, s *state, _ int) error { return engine.Emit(ctx, "v") },
	}, engine.MapOptions{MaxConcurrency: 3})
	tries.To(p.Step("fails", func(context.Context, *state) error { return errors.New("oh") }, engine.NodeOptions{}))
	var out bytes.Buffer
	o := observe.Slog(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})), slog.LevelDebug)
	const runs = 4
	done := make(chan error, runs)
	for range runs {
		go func() {
			_, err := p.Run(context.Background(), &state{}, engine.RunOptions{Observers: []engine.Observer{o}})
			done <- err
		}()
	}
	for range runs {
		require.Error(t, <-done)
	}
	logs := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	const eachRun = 1 + 2 + 2 + 20*3 + 2 + 1
	assert.Len(t, logs, runs*eachRun)
	next := map[any]float64{}
	for _, l := range logs {
		var got map[string]any
		require.NoError(t, json.Unmarshal([]byte(l), &got))
		next[got["run"]]++
		assert.Equal(t, next[got["run"]], got["seq"])
	}
	assert.Len(t, next, runs)
}
