package postgres

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed schema1.sql
var schema1 string

// migrations make tables of version n those of version n+1, from none.
var migrations = []string{schema1}

// migrate brings a schema up to date in one transaction, of which one goes on at
// a time.
func migrate(ctx context.Context, pool *pgxpool.Pool, schema string, steps []string) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", "ravel "+schema); err != nil {
			return err
		}
		if err := prepare(ctx, tx, schema); err != nil {
			return err
		}
		return advance(ctx, tx, schema, steps)
	})
}

// prepare makes the schema, with the table of its version. It makes nothing that
// is there, as the user may not be allowed to.
func prepare(ctx context.Context, tx pgx.Tx, schema string) error {
	for _, each := range []struct{ exists, create string }{
		{"SELECT FROM pg_namespace WHERE nspname = $1", "CREATE SCHEMA " + pgx.Identifier{schema}.Sanitize()},
		{"SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = 'schema_version'",
			"CREATE TABLE schema_version (version bigint NOT NULL); INSERT INTO schema_version VALUES (0)"},
	} {
		found, err := tx.Exec(ctx, each.exists, schema)
		if err == nil && found.RowsAffected() == 0 {
			_, err = tx.Exec(ctx, each.create)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func advance(ctx context.Context, tx pgx.Tx, schema string, steps []string) error {
	var version int
	if err := tx.QueryRow(ctx, "SELECT version FROM schema_version").Scan(&version); err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("schema %q has version %d, this program knows versions up to %d", schema, version, len(steps))
	}
	for _, step := range steps[version:] {
		if _, err := tx.Exec(ctx, step); err != nil {
			return fmt.Errorf("migrate schema %q from version %d: %w", schema, version, err)
		}
		version++
	}
	_, err := tx.Exec(ctx, "UPDATE schema_version SET version = $1 WHERE version <> $1", version)
	return err
}
