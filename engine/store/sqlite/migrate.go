package sqlite

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
)

//go:embed schema1.sql
var schema1 string

// migrations make a file of version n one of version n+1, from an empty one.
var migrations = []string{schema1}

// application marks a file as one of this package: "ravl".
const application = 0x7261766c

// migrate brings a file up to date in one transaction, so that of several
// processes that open it at once only the first one does.
func migrate(ctx context.Context, conn *sql.Conn, steps []string) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := advance(ctx, conn, steps); err != nil {
		conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return err
	}
	_, err := conn.ExecContext(ctx, "COMMIT")
	return err
}

func advance(ctx context.Context, conn *sql.Conn, steps []string) error {
	version, err := versionOf(ctx, conn)
	if err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("the file has version %d, this program knows versions up to %d", version, len(steps))
	}
	if version == len(steps) {
		return nil
	}
	for _, step := range steps[version:] {
		if _, err := conn.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("migrate from version %d: %w", version, err)
		}
	}
	_, err = conn.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", application, len(steps)))
	return err
}

// versionOf returns the version of a file: 0 of one without tables.
func versionOf(ctx context.Context, conn *sql.Conn) (int, error) {
	var id, version, tables int
	err := conn.QueryRowContext(ctx, "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)"+
		" FROM pragma_application_id, pragma_user_version").Scan(&id, &version, &tables)
	if err == nil && tables > 0 && id != application {
		err = fmt.Errorf("the file is a database of another program")
	}
	return version, err
}
