// Package first holds the first test of the README.
package first

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

type Account struct {
	mu      sched.Mutex
	Balance race.Var[int]
}

func (a *Account) Deposit(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Balance.Store(a.Balance.Load() + n)
}

func TestDeposit(t *testing.T) {
	check.Run(t, func(t *check.T) {
		var a Account
		var wg sched.WaitGroup
		for range 2 {
			wg.Go(func() { a.Deposit(10) })
		}
		wg.Wait()
		require.Equal(t, 20, a.Balance.Load())
	})
}
