package sched_test

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Plain memory is looked at as soon as there are tasks that go on together.
func TestGoInTurn(t *testing.T) {
	for name, c := range map[string]struct {
		body func(access func())
		want int
	}{
		"alone":   {func(access func()) { access(); sched.GoInTurn("sub", access) }, 0},
		"go":      {func(access func()) { access(); sched.Go(func() {}); access() }, 1},
		"in turn": {func(access func()) { sched.GoInTurn("sub", func() { sched.Current().Together(); access() }) }, 1},
		"timer":   {func(access func()) { sched.AfterFunc(1, access) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := &everywhere{}
			sim := sched.NewSim(sched.Config{Memory: m})
			defer sim.Close()
			x := new(int)
			for range 2 { // a later run begins anew
				m.noted = 0
				res := sim.Run(strategy.RoundRobin(), 1, func() {
					c.body(func() { reach(unsafe.Pointer(x), 1, true) })
					sched.Sleep(10)
				})
				require.NoError(t, res.End)
				assert.Equal(t, c.want, m.noted)
			}
		})
	}
}
