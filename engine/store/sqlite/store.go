package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	driver "modernc.org/sqlite" // which is named sqlite
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/internal/table"
)

// ErrClosed is returned by methods of a Store that was closed.
var ErrClosed = errors.New("sqlite: store is closed")

// Options are how a file is opened. The zero value is the default.
type Options struct {
	// BusyTimeout is how long a write waits for another process that writes to
	// the file. Zero means 10 seconds.
	BusyTimeout time.Duration
	// Readers is how many reads can go on at once. Zero means 4.
	Readers int
}

func (o Options) check() (Options, error) {
	if o.BusyTimeout < 0 {
		return o, fmt.Errorf("sqlite: BusyTimeout is %v, want 0 (10s) or more", o.BusyTimeout)
	}
	if o.Readers < 0 {
		return o, fmt.Errorf("sqlite: Readers is %d, want 0 (4) or more", o.Readers)
	}
	if o.BusyTimeout == 0 {
		o.BusyTimeout = 10 * time.Second
	}
	if o.Readers == 0 {
		o.Readers = 4
	}
	return o, nil
}

// Store keeps runs in a file. It is a [store.Store] and a [store.History], whose
// methods may be called at once.
type Store struct {
	writer *writer
	writes *sql.DB // of one connection, which is the writer's
	reads  *sql.DB
	close  func() error // closes once, and returns the same each time
}

var (
	_ store.Store   = (*Store)(nil)
	_ store.History = (*Store)(nil)
)

var dialect = table.Dialect{Mark: "?", Prefix: "substr(%[1]s, 1, length(%[2]s)) = %[2]s"}

// Open opens a file, and makes it if there is none. One of an older version of
// this package is brought up to date; one of a newer version, or of another
// program, is an error. ctx is for the opening only.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	opts, err := opts.check()
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, path, opts)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string, opts Options) (*Store, error) {
	name, err := source(path, opts)
	if err != nil {
		return nil, err
	}
	writes, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	conn, err := connect(ctx, writes, opts.BusyTimeout)
	if err != nil {
		return nil, errors.Join(err, writes.Close())
	}
	reads, err := sql.Open("sqlite", name+"&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(err, conn.Close(), writes.Close())
	}
	reads.SetMaxOpenConns(opts.Readers)
	reads.SetMaxIdleConns(opts.Readers)
	s := &Store{writer: newWriter(conn), writes: writes, reads: reads}
	s.close = sync.OnceValue(s.shut)
	return s, nil
}

// source returns the name by which the driver opens path.
func source(path string, opts Options) (string, error) {
	if path == "" {
		return "", errors.New("path is empty")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	for _, pragma := range []string{
		fmt.Sprintf("busy_timeout(%d)", max(1, opts.BusyTimeout.Milliseconds())),
		"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"temp_store(MEMORY)", // what savepoints would undo; a file of it costs a sixth of a group
	} {
		u.RawQuery += "&_pragma=" + pragma
	}
	u.RawQuery = u.RawQuery[1:]
	return u.String(), nil
}

// connect returns a connection to a file that is up to date. It tries again for
// some time while others open or close the file: SQLite itself does not wait for
// those that begin or end its log.
func connect(ctx context.Context, db *sql.DB, busy time.Duration) (*sql.Conn, error) {
	for until := time.Now().Add(busy); ; {
		conn, err := upToDate(ctx, db)
		var e *driver.Error
		if !errors.As(err, &e) || e.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(until) {
			return conn, err
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func upToDate(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, conn, migrations); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// Close waits for the writes that have begun and closes the file. Methods called
// later return [ErrClosed].
func (s *Store) Close() error { return s.close() }

func (s *Store) shut() error {
	err := s.writer.stop()
	return errors.Join(err, s.reads.Close(), s.writes.Close())
}

// failed returns err of a read, told apart from what closing and ctx do to it.
func (s *Store) failed(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case s.writer.stopped():
		return ErrClosed
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("sqlite: %w", err)
}
