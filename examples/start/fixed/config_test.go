package visits

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/sched"
)

func TestManyVisits(t *testing.T) {
	check.Config{Runs: 5000}.Run(t, func(t *check.T) {
		var s Site
		var wg sched.WaitGroup
		for range 3 {
			wg.Go(func() { s.Visit("/") })
			wg.Go(func() { s.Visit("/about") })
		}
		wg.Wait()
		require.Equal(t, 6, s.Total())
	})
}
