package storetest_test

import (
	"testing"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/storetest"
)

var t *testing.T // the argument of a test

// The test of a store that does not outlive its process.
func ExampleTest() {
	storetest.Test(t, storetest.Options{
		Open: func(*testing.T) storetest.Store { return store.NewMemory() },
	})
}
