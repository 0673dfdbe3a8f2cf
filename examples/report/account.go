package report

import (
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Account is one of those between which money is moved.
type Account struct {
	mu      sched.Mutex // guards Balance
	Balance race.Var[int]
}

// Transfer moves money. It locks both accounts, in the order in which they are named.
func Transfer(from, to *Account, amount int) {
	from.mu.Lock()
	defer from.mu.Unlock()
	to.mu.Lock()
	defer to.mu.Unlock()
	from.Balance.Store(from.Balance.Load() - amount)
	to.Balance.Store(to.Balance.Load() + amount)
}
