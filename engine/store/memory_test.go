package store_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemory(t *testing.T) {
	storetest.Test(t, storetest.Options{
		Open: func(*testing.T) storetest.Store { return store.NewMemory() },
		// What it has does not depend on who holds it.
		Reopen: func(_ *testing.T, crashed storetest.Store) storetest.Store { return crashed },
	})
}
