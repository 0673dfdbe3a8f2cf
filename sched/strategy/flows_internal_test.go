package strategy

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
)

// What is remembered stays within its limits, however much there is to see.
func TestFlowsAreLimited(t *testing.T) {
	f := newFlows()
	d := dice{seed: 1}
	for range 20 {
		d.Next()
		f.reset()
		for op := 1; op <= 600; op++ {
			for task := range 40 {
				touch := sched.Touch{Object: int32(d.below(4)), Loc: -1, Write: d.below(2) == 0}
				f.add(&sched.Transition{Task: task, Key: uint64(task), Op: op, Touches: []sched.Touch{touch}}, true)
			}
		}
		f.learn()
	}
	assert.Len(t, f.accesses, maxAccesses)
	assert.Len(t, f.numbers, maxAccesses-1)
	assert.Len(t, f.tallies, maxFlows)
	f.wished(flow{-5, -5})
	assert.Len(t, f.tallies, maxFlows)
	most := 0
	for _, a := range f.accesses {
		most = max(most, len(a.sources))
	}
	assert.Equal(t, maxSources, most)
}

// A read sees the last write before it, and could see those that came after.
func TestFlows(t *testing.T) {
	f := newFlows()
	add := func(task, op int, write bool) {
		f.add(&sched.Transition{Task: task, Key: uint64(task), Op: op, Touches: []sched.Touch{{Object: 1, Loc: -1, Write: write}}}, true)
	}
	add(1, 1, true)
	add(2, 1, false)
	add(1, 2, true)
	assert.Equal(t, []flow{{beginning, 1}, {1, 2}, {1, 3}}, f.shown)
	f.learn()
	assert.Equal(t, []int32{1, 3}, f.accesses[2].sources)
	assert.Equal(t, []int32{2}, f.readers[0])
	assert.Empty(t, f.readers[1], "no other task writes")
}
