//go:build !ravel

package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/anishathalye/porcupine"

	"github.com/ravelgo/ravel/sched"
)

// History records the calls that tasks make to something they share, to tell
// whether it is linearizable: as if each call had happened at once, at some moment
// between its beginning and its end (Herlihy and Wing, Linearizability: A Correctness
// Condition for Concurrent Objects, TOPLAS 1990). The zero value is empty. Make a
// new one in each run. It may be used by many tasks at once, also outside a
// simulation.
type History struct {
	mu     sync.Mutex
	events int64
	calls  []*call
}

// call is one call of a history.
type call struct {
	task          string
	client        int
	input, output any
	begun, ended  int64 // ended is 0 as long as it runs
}

// Do calls op, which is to do to the shared object what input says, and notes what
// it returns. What they are is between the caller and the model.
func (h *History) Do(input any, op func() any) any {
	c := &call{input: input}
	if t := sched.Current(); t != nil {
		c.client, c.task = t.ID(), t.Path()
	}
	h.mu.Lock()
	h.events++
	c.begun = h.events
	h.calls = append(h.calls, c)
	h.mu.Unlock()

	output := op()

	h.mu.Lock()
	defer h.mu.Unlock()
	h.events++
	c.output, c.ended = output, h.events
	return output
}

// Linearizable fails t if no order of the calls explains what they returned: one in
// which each comes after those that had ended before it began, and the model allows
// each output. The schedule of the report is the witness, and the log has the calls.
// Calls that have not ended are left out: the run fails for that anyway, as a deadlock
// or a panic. Porcupine (github.com/anishathalye/porcupine) looks for the order, which
// takes exponential time at worst: a handful of calls a run is enough, as there are
// many runs. What the model does must depend on its arguments alone.
func (h *History) Linearizable(t *T, model porcupine.Model) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []porcupine.Operation
	for _, c := range h.calls {
		if c.ended > 0 {
			all = append(all, porcupine.Operation{ClientId: c.client, Input: c.input, Call: c.begun, Output: c.output, Return: c.ended})
		}
	}
	if porcupine.CheckOperations(model, all) {
		return
	}
	for _, line := range h.lines(model) {
		t.Log(line)
	}
	t.Errorf("not linearizable: no order of the %d calls explains what they returned", len(all))
}

// lines shows the calls, as bars over the time that they took.
func (h *History) lines(model porcupine.Model) []string {
	describe := model.DescribeOperation
	if describe == nil {
		describe = func(input, output any) string { return fmt.Sprintf("%v -> %v", input, output) }
	}
	calls := slices.Clone(h.calls)
	slices.SortStableFunc(calls, func(a, b *call) int { return cmp.Compare(a.begun, b.begun) })
	var lines []string
	for _, c := range calls {
		ended, text := c.ended, ""
		if ended == 0 {
			ended, text = h.events+1, fmt.Sprintf("%v -> has not returned", c.input)
		} else {
			text = describe(c.input, c.output)
		}
		bar := strings.Repeat("·", int(c.begun)) + strings.Repeat("=", int(ended-c.begun)+1)
		bar += strings.Repeat("·", int(h.events+1-ended))
		lines = append(lines, fmt.Sprintf("%s  %s %s", bar, c.task, text))
	}
	return lines
}
