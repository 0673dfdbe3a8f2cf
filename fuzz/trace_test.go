package fuzz

import (
	"bytes"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// traced is the program that traces are tried on; those of testdata fit it.
var traced = []byte("\x50\x0a\x51\x00\x08\x0e\x14\x00\x09\x50\x12\x51\x00\x0a\x14\x0f")

// FuzzTrace reads text as a trace: it is refused with an error that names the line, or
// understood, and what is understood is written so that it is read again, and can be
// replayed, whatever becomes of it.
func FuzzTrace(f *testing.F) {
	f.Add([]byte("ravel trace 2\ntest TestTransfer\nfinding deadlock\nseed 42\nnote found by run 7\n" +
		"step main.0 lock mu\nat main.0 write n #2 run main.1 # a comment\nstep main.1 write `m[a + b]`\n" +
		"at main.1 select case 1\nat main.1 signal \"c\\n\" partner 2\nat main.1 end run main\n"))
	f.Add([]byte("ravel trace 2\r\n\r\nat start run /count[0]\r\nat /count[0] 7 run main\r\n"))
	f.Add([]byte("ravel trace 2\ninput 0 3 ff ffffffffffffffff\ninput 10\nat main select case 1\n"))
	f.Add([]byte("ravel trace 2\ninput 1 2 3 4 5 6 7 8 9 a b c d e f 0010\ninput\nseed 18446744073709551615\n"))
	f.Add([]byte("ravel trace 2\ninput g\n"))
	f.Add([]byte("ravel trace 2\ninput 1\ninput 10000000000000000\n"))
	f.Add([]byte("ravel trace 1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		tr, err := sched.ParseTrace(text)
		if err != nil {
			blamesLine(t, text, err)
			return
		}
		written := tr.Bytes()
		again, err := sched.ParseTrace(written)
		require.NoError(t, err, "%s", written)
		assert.Equal(t, string(written), string(again.Bytes()))
		assert.Equal(t, tr.Seed, again.Seed)
		assert.Equal(t, tr.Input, again.Input)
		assert.Equal(t, tr.Steps, again.Steps)
		assert.Len(t, again.Notes, len(tr.Notes))
		assert.Len(t, again.Deviations, len(tr.Deviations))
		third, err := sched.ParseTrace(again.Bytes())
		require.NoError(t, err)
		assert.Equal(t, again, third)
		if len(tr.Deviations) > 0 {
			apart(t, func(v *verdict) { canBeReplayed(v, tr) })
		}
	})
}

var lineOfError = regexp.MustCompile(`^sched: trace line (\d+): .`)

// blamesLine checks that an error of ParseTrace names the first line that is wrong.
func blamesLine(t *testing.T, text []byte, err error) {
	m := lineOfError.FindStringSubmatch(err.Error())
	require.NotNil(t, m, "%v", err)
	n, _ := strconv.Atoi(m[1])
	lines := bytes.SplitAfter(text, []byte("\n"))
	require.LessOrEqual(t, n, len(lines), "%v", err)
	_, same := sched.ParseTrace(bytes.Join(lines[:n], nil))
	assert.EqualError(t, same, err.Error())
	if n > 1 {
		_, before := sched.ParseTrace(bytes.Join(lines[:n-1], nil))
		assert.NoError(t, before, "%v", err)
	}
	assert.Less(t, len(err.Error()), 1000)
}

// canBeReplayed replays a trace on a program, which need not be that of the trace, and
// what was written of that.
func canBeReplayed(v *verdict, tr *sched.Trace) {
	sim := sched.NewSim(sched.Config{MaxSteps: 2000, Record: true})
	v.Cleanup(sim.Close)
	hash := uint64(0)
	for i := range 2 {
		replay, err := strategy.Replay(tr)
		require.NoError(v, err)
		replay.Next()
		r := sim.Run(replay, tr.Seed, func() { program(traced) })
		if i == 0 {
			hash = r.Hash
		}
		assert.Equal(v, hash, r.Hash, "the run of a trace that was written")
		assert.LessOrEqual(v, len(replay.Missed())+len(replay.Taken()), len(tr.Deviations))
		if drift := replay.Drift(r.Record); drift != nil {
			assert.NotEmpty(v, drift.Error())
		}
		written := replay.Trace(r.Record)
		tr, err = sched.ParseTrace(written.Bytes())
		require.NoError(v, err, "%s", written.Bytes())
		assert.Equal(v, string(written.Bytes()), string(tr.Bytes()))
	}
}
