package unmodified

import "github.com/ravelgo/ravel/race/access"

// Built says what a test was built with. The main package of an instrumented test
// calls it, so that it is another package when ravel is another one.
func Built(id string) int {
	access.Tabled()
	return len(id)
}
