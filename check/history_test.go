package check_test

import (
	"fmt"
	"testing"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
)

// register is a variable that can be written and read, with the writes of a careless
// one in two halves.
type register struct {
	mu        sched.Mutex
	careless  bool
	low, high atomic.Int64
}

func (r *register) write(n int64) {
	if !r.careless {
		r.mu.Lock()
		defer r.mu.Unlock()
	}
	r.low.Store(n)
	r.high.Store(n)
}

func (r *register) read() [2]int64 {
	if !r.careless {
		r.mu.Lock()
		defer r.mu.Unlock()
	}
	return [2]int64{r.low.Load(), r.high.Load()}
}

// toWrite is the input of a write; that of a read is nil.
type toWrite int64

var registerModel = porcupine.Model{
	Init: func() any { return int64(0) },
	Step: func(state, input, output any) (bool, any) {
		if n, ok := input.(toWrite); ok {
			return true, int64(n)
		}
		n := state.(int64)
		return output == [2]int64{n, n}, state
	},
	DescribeOperation: func(input, output any) string {
		if n, ok := input.(toWrite); ok {
			return fmt.Sprintf("write %d", n)
		}
		return fmt.Sprintf("read %v", output)
	},
}

// storm lets two tasks write and read as the input says.
func storm(t *check.T, careless bool) {
	r := t.Rapid()
	reg := &register{careless: careless}
	var h check.History
	var wg sched.WaitGroup
	number := rapid.Int64Range(0, 99)
	r.Repeat(map[string]func(*rapid.T){
		"write": func(r *rapid.T) {
			n := number.Draw(r, "n")
			wg.Go(func() {
				h.Do(toWrite(n), func() any { reg.write(n); return nil })
			})
		},
		"read": func(r *rapid.T) {
			wg.Go(func() {
				h.Do(nil, func() any { return reg.read() })
			})
		},
		"wait": func(*rapid.T) { wg.Wait() },
	})
	wg.Wait()
	h.Linearizable(t, registerModel)
}

// A history that no order explains fails, with the fewest calls that show it.
func TestLinearizable(t *testing.T) {
	result := check.Config{Runs: 2000}.Search(t.Name(), func(t *check.T) { storm(t, true) })
	require.NotEmpty(t, result.Findings)
	f := result.Findings[0]
	assert.Contains(t, f.Summary, "not linearizable: no order of the 2 calls explains what they returned")
	assert.Equal(t, 1, f.Preemptions)
	require.Len(t, f.Data.Log, 2)
	assert.Contains(t, f.Report, "main.0 read [0 1]")
	assert.Contains(t, f.Report, "main.1 write 1")

	result = check.Config{Runs: 300}.Search(t.Name(), func(t *check.T) { storm(t, false) })
	assert.Empty(t, result.Findings)
	assert.Less(t, result.Skipped, result.Runs/2)
}

// Calls that have not returned are shown and prove nothing.
func TestHistoryOpenCall(t *testing.T) {
	result := check.Config{Runs: 1}.Search(t.Name(), func(t *check.T) {
		var h check.History
		func() {
			defer func() { _ = recover() }()
			h.Do("open", func() any { panic("never returns") })
		}()
		h.Do(nil, func() any { return [2]int64{7, 7} })
		h.Linearizable(t, registerModel)
	})
	require.Len(t, result.Findings, 1)
	assert.Contains(t, result.Findings[0].Report, "open -> has not returned")
}
