package visits

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/sched"
)

func TestVisits(t *testing.T) {
	check.Run(t, func(t *check.T) {
		var s Site
		var wg sched.WaitGroup
		for range 2 {
			wg.Go(func() { s.Visit("/") })
		}
		wg.Wait()
		require.Equal(t, 2, s.Total())
	})
}
