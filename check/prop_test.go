package check_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// shelf has room for two items. From the third on it moves to a larger one, and
// forgets what somebody has put there meanwhile.
type shelf struct {
	mu     sched.Mutex
	items  []int
	larger race.Var[int] // how many items went to a larger shelf
}

func (s *shelf) put(item int) {
	s.mu.Lock()
	s.items = append(s.items, item)
	n := len(s.items)
	s.mu.Unlock()
	if n >= 3 {
		s.larger.Store(s.larger.Load() + 1)
	}
}

// grows puts the items on the shelf, those from the third on by tasks of their own.
func grows(t *check.T, r *rapid.T) {
	items := rapid.SliceOf(rapid.IntRange(0, 1000)).Draw(r, "items")
	var s shelf
	var wg sched.WaitGroup
	for i, item := range items {
		if i < 1 {
			s.put(item)
			continue
		}
		wg.Go(func() { s.put(item) })
	}
	wg.Go(func() { s.larger.Update(func(n int) int { return n + 1 }) })
	wg.Wait()
}

// seeds returns how many seeds a test tries.
func seeds() uint64 {
	if testing.Short() {
		return 2
	}
	return 20
}

// A property fails with the smallest input and the fewest preemptions, whatever the
// seed.
func TestPropSmallest(t *testing.T) {
	for seed := range seeds() {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := check.Config{Seed: seed + 1}.Search("TestPropSmallest", func(t *check.T) { grows(t, t.Rapid()) })
			require.NotEmpty(t, r.Findings)
			f := r.Findings[0]
			assert.Equal(t, "lost update", f.Kind)
			assert.Equal(t, 1, f.Preemptions)
			assert.True(t, f.Fewest)
			require.NotNil(t, f.Data)
			require.Len(t, f.Data.Input, 1)
			assert.Equal(t, "[]int{0, 0, 0}", f.Data.Input[0].Value)
			assert.Contains(t, f.Report, "items = []int{0, 0, 0}")
		})
	}
}

var _ = strings.Contains

// What a property says by methods of rapid is said as by those of the test.
func TestPropFailures(t *testing.T) {
	small := rapid.IntRange(0, 9)
	for name, c := range map[string]struct {
		prop    func(*check.T, *rapid.T)
		summary string
	}{
		"fatalf in a task": {func(t *check.T, r *rapid.T) {
			sched.Go(func() { r.Fatalf("broken by %d", small.Draw(r, "n")) })
		}, "failed assertion at prop_test.go:LINE+1: broken by 0"},
		"errorf, then more": {func(t *check.T, r *rapid.T) {
			r.Errorf("first")
			r.Errorf("second")
			r.Log("third")
		}, "failed assertion at prop_test.go:LINE+1: first"},
		"require": {func(t *check.T, r *rapid.T) {
			require.Equal(r, 1, small.Draw(r, "n"))
		}, "failed assertion at prop_test.go:LINE+1: Not equal: expected: 1 actual: 0"},
		"failnow": {func(t *check.T, r *rapid.T) {
			r.FailNow()
		}, "failed assertion at prop_test.go:LINE+1: (*T).FailNow() called"},
		"panic": {func(t *check.T, r *rapid.T) {
			panic(fmt.Sprint("at ", small.Draw(r, "n")))
		}, "panic in main at prop_test.go:LINE+1: \"at 0\""},
		"the test itself": {func(t *check.T, r *rapid.T) {
			require.Less(t, small.Draw(r, "n"), 7)
		}, `failed assertion at prop_test.go:LINE+1: "7" is not less than "7"`},
	} {
		t.Run(name, func(t *testing.T) {
			result := check.Config{Runs: 200}.Search(t.Name(), func(t *check.T) { c.prop(t, t.Rapid()) })
			require.Len(t, result.Findings, 1)
			f := result.Findings[0]
			line := f.Summary[strings.Index(f.Summary, ".go:")+4:]
			line, _, _ = strings.Cut(line, ":")
			assert.Equal(t, strings.ReplaceAll(c.summary, "LINE+1", line), f.Summary)

			again, err := check.Config{}.Replay(f.Trace, func(t *check.T) { c.prop(t, t.Rapid()) })
			require.NoError(t, err)
			assert.Equal(t, f.Summary, again.Summary)
			assert.Equal(t, f.Data.Input, again.Data.Input)
		})
	}
}

// Runs without an input count as skipped; if there are no others, nothing was tested.
func TestPropSkipped(t *testing.T) {
	even := rapid.Int().Filter(func(n int) bool { return n%2 == 0 })
	never := rapid.Int().Filter(func(int) bool { return false })
	result := check.Config{Runs: 100}.Search(t.Name(), func(t *check.T) {
		r := t.Rapid()
		if even.Draw(r, "n")%4 != 0 {
			r.Skip("not this one")
		}
	})
	assert.Empty(t, result.Findings)
	assert.Greater(t, result.Skipped, 10)
	assert.Less(t, result.Skipped, 90)

	f := runFake(t, t.Name(), func(f testing.TB) {
		check.Config{Runs: 10, Dir: t.TempDir()}.Prop(f, func(t *check.T, r *rapid.T) { never.Draw(r, "n") })
	})
	assert.Contains(t, f.failures(), "all 10 runs were skipped: nothing was tested")
}

// Cleanup functions run at the end of each run, the last added first.
func TestPropCleanup(t *testing.T) {
	var order []string
	check.Config{Runs: 1}.Search(t.Name(), func(t *check.T) {
		r := t.Rapid()
		order = nil
		t.Cleanup(func() { order = append(order, "test") })
		r.Cleanup(func() { order = append(order, "first") })
		r.Cleanup(func() { order = append(order, "second") })
	})
	assert.Equal(t, []string{"second", "first", "test"}, order)
}

// A long input is given as much as it draws.
func TestPropLongInput(t *testing.T) {
	longest := 0
	check.Config{Runs: 100, Workers: 1}.Search(t.Name(), func(t *check.T) {
		longest = max(longest, len(rapid.SliceOfN(rapid.Uint64(), 500, 3000).Draw(t.Rapid(), "list")))
	})
	assert.Greater(t, longest, 499)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// What a search of a property finds does not depend on how many workers it has.
func TestPropWorkers(t *testing.T) {
	body := func(t *check.T) { grows(t, t.Rapid()) }
	first := check.Config{Seed: 3, Runs: 300, Workers: 1}.Search("TestPropWorkers", body)
	for _, workers := range []int{2, 16}[:1+btoi(!testing.Short())] {
		r := check.Config{Seed: 3, Runs: 300, Workers: workers}.Search("TestPropWorkers", body)
		assert.Equal(t, first.Hash, r.Hash)
		require.Len(t, r.Findings, len(first.Findings))
		assert.Equal(t, first.Findings[0].Report, r.Findings[0].Report)
	}
}

// A number becomes the smallest that fails, also where rapid draws how large it may be
// first.
func TestPropSmallestNumber(t *testing.T) {
	for seed := range seeds() {
		for _, least := range []int{7, 37, 600} {
			r := check.Config{Seed: seed + 1, Runs: 500}.Search("TestPropSmallestNumber", func(t *check.T) {
				assert.Less(t, rapid.IntRange(0, 1000).Draw(t.Rapid(), "n"), least)
			})
			require.Len(t, r.Findings, 1)
			assert.Equal(t, fmt.Sprint(least), r.Findings[0].Data.Input[0].Value, "seed %d", seed+1)
		}
	}
}
