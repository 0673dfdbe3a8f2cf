//go:build !ravel

package check

import (
	"testing"

	"pgregory.net/rapid"
)

// Prop searches inputs and schedules of a property with the default Config, and
// fails t if something goes wrong for one of them. Prop is called once a run; what it
// draws from r and what the scheduler chooses are made smaller together: a failure
// ends with the smallest input, and the fewest preemptions for it, that the search
// finds. Both are kept in the trace.
//
// See [T.Rapid] for what r does, and [Config.Prop].
func Prop(t testing.TB, prop func(t *T, r *rapid.T)) {
	t.Helper()
	Config{}.Prop(t, prop)
}

// Prop is [Config.Run] for a property. There are some schedules for each input, with
// inputs that follow from the seed of the search. A run that r skips, or for which a
// filter finds no value, does not count as passed: t fails if all are like that.
//
// The flags of rapid, such as -rapid.checks, have no effect but for -rapid.steps,
// the number of actions of Repeat: Config and the environment say how much to try.
func (c Config) Prop(t testing.TB, prop func(t *T, r *rapid.T)) {
	t.Helper()
	if prop == nil {
		panic("check: the property is nil")
	}
	c.run(t, func(t *T) { prop(t, t.Rapid()) }, prop)
}
