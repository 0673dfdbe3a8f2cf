package check_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/sched"
)

// once runs body on one schedule and returns what is found.
func once(body func(t *check.T)) []check.Finding {
	return check.Config{Runs: 1}.Search("TestOnce", body).Findings
}

func TestTFailures(t *testing.T) {
	tests := map[string]struct {
		body func(t *check.T)
		text string
		goes bool // on after the failure
	}{
		"Error":   {func(t *check.T) { t.Error("bad", 1) }, "bad 1", true},
		"Errorf":  {func(t *check.T) { t.Errorf("bad %d", 1) }, "bad 1", true},
		"Fail":    {func(t *check.T) { t.Fail() }, "failed", true},
		"Fatal":   {func(t *check.T) { t.Fatal("bad", 1) }, "bad 1", false},
		"Fatalf":  {func(t *check.T) { t.Fatalf("bad %d", 1) }, "bad 1", false},
		"FailNow": {func(t *check.T) { t.FailNow() }, "failed", false},
		"assert":  {func(t *check.T) { assert.Equal(t, 1, 2) }, "Not equal", true},
		"require": {func(t *check.T) { require.Equal(t, 1, 2) }, "Not equal", false},
		"in a task": {func(t *check.T) {
			sched.Go(func() { t.FailNow() })
			sched.Yield()
		}, "failed", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			went, cleaned, unwound := false, false, false
			all := once(func(t *check.T) {
				t.Cleanup(func() { cleaned = true })
				defer func() { unwound = true }()
				t.Log("a line")
				t.Logf("another %d", 2)
				test.body(t)
				went = true
			})
			require.Len(t, all, 1)
			assert.Equal(t, "failed assertion", all[0].Kind)
			assert.Contains(t, all[0].Summary, test.text)
			assert.Contains(t, all[0].Summary, "t_test.go:")
			assert.Contains(t, all[0].Report, "    a line\n    another 2\n")
			assert.Equal(t, test.goes, went)
			assert.True(t, cleaned)
			assert.True(t, unwound)
		})
	}
}

func TestTSkip(t *testing.T) {
	for name, skip := range map[string]func(t *check.T){
		"Skip":    func(t *check.T) { t.Skip("no") },
		"Skipf":   func(t *check.T) { t.Skipf("no %d", 1) },
		"SkipNow": func(t *check.T) { t.SkipNow() },
	} {
		t.Run(name, func(t *testing.T) {
			var inner *check.T
			all := once(func(t *check.T) {
				inner = t
				skip(t)
				t.Error("not reached")
			})
			assert.Empty(t, all)
			assert.True(t, inner.Skipped())
			assert.False(t, inner.Failed())
		})
	}
	assert.Len(t, once(func(t *check.T) { t.Error("bad"); t.Skip() }), 1, "a failure counts")
}

func TestTCleanupAndContext(t *testing.T) {
	var order []int
	all := once(func(t *check.T) {
		order = nil
		assert.Equal(t, "TestOnce", t.Name())
		t.Helper()
		ctx := t.Context()
		t.Cleanup(func() { order = append(order, 1); assert.Error(t, ctx.Err()) })
		t.Cleanup(func() {
			order = append(order, 2)
			t.Cleanup(func() { order = append(order, 3) })
		})
		assert.NoError(t, ctx.Err())
	})
	assert.Empty(t, all)
	assert.Equal(t, []int{2, 3, 1}, order)
}

// A run that ends in runtime.Goexit ends its task and nothing else.
func TestTGoexit(t *testing.T) {
	other := false
	all := once(func(*check.T) {
		sched.Go(func() { sched.Yield(); other = true })
		runtime.Goexit()
	})
	assert.Empty(t, all)
	assert.True(t, other)
}

func TestSearchInARun(t *testing.T) {
	body := func(*check.T) {}
	for name, begin := range map[string]func(t *check.T){
		"Run":    func(*check.T) { check.Run(t, body) },
		"Search": func(*check.T) { check.Config{}.Search("TestInner", body) },
		"Replay": func(*check.T) { _, _ = check.Config{}.Replay(&sched.Trace{Test: "TestInner"}, body) },
	} {
		all := once(begin)
		require.Len(t, all, 1, name)
		assert.Contains(t, all[0].Summary, "the test begins a search itself at t_test.go:")
	}
}
