package check_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// pairs is a plan by what can run at the same time.
type pairs [][2]string

func (p pairs) Concurrent() [][2]string { return p }

type looseState struct {
	N      int
	M      map[string]int
	Tags   []string
	Name   race.Var[string]
	Total  sched.Guarded[int]
	Mu     sched.Mutex
	Events chan int
}

// Strict lists what nodes that run at once can write, and nothing else.
func TestStrict(t *testing.T) {
	fork := pairs{{"left", "right"}, {"work", "work"}}
	var r errorList
	check.Strict[looseState](&r, fork)
	assert.Equal(t, []string{`check: looseState can be written by left and right, or by two items of work at once, through 4 paths
    looseState.N: int, it can be assigned to
    looseState.M: map, entries are shared
    looseState.Tags: slice, elements are shared
    looseState.Name: string, it can be assigned to
Put what changes into a sched.Guarded, or give each node its own; allow a path that is only
set before the run, or that you guard by other means.
See https://github.com/ravelgo/ravel/blob/main/docs/findings.md#shallow-immutability`}, []string(r))

	r = nil
	check.Strict[*looseState](&r, fork, "looseState.N", "looseState.M", "looseState.Tags", "looseState.Name")
	check.Strict[looseState](&r, pairs{})
	check.Strict[struct{ Total sched.Guarded[int] }](&r, fork)
	assert.Empty(t, r)
}

// errorList is a test that keeps its errors.
type errorList []string

func (e *errorList) Helper() {}

func (e *errorList) Errorf(format string, args ...any) {
	*e = append(*e, fmt.Sprintf(format, args...))
}
