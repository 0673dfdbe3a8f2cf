package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Setting returns how a connection of s is set.
func (s *Store) Setting(t *testing.T, name string) (value string) {
	t.Helper()
	require.NoError(t, s.pool.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&value))
	return value
}
