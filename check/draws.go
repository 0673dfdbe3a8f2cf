//go:build !ravel

package check

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/sched"
)

// draws is what a property draws from in a run. The words of its input are what
// rapid calls bits: each draw uses up one or more of them.
type draws struct {
	*rapid.T
	host *drawHost
}

// drawHost takes what a *rapid.T tells.
type drawHost struct {
	rapid.TB
	t     *T
	of    *draws // once there is one
	keeps bool   // whether to keep what is drawn

	values []draw
	said   failure  // what was logged last: the text of a failure comes before it
	failed *failure // the first
}

// Rapid returns what the body can draw from: the input of the run, which a search
// chooses like the schedule, and makes smaller together with it. It is the same one
// each time. Any task may draw: a draw is no operation, so no other task comes in
// between. A body that calls it is a property, as [Prop] makes it.
//
// Its Errorf, Fatalf, Skip and so on are those of t. Its Cleanup functions run with
// those of t. Its Context ends nothing: use that of t.
func (t *T) Rapid() *rapid.T {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.draws == nil {
		t.draws = newDraws(t, t.input, t.detailed)
	}
	return t.draws.(*draws).T
}

// newDraws returns a *rapid.T that draws the words of input, and belongs to t.
//
// Rapid makes one that draws from given words only for a fuzz target, whose
// function may keep it: nothing of it has happened yet. It logs to a *testing.T
// that belongs to no test, and so to nowhere; adopt makes it log to t.
func newDraws(t *T, in input, keeps bool) *draws {
	d := &draws{host: &drawHost{TB: t, t: t, keeps: keeps}}
	rapid.MakeFuzz(func(r *rapid.T) { d.T = r })(new(testing.T), in.bytes())
	d.host.of = d
	d.adopt()
	return d
}

// adopt makes the *rapid.T log to the host in place of the *testing.T. Rapid has no
// function for that. Where a later version of it has no such field, what is drawn
// is not in reports, and nothing else changes.
func (d *draws) adopt() {
	f := reflect.ValueOf(d.T).Elem().FieldByName("tb")
	host := reflect.ValueOf(d.host)
	if f.IsValid() && f.Kind() == reflect.Interface && host.Type().Implements(f.Type()) {
		reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem().Set(host)
	}
}

// cleanups takes the functions that the property has given to Cleanup, which rapid
// would call when the property returns to it.
func (d *draws) cleanups() []func() {
	f := reflect.ValueOf(d.T).Elem().FieldByName("cleanups")
	if !f.IsValid() || f.Type() != reflect.TypeFor[[]func()]() {
		return nil
	}
	at := (*[]func())(unsafe.Pointer(f.UnsafeAddr()))
	all := *at
	*at = nil
	return all
}

// drawn returns the values.
func (d *draws) drawn() []draw { return d.host.values }

// drawFormat is that of the line that rapid logs for each value.
const drawFormat = "[rapid] draw %v: %#v"

// Logf takes a line: what was drawn, or what the property says.
func (h *drawHost) Logf(format string, args ...any) {
	switch {
	case format != drawFormat || len(args) != 2:
		h.say(fmt.Sprintf(format, args...))
	case h.keeps:
		h.values = append(h.values, draw{fmt.Sprint(args[0]), fmt.Sprintf("%#v", args[1])})
	}
}

// Log takes a line of the property.
func (h *drawHost) Log(args ...any) { h.say(strings.TrimSuffix(fmt.Sprintln(args...), "\n")) }

// say notes what was logged. If the property has failed since the last time, that
// was why.
func (h *drawHost) say(text string) {
	h.settle()
	h.said = failure{text: strings.TrimSpace(text), pos: failurePos()}
	h.t.log(text)
}

func (h *drawHost) settle() {
	if h.failed == nil && h.of != nil && h.of.T.Failed() {
		said := h.said
		h.failed = &said
		if n := len(h.t.logs) - 1; n >= 0 && h.t.logs[n] == said.text { // it is said as the failure
			h.t.logs = h.t.logs[:n]
		}
	}
}

// end notes, after the run, that the property has failed or skipped the run by
// methods of rapid, which panic in the task that calls them.
func (d *draws) end(res *sched.Result) {
	d.host.settle()
	if p, ok := res.End.(*sched.Panic); ok {
		switch text := fmt.Sprint(p.Value); rapidPanic(p.Value) {
		case "stopTest":
			res.End = errFailNow
			if d.host.failed == nil || d.host.failed.pos.Line == 0 {
				d.host.failed = &failure{text: text, pos: outside(p.Stack)}
			}
		case "invalidData":
			res.End = errSkipNow
			d.host.t.skipped = true
			d.host.t.overrun = text == "overrun"
		}
	}
	if f := d.host.failed; f != nil {
		d.host.t.failures = append(d.host.t.failures, *f)
	}
}

// rapidPanic returns the name of the type of a panic of rapid, or nothing.
func rapidPanic(value any) string {
	if t := reflect.TypeOf(value); t != nil && t.PkgPath() == "pgregory.net/rapid" {
		return t.Name()
	}
	return ""
}

// outside returns the place of the innermost call that is in no library.
func outside(stack []sched.Frame) sched.Pos {
	for _, f := range stack {
		if !inLibrary(f.Func, f.Pos.File) {
			return f.Pos
		}
	}
	return sched.Pos{}
}
