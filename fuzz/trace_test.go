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
	f.Add([]byte("ravel trace 1\ntest TestTransfer\nfinding deadlock\nseed 42\nnote found by run 7\n" +
		"at main.0 2 run main.1 # a comment\nat main.1 4 case 1\nat main.1 7 partner 2\n"))
	f.Add([]byte("ravel trace 1\r\n\r\nat - 0 run /count[0]\r\n"))
	f.Add([]byte("ravel trace 2\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		tr, err := sched.ParseTrace(text)
		if err != nil {
			return
		}
		again, err := sched.ParseTrace(tr.Bytes())
		require.NoError(t, err, "%s", tr.Bytes())
		require.Equal(t, string(tr.Bytes()), string(again.Bytes()))
		_, err = strategy.Replay(tr)
		assert.NoError(t, err)
	})
}
