package race_test

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// A write of plain memory may be one that does not follow from what was read. A lost
// update is told only if a race is involved: of the two writes, or of the read with the
// write that is lost, though the writes themselves are locked.
func TestLostUpdateOfPlainMemory(t *testing.T) {
	const readPC, writePC = 1000, 1001
	m := &plainMemory{}
	m.Sites = m.Sites.With([]race.Place{{PC: readPC}, {PC: writePC, Write: true}})
	sim := sched.NewSim(sched.Config{Observer: m, Memory: m})
	defer sim.Close()
	lost := func(lockRead, lockWrite, oneSection bool) bool {
		found := false
		st := strategy.DFS()
		for st.Next() {
			var mu sched.Mutex
			n := new(int)
			under := func(lock bool, f func()) {
				if lock {
					mu.Lock()
					defer mu.Unlock()
				}
				f()
			}
			update := func() {
				under(oneSection, func() {
					under(lockRead, func() { sched.Reach(sched.Access{Addr: unsafe.Pointer(n), Size: 1, PC: readPC}) })
					under(lockWrite, func() { sched.Reach(sched.Access{Addr: unsafe.Pointer(n), Size: 1, PC: writePC, Write: true}) })
				})
			}
			sim.Run(st, 1, func() {
				sched.Go(update)
				sched.Go(update)
			})
			for _, f := range m.Findings() {
				found = found || f.Kind == race.LostUpdate
			}
		}
		return found
	}
	assert.True(t, lost(false, false, false), "no lock")
	assert.True(t, lost(false, true, false), "a read without the lock, a write with it")
	assert.True(t, lost(true, false, false), "a read with the lock, a write without it")
	assert.False(t, lost(false, false, true), "one section")
	assert.False(t, lost(true, true, false), "two sections: the write may be blind")
}
