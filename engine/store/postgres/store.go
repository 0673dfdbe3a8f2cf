package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/internal/table"
)

// ErrClosed is returned by methods of a Store that was closed.
var ErrClosed = errors.New("postgres: store is closed")

// Options are how a database is used. The zero value is the default.
type Options struct {
	// Schema is the name of the schema in which the tables are. It is made if
	// there is none. Empty means "ravel".
	Schema string
	// MaxConns is how many connections are open at most. Zero means as many as
	// the URL says with pool_max_conns, else 4 or the number of processors.
	MaxConns int
}

// Store keeps runs in a database. It is a [store.Store] and a [store.History],
// whose methods may be called at once.
type Store struct {
	pool   *pgxpool.Pool
	closed atomic.Bool
}

var (
	_ store.Store   = (*Store)(nil)
	_ store.History = (*Store)(nil)
)

var dialect = table.Dialect{Mark: "$", Lock: "FOR UPDATE", Prefix: "starts_with(%s, %s)"}

// Open connects to the database of a URL, or of a text of keywords and values,
// both as libpq has them. It makes the tables if there are none and brings those
// of an older version up to date; those of a newer version are an error. ctx is
// for the opening only.
func Open(ctx context.Context, url string, opts Options) (*Store, error) {
	if opts.MaxConns < 0 {
		return nil, fmt.Errorf("postgres: MaxConns is %d, want 0 (default) or more", opts.MaxConns)
	}
	if opts.Schema == "" {
		opts.Schema = "ravel"
	}
	s, err := open(ctx, url, opts)
	if err != nil {
		return nil, fmt.Errorf("postgres: open: %w", err)
	}
	return s, nil
}

func open(ctx context.Context, url string, opts Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	if opts.MaxConns > 0 {
		config.MaxConns = int32(opts.MaxConns)
	}
	config.ConnConfig.RuntimeParams["search_path"] = pgx.Identifier{opts.Schema}.Sanitize()
	config.AfterConnect = durable
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, pool, opts.Schema, migrations); err != nil {
		pool.Close()
		return nil, err
	}
	return &Store{pool: pool}, nil
}

// durable makes a commit wait for the disk, where a database has that turned off.
func durable(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SELECT set_config('synchronous_commit', 'on', false)"+
		" WHERE current_setting('synchronous_commit') = 'off'")
	return err
}

// Close waits for the calls that have begun and closes all connections. Methods
// called later return [ErrClosed].
func (s *Store) Close() error {
	if !s.closed.Swap(true) {
		s.pool.Close()
	}
	return nil
}

// within calls do in a transaction, which is committed unless do fails.
func (s *Store) within(ctx context.Context, opts pgx.TxOptions, do func(pgx.Tx) error) error {
	if s.closed.Load() {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.failed(pgx.BeginTxFunc(ctx, s.pool, opts, do))
}

// ours are the errors that need no word of where they come from.
var ours = []error{store.ErrRunExists, store.ErrRunActive, store.ErrNotResumable, store.ErrUnknownRun, store.ErrFenced,
	store.ErrPlanChanged, ErrNoRun}

func (s *Store) failed(err error) error {
	if err == nil {
		return nil
	}
	for _, known := range ours {
		if errors.Is(err, known) {
			return err
		}
	}
	if s.closed.Load() {
		return ErrClosed
	}
	return fmt.Errorf("postgres: %w", err)
}
