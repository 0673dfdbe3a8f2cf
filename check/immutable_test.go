package check_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/sched"
)

type (
	frozenState struct {
		UserID int
		Name   string
		Limits [4]float64
		cache  sched.Guarded[map[string]int]
	}
	shallowState struct {
		UserID int
		Config map[string]int
		Items  []int
		P      *int
		C      chan int
		F      func()
	}
	boxed[T any] struct{ Tags []T }
)

const immutableAdvice = `
Tasks that each have a copy still write to the same data there, which is a race, and no
assignment to a field shows it. Use arrays or strings, or copy on entry what comes from outside;
keep what must change in a sched.Guarded; or allow a path that nobody writes to.
See https://github.com/ravelgo/ravel/blob/main/docs/findings.md#shallow-immutability`

// O8: exactly the paths by which a copy can change the original are listed.
func TestImmutable(t *testing.T) {
	all := []string{"shallowState.Config", "shallowState.Items", "shallowState.P", "shallowState.C", "shallowState.F"}
	for name, tt := range map[string]struct {
		call func(t testing.TB)
		want string
	}{
		"frozen":  {func(t testing.TB) { check.Immutable[frozenState](t) }, ""},
		"pointer": {func(t testing.TB) { check.Immutable[*frozenState](t) }, ""},
		"basic":   {func(t testing.TB) { check.Immutable[int](t) }, ""},
		"allowed": {func(t testing.TB) { check.Immutable[shallowState](t, all...) }, ""},
		"part allowed": {func(t testing.TB) { check.Immutable[*shallowState](t, all[1:]...) }, `check: shallowState is not immutable: what its copies share can be changed through 1 path
    shallowState.Config: map, entries are shared` + immutableAdvice},
		"shallow": {func(t testing.TB) { check.Immutable[shallowState](t) }, `check: shallowState is not immutable: what its copies share can be changed through 5 paths
    shallowState.Config: map, entries are shared
    shallowState.Items: slice, elements are shared
    shallowState.P: pointer, what it points to is shared
    shallowState.C: chan, its buffer is shared
    shallowState.F: func, variables it captured are shared` + immutableAdvice},
		"generic": {func(t testing.TB) {
			check.Immutable[boxed[boxed[shallowState]]](t, "boxed[boxed[shallowState]].Tags[].Tags[].F")
		},
			`check: boxed[boxed[shallowState]] is not immutable: what its copies share can be changed through 6 paths
    boxed[boxed[shallowState]].Tags: slice, elements are shared
    boxed[boxed[shallowState]].Tags[].Tags: slice, elements are shared
    boxed[boxed[shallowState]].Tags[].Tags[].Config: map, entries are shared
    boxed[boxed[shallowState]].Tags[].Tags[].Items: slice, elements are shared
    boxed[boxed[shallowState]].Tags[].Tags[].P: pointer, what it points to is shared
    boxed[boxed[shallowState]].Tags[].Tags[].C: chan, its buffer is shared` + immutableAdvice},
		"unknown": {func(t testing.TB) { check.Immutable[shallowState](t, append(all, "shallowState.Itmes")...) },
			"check: Immutable allows shallowState.Itmes, which is no such path of shallowState: remove it, or take one of " +
				"shallowState.Config, shallowState.Items, shallowState.P, shallowState.C, shallowState.F"},
		"needless": {func(t testing.TB) { check.Immutable[frozenState](t, "frozenState.Name") },
			"check: Immutable allows frozenState.Name, which is no such path of frozenState: it has none, remove it"},
	} {
		t.Run(name, func(t *testing.T) {
			f := runFake(t, "TestX", tt.call)
			assert.Equal(t, tt.want, f.failures())
			assert.LessOrEqual(t, len(f.errors), 1)
		})
	}
}

// It can be called in a run.
func TestImmutableInRun(t *testing.T) {
	check.Run(t, func(t *check.T) {
		s := frozenState{UserID: 1}
		s.cache.Do(func(m *map[string]int) { *m = map[string]int{s.Name: s.UserID} })
		check.Immutable[*frozenState](t)
	})
}
