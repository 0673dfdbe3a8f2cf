package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/ravelgo/ravel/sched"
)

// fileBank stands for a bank somewhere else: its books are a file of its own.
type fileBank struct {
	db   *sql.DB
	slow time.Duration // how long its answers take
	out  io.Writer
}

func openBank(ctx context.Context, path string) (*fileBank, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: "_pragma=busy_timeout(10000)"}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS payments (key TEXT PRIMARY KEY, who TEXT, cents INTEGER)"); err != nil {
		db.Close()
		return nil, fmt.Errorf("bank: %w", err)
	}
	return &fileBank{db: db}, nil
}

// Pay pays at once, and answers later.
func (b *fileBank) Pay(ctx context.Context, key, who string, cents int) (string, error) {
	r, err := b.db.ExecContext(ctx, "INSERT INTO payments VALUES (?, ?, ?) ON CONFLICT DO NOTHING", key, who, cents)
	if err != nil {
		return "", fmt.Errorf("bank: %w", err)
	}
	done := "has paid"
	if n, _ := r.RowsAffected(); n == 0 {
		done = "had already paid"
	}
	fmt.Fprintf(b.out, "the bank %s %s to %s\n", done, money(cents), who)
	if b.slow > 0 {
		fmt.Fprintf(b.out, "its answer takes %v\n", b.slow)
	}
	sched.Sleep(b.slow)
	return "receipt " + key, nil
}

func money(cents int) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }
