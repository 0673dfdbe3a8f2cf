package sched_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// A task that is stuck outside the scheduler may wake up at any moment: while the
// others go on without it, and while their goroutines are ended.
func TestStuckTaskWakesUp(t *testing.T) {
	const patience = 2 * time.Millisecond
	for i := range 60 {
		s := sched.NewSim(sched.Config{BlockedAfter: patience})
		outside := make(chan struct{})
		st := strategy.Random(uint64(i))
		st.Next()
		time.AfterFunc(patience+time.Duration(i)*50*time.Microsecond, func() { close(outside) })
		r := s.Run(st, 1, func() {
			for range 3 {
				sched.Go(func() {
					sched.Yield()
					<-outside
					sched.Yield()
				})
			}
		})
		if r.End != nil {
			var blocked *sched.Blocked
			require.ErrorAs(t, r.End, &blocked)
		}
		s.Close()
	}
}

// A task that was abandoned is not taken for the one that is stuck when another
// one is slow to be unwound.
func TestStuckTaskIsAbandonedOnce(t *testing.T) {
	s := sched.NewSim(sched.Config{BlockedAfter: 2 * time.Millisecond})
	defer s.Close()
	outside := make(chan struct{})
	defer close(outside)
	unwound := false
	st := strategy.Random(1)
	st.Next()
	r := s.Run(st, 1, func() {
		sched.Go(func() {
			defer func() {
				for start := time.Now(); time.Since(start) < 15*time.Millisecond; {
				}
				unwound = true
			}()
			sched.NewChan[int](0).Recv()
		})
		sched.Yield()
		<-outside
	})
	var blocked *sched.Blocked
	require.ErrorAs(t, r.End, &blocked)
	require.Equal(t, "main", blocked.Task)
	require.True(t, unwound)
}
