package fuzz

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// FuzzTrace reads text as a trace: it is refused with an error or understood,
// and what is understood is written so that it is read again.
func FuzzTrace(f *testing.F) {
	f.Add([]byte("ravel trace 2\ntest TestTransfer\nfinding deadlock\nseed 42\nnote found by run 7\n" +
		"step main.0 lock mu\nat main.0 write n #2 run main.1 # a comment\nstep main.1 write `m[a + b]`\n" +
		"at main.1 select case 1\nat main.1 signal \"c\\n\" partner 2\nat main.1 end run main\n"))
	f.Add([]byte("ravel trace 2\r\n\r\nat start run /count[0]\r\nat /count[0] 7 run main\r\n"))
	f.Add([]byte("ravel trace 2\ninput 0 3 ff ffffffffffffffff\ninput 10\nat main select case 1\n"))
	f.Add([]byte("ravel trace 2\ninput g\n"))
	f.Add([]byte("ravel trace 1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		tr, err := sched.ParseTrace(text)
		if err != nil {
			return
		}
		again, err := sched.ParseTrace(tr.Bytes())
		require.NoError(t, err, "%s", tr.Bytes())
		require.Equal(t, string(tr.Bytes()), string(again.Bytes()))
		require.Equal(t, tr.Input, again.Input)
		_, err = strategy.Replay(tr)
		assert.NoError(t, err)
	})
}
