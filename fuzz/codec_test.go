package fuzz

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/strategy"
)

// FuzzCodec takes bytes for choices: any bytes are a schedule, which is the same each
// time, which its log and its trace repeat, and which is the plain one if all are zero.
// The same bytes stand for a value that reports can show, and for the name of a task.
func FuzzCodec(f *testing.F) {
	f.Add([]byte{1, 6, 3, 200, 41}, []byte("\x20\x30\x31\x21\x00\x30\x20\x21\x31"))
	f.Add([]byte{0, 0, 0, 9}, []byte("\x00\x0a\x0a\x00\x0a"))
	f.Add([]byte{255, 255, 3}, []byte("\x08\x19\x0e\x00\x1f\x0f\x18\x00\x06"))
	f.Add([]byte("a.b[3]#1/%2e \"`\n\xff"), []byte("\x00"))
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, choices, code []byte) {
		if len(code) > 24 || len(choices) > 1000 {
			return
		}
		canBeShown(t, choices)
		_, err := sched.PathKey(string(choices))
		assert.True(t, err == nil || utf8.ValidString(err.Error()) || !utf8.Valid(choices))
		apart(t, func(v *verdict) {
			areSchedule(v, choices, code)
			isName(v, string(choices[:min(len(choices), 64)]), choices)
		})
	})
}

// areSchedule checks that choices stand for one schedule of a program.
func areSchedule(t *verdict, choices, code []byte) {
	run := runner(t, func() { program(code) }, 1)
	with := func(st sched.Strategy) outcome {
		st.Next()
		return run(st)
	}
	first := with(bounded{t, strategy.Bytes(choices)})
	repeat := strategy.Repeat(first.log)
	assert.Equal(t, first, with(repeat), "the log")
	replay, err := strategy.Replay(&sched.Trace{Deviations: repeat.Deviations()})
	require.NoError(t, err)
	assert.Equal(t, first, with(replay), "the trace")
	assert.Equal(t, first, with(strategy.Bytes(append(choices[:len(choices):len(choices)], 0, 0))), "zeros at the end")
	if len(strings.Trim(string(choices), "\x00")) == 0 {
		assert.Equal(t, first, with(strategy.Repeat(nil)), "zeros")
	}
}

// bounded checks the choices of a strategy, and that what they are about can be written.
type bounded struct {
	t *verdict
	sched.Strategy
}

func (b bounded) Choose(c *sched.Choice) int {
	i := b.Strategy.Choose(c)
	assert.True(b.t, i >= 0 && i < c.N, "option %d of %d", i, c.N)
	for k := range c.N {
		if c.Kind != sched.TaskChoice {
			break
		}
		key, err := sched.PathKey(c.Task(k).Path())
		assert.NoError(b.t, err)
		assert.Equal(b.t, c.Task(k).Key(), key, "%s", c.Task(k).Path())
	}
	return i
}

// isName renews tasks under a name, whatever it is, and repeats their run by what is
// written of it.
func isName(t *verdict, name string, choices []byte) {
	sim := sched.NewSim(sched.Config{Record: true})
	t.Cleanup(sim.Close)
	body := func() {
		var n atomic.Int64
		for i := range 3 {
			sched.Go(func() {
				sched.Renew(name, i%2-1)
				n.Add(1)
				sched.Go(func() { n.Add(1) })
			})
		}
	}
	st := strategy.Bytes(choices)
	st.Next()
	r := sim.Run(bounded{t, st}, 1, body)
	hash, log := r.Hash, slices.Clone(r.Log)
	repeat := strategy.Repeat(log)
	repeat.Next()
	sim.Run(repeat, 1, body)
	tr := &sched.Trace{Deviations: repeat.Deviations()}
	again, err := sched.ParseTrace(tr.Bytes())
	require.NoError(t, err, "%s", tr.Bytes())
	require.Equal(t, string(tr.Bytes()), string(again.Bytes()))
	replay, err := strategy.Replay(again)
	require.NoError(t, err)
	replay.Next()
	r = sim.Run(replay, 1, body)
	assert.Equal(t, hash, r.Hash, "%s", tr.Bytes())
	require.Empty(t, replay.Missed())
	written := replay.Trace(r.Record)
	again, err = sched.ParseTrace(written.Bytes())
	require.NoError(t, err, "%s", written.Bytes())
	assert.Equal(t, written, again)
}
