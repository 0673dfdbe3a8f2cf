//go:build !race && (amd64 || arm64)

package access_test

import (
	"testing"
	"unsafe"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/race/access"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// memory is a tracker that names nothing.
type memory struct{ *race.Tracker }

func (memory) Name(sched.Access) sched.Name { return sched.Name{} }

// BenchmarkAccess measures what an access of plain memory costs, as the compiler
// tells of it: outside a simulation, in one on memory that no one shares, over as
// many variables, and at a place that is an operation.
func BenchmarkAccess(b *testing.B) {
	x := new(int)
	b.Run("outside", func(b *testing.B) {
		for range b.N {
			access.HookWrite(unsafe.Pointer(x))
		}
	})
	inside := func(name string, sites *race.Sites, vars int) {
		b.Run(name, func(b *testing.B) {
			tr := &race.Tracker{Sites: sites}
			s := sched.NewSim(sched.Config{Observer: tr, Memory: memory{tr}, MaxSteps: 1 << 40})
			defer s.Close()
			list := make([]int, vars)
			s.Run(strategy.RoundRobin(), 1, func() {
				sched.Go(func() {})
				for i := range b.N {
					access.HookWrite(unsafe.Pointer(&list[i%vars]))
				}
			})
			b.ReportAllocs()
		})
	}
	inside("unshared", nil, 1)
	inside("unshared/1000", nil, 1000)
	tr := &race.Tracker{}
	s := sched.NewSim(sched.Config{Observer: tr, Memory: memory{tr}})
	defer s.Close()
	s.Run(strategy.RoundRobin(), 1, func() {
		use := func() { access.HookWrite(unsafe.Pointer(x)) }
		sched.Go(use)
		sched.Go(use)
	})
	var known *race.Sites
	inside("operation", known.With(tr.NewSites()), 1)
}
