package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
)

// maxGroup is how many writes are committed at once at most, so that the first
// one does not wait for long.
const maxGroup = 256

// writer is the one goroutine that writes. All writes that wait while it commits
// become its next transaction: a commit waits for the disk, and one wait does for
// all of them.
type writer struct {
	tx      *tx
	most    int // writes in a transaction
	queue   chan *write
	closing chan struct{}
	ended   chan struct{}
}

// write is one write, which is kept or refused on its own.
type write struct {
	do   func(*tx) error
	done chan error // has room, and gets one error when the commit has returned
}

func newWriter(conn *sql.Conn) *writer {
	w := &writer{
		tx:      &tx{conn: conn, prepared: map[string]*sql.Stmt{}},
		most:    maxGroup,
		queue:   make(chan *write),
		closing: make(chan struct{}),
		ended:   make(chan struct{}),
	}
	go w.run()
	return w
}

// submit returns when what do has written is on disk, or with the error for which
// it is not. It does not wait for ctx once the writer has taken do.
func (w *writer) submit(ctx context.Context, do func(*tx) error) error {
	if w.stopped() {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	one := &write{do: do, done: make(chan error, 1)}
	select {
	case w.queue <- one:
		return <-one.done
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return ErrClosed
	}
}

func (w *writer) run() {
	defer close(w.ended)
	for {
		select {
		case first := <-w.queue:
			w.commit(w.gather(first))
		case <-w.closing:
			return
		}
	}
}

// gather returns first and all writes that wait.
func (w *writer) gather(first *write) []*write {
	group := []*write{first}
	// Let those whose last write has just returned come with their next one.
	runtime.Gosched()
	for len(group) < w.most {
		select {
		case next := <-w.queue:
			group = append(group, next)
		default:
			return group
		}
	}
	return group
}

func (w *writer) commit(group []*write) {
	refused, err := w.transact(group)
	for i, one := range group {
		if err != nil {
			one.done <- fmt.Errorf("sqlite: %w", err)
			continue
		}
		one.done <- refused[i]
	}
}

// transact does a group in one transaction. It returns the error of each write,
// or one because of which none was kept.
func (w *writer) transact(group []*write) ([]error, error) {
	if err := w.tx.run("BEGIN IMMEDIATE"); err != nil {
		return nil, err
	}
	refused := make([]error, len(group))
	for i, one := range group {
		var err error
		if refused[i], err = w.tx.within(one.do); err != nil {
			w.tx.run("ROLLBACK")
			return nil, err
		}
	}
	if err := w.tx.run("COMMIT"); err != nil {
		w.tx.run("ROLLBACK")
		return nil, err
	}
	return refused, nil
}

func (w *writer) stopped() bool {
	select {
	case <-w.closing:
		return true
	default:
		return false
	}
}

// stop ends the goroutine after the transaction that it is in.
func (w *writer) stop() error {
	close(w.closing)
	<-w.ended
	return w.tx.close()
}
