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

// What readers ask for is looked up, and not searched in all rows.
func TestIndexes(t *testing.T) {
	s := newStore(t)
	for query, index := range map[string]string{
		"SELECT * FROM runs ORDER BY started_at DESC":                           "runs_started",
		"SELECT * FROM runs WHERE status = 'failed' ORDER BY started_at DESC":   "runs_status",
		"SELECT * FROM runs WHERE pipeline = 'orders' ORDER BY started_at DESC": "runs_pipeline",
		"SELECT * FROM runs WHERE plan_hash = 'ab'":                             "runs_plan",
		"SELECT * FROM runs WHERE root_run_id = 'r'":                            "runs_root",
		"SELECT seq FROM events WHERE run_id = 'r' AND type = 'TOKEN'":          "events_type",
		"SELECT seq FROM events WHERE run_id = 'r' AND path = 'pages[3]/parse'": "events_path",
		"SELECT * FROM events WHERE run_id = 'r' AND seq > 7 ORDER BY seq":      "PRIMARY KEY",
	} {
		var id, parent, unused int
		var plan string
		row := s.reads.QueryRowContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
		require.NoError(t, row.Scan(&id, &parent, &unused, &plan), query)
		assert.Contains(t, plan, index, query)
	}
}
