// Package guide holds a test for each situation of docs/guide.md: the form that
// goes wrong is found, the form that is right is found silent, and where the
// number of schedules is small their outcomes are counted.
package guide

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
	"github.com/ravelgo/ravel/sched/strategy"
)

// quick reports whether to try less: the tests are to be short, or slow anyway.
func quick() bool { return testing.Short() || raceDetector }

// ---- what a search finds ----

// reports checks that exactly the things whose sentences begin as wanted go wrong:
// in a search of all schedules of the small form and, unless the tests are to be quick,
// in one of the printed form with the default settings.
func reports(t *testing.T, small, printed func(*check.T), want ...string) {
	t.Helper()
	every := check.Config{Strategy: strategy.DFS(), Runs: 1_000_000}.Search(t.Name(), small)
	assert.True(t, every.Complete, "not all schedules of the small form were tried")
	sameThings(t, "the small form", every, want)
	if !quick() {
		sameThings(t, "the printed form", check.Config{}.Search(t.Name(), printed), want)
	}
}

func sameThings(t *testing.T, form string, r *check.Result, want []string) {
	t.Helper()
	got := sentences(r)
	for _, w := range want {
		assert.True(t, slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, w) }),
			"%s: no %s in\n%s", form, w, strings.Join(got, "\n"))
	}
	for _, s := range got {
		assert.True(t, slices.ContainsFunc(want, func(w string) bool { return strings.HasPrefix(s, w) }),
			"%s: not expected: %s", form, s)
	}
}

// sentences returns what goes wrong, a sentence each.
func sentences(r *check.Result) []string {
	var all []string
	for _, f := range r.Findings {
		all = append(append(all, f.Summary), f.Also...)
	}
	return all
}

// silent checks that nothing is found in 10,000 schedules, or in all there are; in
// 1,000 if the tests are to be quick.
func silent(t *testing.T, body func(*check.T)) *check.Result {
	t.Helper()
	runs := 10_000
	if quick() {
		runs = 1000
	}
	r := check.Config{Runs: runs}.Search(t.Name(), body)
	assert.Empty(t, sentences(r))
	assert.True(t, r.Complete || r.Runs+r.Cut == runs, "only %d schedules were tried", r.Runs)
	return r
}

// ---- what happens in every schedule ----

// finals runs body under every schedule and counts what the function that it
// returns tells when all tasks have ended.
func finals[T comparable](t *testing.T, body func() (final func() T)) map[T]int {
	t.Helper()
	got := map[T]int{}
	var final func() T
	schedtest.Explore(t, sched.Config{}, func() { final = body() }, func(r *sched.Result) {
		assert.NoError(t, r.End)
		got[final()]++
	})
	return got
}

// findings runs body under every schedule. It returns how many there are and how
// many of them show each finding, and a deadlock.
func findings(t *testing.T, body func()) (schedules int, show map[string]int) {
	t.Helper()
	tracker := &race.Tracker{Detailed: true}
	show = map[string]int{}
	schedules = schedtest.Explore(t, sched.Config{Observer: tracker, Record: true}, body, func(r *sched.Result) {
		seen := map[string]bool{}
		for _, f := range tracker.Findings() {
			seen[fmt.Sprintf("%s on %s", f.Kind, f.Explain(r.Record).Object)] = true
		}
		if _, ok := r.End.(*sched.Deadlock); ok {
			seen["deadlock"] = true
		}
		for k := range seen {
			show[k]++
		}
	})
	return schedules, show
}

// ---- pipelines ----

// work is what is done for an item.
type work[S any] func(ctx context.Context, s *S, item int) error

// workers returns a pipeline that does the work for the items below n.
func workers[S any](n, limit int, do work[S]) *engine.Pipeline[S] {
	p := engine.New[S]("guide", engine.Options{})
	addMap(p, "worker", n, limit, do)
	return p
}

func addMap[S any](p *engine.Pipeline[S], name string, n, limit int, do work[S]) *engine.Node[S] {
	return engine.Map(p, name, engine.Each[S, int]{
		Items: engine.Slice(func(context.Context, *S) ([]int, error) { return below(n), nil }),
		Do:    do,
	}, engine.MapOptions{MaxConcurrency: limit})
}

func below(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// branches returns a pipeline whose steps all run at once.
func branches[S any](steps ...engine.StepFunc[S]) *engine.Pipeline[S] {
	p := engine.New[S]("guide", engine.Options{MultiRoot: true})
	for i, fn := range steps {
		p.Step(fmt.Sprintf("branch%d", i+1), fn, engine.NodeOptions{})
	}
	return p
}

// running returns the body of a check: p on a state that is new in each schedule.
func running[S any](p *engine.Pipeline[S]) func(*check.T) {
	return runningOn(p, func() *S { return new(S) })
}

func runningOn[S any](p *engine.Pipeline[S], newState func() *S) func(*check.T) {
	return func(t *check.T) {
		_, err := p.Run(t.Context(), newState(), engine.RunOptions{})
		require.NoError(t, err)
	}
}

// tasks starts each function in a task of its own.
func tasks(fns ...func()) {
	for _, fn := range fns {
		sched.Go(fn)
	}
}

func inc(n int) int { return n + 1 }
func dec(n int) int { return n - 1 }
