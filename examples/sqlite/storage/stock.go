package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver
)

// Stock says how many there are of a thing. All methods may be called at once.
type Stock interface {
	Get(ctx context.Context, thing string) (int, error)
	Put(ctx context.Context, thing string, n int) error
	// Update puts what fn makes of what there is; nobody else can put anything
	// in between. If fn returns an error, it changes nothing and returns that.
	Update(ctx context.Context, thing string, fn func(n int) (int, error)) error
}

var errUnknown = errors.New("unknown thing")

// file is a Stock in a SQLite file.
type file struct{ db *sql.DB }

// open opens a file, and makes it if there is none.
func open(ctx context.Context, path string) (*file, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// With txlock=immediate a transaction excludes others that write from its
	// begin. By default it would from its first write, which is after the read.
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path),
		RawQuery: "_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS stock (thing TEXT PRIMARY KEY, n INTEGER NOT NULL)"); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return &file{db}, nil
}

// queries is what a database and a transaction have in common.
type queries interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func get(ctx context.Context, q queries, thing string) (n int, err error) {
	err = q.QueryRowContext(ctx, "SELECT n FROM stock WHERE thing = ?", thing).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("%w: %q", errUnknown, thing)
	}
	return n, err
}

func put(ctx context.Context, q queries, thing string, n int) error {
	_, err := q.ExecContext(ctx, "INSERT INTO stock VALUES (?, ?) ON CONFLICT DO UPDATE SET n = excluded.n", thing, n)
	return err
}

// Get returns how many there are.
func (f *file) Get(ctx context.Context, thing string) (int, error) { return get(ctx, f.db, thing) }

// Put says how many there are.
func (f *file) Put(ctx context.Context, thing string, n int) error { return put(ctx, f.db, thing, n) }

// Update is one transaction.
func (f *file) Update(ctx context.Context, thing string, fn func(int) (int, error)) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // which does nothing after Commit
	n, err := get(ctx, tx, thing)
	if err != nil {
		return err
	}
	if n, err = fn(n); err != nil {
		return err
	}
	if err := put(ctx, tx, thing, n); err != nil {
		return err
	}
	return tx.Commit()
}
