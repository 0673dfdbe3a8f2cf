package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ravelgo/ravel/engine/store/internal/table"
)

// tx is the connection of the writer. Its statements stay prepared; there are as
// many as package table has, whatever is written.
//
// They run without a context that ends: the driver would interrupt the
// transaction, in which the writes of others are.
type tx struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

func (t *tx) prepare(query string) (*sql.Stmt, error) {
	if stmt, ok := t.prepared[query]; ok {
		return stmt, nil
	}
	stmt, err := t.conn.PrepareContext(context.Background(), query)
	if err == nil {
		t.prepared[query] = stmt
	}
	return stmt, err
}

// run executes a statement without arguments.
func (t *tx) run(query string) error {
	_, err := t.exec(table.Statement{SQL: query})
	return err
}

func (t *tx) exec(s table.Statement) (sql.Result, error) {
	stmt, err := t.prepare(s.SQL)
	if err != nil {
		return nil, err
	}
	return stmt.Exec(s.Args...)
}

// execAll executes statements up to the first that fails or must change a row
// and does not.
func (t *tx) execAll(all []table.Statement) error {
	for _, s := range all {
		result, err := t.exec(s)
		if err != nil {
			return fmt.Errorf("sqlite: %w", err)
		}
		if n, err := result.RowsAffected(); s.None != nil && (err != nil || n == 0) {
			return s.None
		}
	}
	return nil
}

// row reads one row; ok is false if there is none.
func (t *tx) row(s table.Select, scan func(table.Row) error) (ok bool, err error) {
	stmt, err := t.prepare(s.SQL)
	if err != nil {
		return false, fmt.Errorf("sqlite: %w", err)
	}
	switch err := scan(stmt.QueryRow(s.Args...)); {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("sqlite: %w", err)
	}
	return true, nil
}

// within does one write of a group: if it fails, the others stay as they are. The
// second error is one after which the transaction is lost.
func (t *tx) within(do func(*tx) error) (refused, lost error) {
	if err := t.run("SAVEPOINT one"); err != nil {
		return nil, err
	}
	if refused = do(t); refused != nil {
		if err := t.run("ROLLBACK TO one"); err != nil {
			return nil, errors.Join(refused, err)
		}
	}
	return refused, t.run("RELEASE one")
}

func (t *tx) close() error {
	var all []error
	for _, stmt := range t.prepared {
		all = append(all, stmt.Close())
	}
	return errors.Join(append(all, t.conn.Close())...)
}
