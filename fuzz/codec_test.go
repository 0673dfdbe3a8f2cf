package fuzz

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// FuzzCodec takes bytes for choices: any bytes are a schedule, which is the same each
// time, which its log and its trace repeat, and which is the plain one if all are zero.
func FuzzCodec(f *testing.F) {
	f.Add([]byte{1, 6, 3, 200, 41}, []byte("\x20\x30\x31\x21\x00\x30\x20\x21\x31"))
	f.Add([]byte{0, 0, 0, 9}, []byte("\x00\x0a\x0a\x00\x0a"))
	f.Add([]byte{255, 255, 3}, []byte("\x08\x19\x0e\x00\x1f\x0f\x18\x00\x06"))
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, choices, code []byte) {
		if len(code) <= 100 && len(choices) <= 1000 {
			apart(func() { areSchedule(t, choices, code) })
		}
	})
}

// areSchedule checks that choices stand for one schedule of a program.
func areSchedule(t *testing.T, choices, code []byte) {
	run := runner(t, func() { program(code) }, 1)
	with := func(st sched.Strategy) outcome {
		st.Next()
		return run(st)
	}
	first := with(strategy.Bytes(choices))
	assert.Equal(t, first, with(strategy.Bytes(choices)), "the same bytes")
	repeat := strategy.Repeat(first.log)
	assert.Equal(t, first, with(repeat), "the log")
	replay, err := strategy.Replay(&sched.Trace{Deviations: repeat.Deviations()})
	require.NoError(t, err)
	assert.Equal(t, first, with(replay), "the trace")

	plain := with(strategy.Repeat(nil))
	assert.Equal(t, plain, with(strategy.Bytes(make([]byte, len(choices)))), "zeros")
	assert.Equal(t, first, with(strategy.Bytes(append(choices[:len(choices):len(choices)], 0, 0))), "zeros at the end")
}
