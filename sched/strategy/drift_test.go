package strategy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// adders starts two tasks that add to n, and do what comes before and between
// the two operations of that.
func adders(before, between func()) func() {
	return func() {
		var n race.Var[int]
		for range 2 {
			sched.Go(func() {
				before()
				x := n.Load()
				between()
				n.Store(x + 1)
			})
		}
	}
}

func nothing() {}

// follow replays a trace on body, recorded, and returns the replay and the run.
func follow(t *testing.T, text string, body func()) (*strategy.Replayer, *sched.Record) {
	t.Helper()
	tr, err := sched.ParseTrace([]byte("ravel trace 2\n" + text))
	require.NoError(t, err)
	replay, err := strategy.Replay(tr)
	require.NoError(t, err)
	replay.Next()
	sim := sched.NewSim(sched.Config{Record: true})
	defer sim.Close()
	return replay, sim.Run(replay, 1, body).Record
}

// The steps of a run of adders in which both tasks read first.
const bothRead = `
step main.0 read n
at main.0 write n run main.1
step main.1 read n
at main.1 write n run main.0
step main.0 write n
step main.1 write n
`

// A trace leads to the same interleaving of what is left of the program, and
// what is new is told.
func TestDrift(t *testing.T) {
	var lock sched.Mutex
	var other race.Var[int]
	log := func() {
		lock.Lock()
		defer lock.Unlock()
		other.Store(1)
	}
	for name, test := range map[string]struct {
		text string
		body func()
		want *strategy.Drift
	}{
		"the same": {bothRead, adders(nothing, nothing), nil},
		"no steps": {"at main.0 write n run main.1", adders(log, log), nil},
		"something before": {bothRead, adders(log, nothing), &strategy.Drift{Choices: 2, OfChoices: 2, Steps: 4, OfSteps: 4,
			First: "operation 1: main.0 does lock lock (drift_test.go:63), the trace has main.0 read n"}},
		"something between": {bothRead, adders(nothing, log), &strategy.Drift{Choices: 2, OfChoices: 2, Steps: 4, OfSteps: 4,
			First: "operation 2: main.0 does lock lock (drift_test.go:63), the trace has main.1 read n"}},
		"an operation is gone": {strings.ReplaceAll(bothRead, "write n", "lock mu"), adders(nothing, nothing),
			&strategy.Drift{OfChoices: 2, Steps: 2, OfSteps: 4,
				First: `choice 1, "at main.0 lock mu run main.1", did not come up; ` +
					"operation 2: main.0 does write n (drift_test.go:26), the trace has main.1 read n"}},
		"a task is gone": {bothRead, func() { sched.Go(func() { other.Load() }) },
			&strategy.Drift{OfChoices: 2, OfSteps: 4,
				First: "operation 1: main.0 does read other (drift_test.go:82), the trace has main.0 read n"}},
		"a task does nothing": {"at main.0 end run main.1", func() {
			sched.Go(nothing)
			sched.Go(nothing)
			sched.Yield()
		}, &strategy.Drift{OfChoices: 1, First: `choice 1, "at main.0 end run main.1", did not come up`}},
		"a target is gone": {"at main.0 write n run main.7", adders(nothing, nothing), &strategy.Drift{OfChoices: 1,
			First: `choice 1, "at main.0 write n run main.7", came up when main.7 could not go on`}},
		"an option is gone": {"at main select case 5", func() {
			c := sched.NewChan[int](2)
			c.Send(1)
			sched.Select(c.Sending(1), c.Receiving(nil, nil))
		}, &strategy.Drift{OfChoices: 1, First: `choice 1, "at main select case 5", came up without that option`}},
		"a run that is shorter": {"step main yield\nstep main yield\nstep main yield", sched.Yield,
			&strategy.Drift{Steps: 1, OfSteps: 3, First: "the run ends after operation 1, the trace goes on with main yield"}},
		"a run that is longer": {"step main yield", func() { sched.Yield(); sched.Yield() }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			replay, rec := follow(t, test.text, test.body)
			assert.Empty(t, cmp.Diff(test.want, replay.Drift(rec)))
		})
	}
}

func TestDriftError(t *testing.T) {
	assert.EqualError(t, &strategy.Drift{Choices: 3, OfChoices: 4, Steps: 17, OfSteps: 22, First: "x"},
		"3 of 4 choices and 17 of 22 operations matched; first difference: x")
	assert.EqualError(t, &strategy.Drift{Choices: 3, OfChoices: 4, First: "x"}, "3 of 4 choices matched; first difference: x")
	assert.EqualError(t, &strategy.Drift{Steps: 17, OfSteps: 22, First: "x"}, "17 of 22 operations matched; first difference: x")
}

// The operations in common are counted in order, wherever they stand.
func TestDriftCounts(t *testing.T) {
	ops := map[byte]string{'a': "yield", 'b': "sleep", 'c': "send c"}
	for _, test := range []struct {
		trace, run string
		want       int
	}{
		{"a", "b", 0}, {"ab", "ba", 1}, {"abc", "bacb", 2}, {"aabb", "ab", 2}, {"abcabc", "cab", 3}, {"abc", "", 0},
	} {
		text := ""
		for _, c := range []byte(test.trace) {
			text += "step main " + ops[c] + "\n"
		}
		replay, rec := follow(t, text, func() {
			c := sched.NewChan[int](9)
			for _, op := range test.run {
				switch op {
				case 'a':
					sched.Yield()
				case 'b':
					sched.Sleep(1)
				default:
					c.Send(1)
				}
			}
		})
		d := replay.Drift(rec)
		require.NotNil(t, d, "%v", test)
		assert.Equal(t, test.want, d.Steps, "%v", test)
	}
}

// What is saved says the same as what is in memory, and a long run is cut.
func TestReplayerTrace(t *testing.T) {
	body := func() {
		var n race.Var[int]
		for range 2 {
			sched.Go(func() {
				for range 200 {
					n.Store(n.Load() + 1)
				}
			})
		}
	}
	in := "at main.0 3 run main.1\nat main.1 write n #151 run main.0\nat main.0 write n #200 run main.1"
	replay, rec := follow(t, in, body)
	tr := replay.Trace(rec)
	want := []sched.Deviation{{At: "main.0", What: "read n", Nth: 2, To: "main.1", Done: 2},
		{At: "main.1", What: "write n", Nth: 151, To: "main.0", Done: 300},
		{At: "main.0", What: "write n", Nth: 200, To: "main.1", Done: 300}}
	assert.Empty(t, cmp.Diff(want, tr.Deviations))
	assert.Len(t, tr.Steps, sched.MaxTraceSteps)
	assert.Contains(t, string(tr.Bytes()), "step main.1 write n\n# a trace keeps no more steps than these\nat main.1 write n #151 run")
	again, err := sched.ParseTrace(tr.Bytes())
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(tr, again))

	_, rec = follow(t, string(tr.Bytes())[len("ravel trace 2\n"):], body)
	assert.Len(t, rec.TraceSteps(), 800)
}

// A trace in words is found in recorded runs only.
func TestReplayUnrecorded(t *testing.T) {
	replay, _ := follow(t, bothRead, adders(nothing, nothing))
	assert.Len(t, replay.Taken(), 2)
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	replay.Next()
	sim.Run(replay, 1, adders(nothing, nothing))
	assert.Len(t, replay.Missed(), 2)
}
