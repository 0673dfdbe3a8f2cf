package sqlite_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/ravelgo/ravel/engine/store/sqlite"
	"github.com/ravelgo/ravel/engine/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func TestStore(t *testing.T) {
	var paths sync.Map // of stores
	remember := func(t *testing.T, path string) storetest.Store {
		s := open(t, path)
		paths.Store(s, path)
		return s
	}
	storetest.Test(t, storetest.Options{
		Open: func(t *testing.T) storetest.Store { return remember(t, filepath.Join(t.TempDir(), "runs.db")) },
		Reopen: func(t *testing.T, crashed storetest.Store) storetest.Store {
			path, _ := paths.Load(crashed)
			return remember(t, path.(string))
		},
	})
}
