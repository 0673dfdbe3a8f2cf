// Command hooks copies rows into a database, which is opened before the first step
// and closed after the last one, however the run ends.
//
// Look at pipeline: OnStart opens, OnFinish closes, and the hook that was added last
// is called first, like defer. The hooks of OnFinish are called when all steps have
// returned, also those that were cancelled, so none of them can find a closed
// database.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Copy is the state of a run.
type Copy struct {
	Rows []string
	Bad  string // a row that the database refuses
	DB   *Database
}

// pipeline returns two branches that write at once, between opening and closing.
func pipeline() *engine.Pipeline[Copy] {
	p := engine.New[Copy]("copy", engine.Options{MultiRoot: true})
	p.OnStart(func(_ context.Context, c *Copy) error { return c.DB.Open() })
	p.OnFinish(func(_ context.Context, c *Copy, _ engine.Result) error { return c.DB.Close() })
	p.OnFinish(func(_ context.Context, c *Copy, r engine.Result) error {
		if r.Status == engine.Success {
			return c.DB.Do("commit")
		}
		return c.DB.Do("roll back")
	})
	engine.Map(p, "rows", engine.Each[Copy, string]{
		Items: engine.Slice(func(_ context.Context, c *Copy) ([]string, error) { return c.Rows, nil }),
		Do: func(_ context.Context, c *Copy, row string) error {
			if row == c.Bad {
				return fmt.Errorf("row %q has no number", row)
			}
			return c.DB.Do("")
		},
	}, engine.MapOptions{MaxConcurrency: 2})
	p.Step("index", func(_ context.Context, c *Copy) error { return c.DB.Do("") }, engine.NodeOptions{})
	return p
}

// Database stands for a database that is in use by several steps.
type Database struct {
	mu   sched.Mutex // guards the fields below
	open race.Var[bool]
	log  race.Slice[string]
}

var errClosed = errors.New("the database is closed")

// Open opens the database.
func (d *Database) Open() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open.Store(true)
	d.log.Append("open")
	return nil
}

// Close closes it.
func (d *Database) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open.Store(false)
	d.log.Append("close")
	return nil
}

// Do executes a statement, and keeps it in the log if it has a name.
func (d *Database) Do(statement string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.open.Load() {
		return errClosed
	}
	if statement != "" {
		d.log.Append(statement)
	}
	return nil
}

// run copies the rows twice, and prints what the database was asked for.
func run(ctx context.Context, out io.Writer) error {
	p := pipeline()
	for _, bad := range []string{"", "three"} {
		c := &Copy{Rows: []string{"one", "two", "three", "four"}, Bad: bad, DB: &Database{}}
		result, err := p.Run(ctx, c, engine.RunOptions{})
		if errors.Is(err, errClosed) {
			return err
		}
		fmt.Fprintf(out, "%s: %v\n", result.Status, c.DB.log.Snapshot())
		if err != nil {
			fmt.Fprintln(out, " ", err)
		}
	}
	return nil
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "hooks:", err)
		os.Exit(1)
	}
}
