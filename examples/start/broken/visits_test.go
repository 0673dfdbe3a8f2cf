package visits

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/sched"
)

// Both counters lose visits, and the default search finds both.
func TestVisitsAreLost(t *testing.T) {
	found := check.Config{}.Search("TestVisits", func(t *check.T) {
		var s Site
		var wg sched.WaitGroup
		for range 2 {
			wg.Go(func() { s.Visit("/") })
		}
		wg.Wait()
		require.Equal(t, 2, s.Total())
	}).Findings
	require.Len(t, found, 2)
	assert.Equal(t, "lost update on s.pages: task 1 overwrote task 2's write", found[0].Summary)
	assert.Equal(t, "lost update on s.total: task 1 overwrote task 2's write", found[1].Summary)
}
