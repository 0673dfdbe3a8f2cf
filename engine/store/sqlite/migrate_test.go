package sqlite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store/internal/table"
)

func TestSchemaVersion(t *testing.T) {
	assert.Len(t, migrations, table.Schema)
}

// TestMigrate takes a file with a run to a later version, at the second attempt.
func TestMigrate(t *testing.T) {
	s := newStore(t)
	claim(t, s, "a")
	conn := s.writer.tx.conn
	steps := append(migrations[:len(migrations):len(migrations)], "ALTER TABLE runs ADD COLUMN note TEXT; CREATE TABLE")
	require.ErrorContains(t, migrate(t.Context(), conn, steps), "migrate from version 1")
	version, err := versionOf(t.Context(), conn)
	require.NoError(t, err)
	assert.Equal(t, len(migrations), version)
	_, err = conn.ExecContext(t.Context(), "SELECT note FROM runs")
	assert.Error(t, err, "a migration that failed has left something")

	steps[len(steps)-1] = "ALTER TABLE runs ADD COLUMN note TEXT"
	require.NoError(t, migrate(t.Context(), conn, steps))
	require.NoError(t, migrate(t.Context(), conn, steps), "again")
	assert.ErrorContains(t, migrate(t.Context(), conn, migrations), "version 2")
	claim(t, s, "b")
	_, err = s.Load(t.Context(), "a")
	assert.NoError(t, err)
}
