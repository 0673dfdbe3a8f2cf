// Command harness signs users up: the program of which main_test.go is the example.
//
// Look at main_test.go. It replaces, for one run, what a step asks of the world by a
// stub; retrying, limits and handlers stay. It records a run and asks what has happened,
// or compares it with a file. And it does so on every schedule.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

// Signup is the state of a run.
type Signup struct {
	Address string

	Country string   // of lookup
	Sent    []string // of mails
	ID      int      // of store
}

// Steps are a pipeline and those of its nodes that tests replace.
type Steps struct {
	*engine.Pipeline[Signup]
	Lookup, Store, Mails *engine.Node[Signup]
}

var errAddress = errors.New("no such address")

// pipeline returns the steps:
//
//	check ─┬─ lookup ─┬─ mails
//	       └─ store ──┘
func pipeline() Steps {
	p := engine.New[Signup]("signup", engine.Options{})
	check := p.Step("check", func(_ context.Context, s *Signup) error {
		if !strings.Contains(s.Address, "@") {
			return fmt.Errorf("%w: %q", errAddress, s.Address)
		}
		return nil
	}, engine.NodeOptions{})

	lookup := p.Step("lookup", lookup, engine.NodeOptions{Timeout: 2 * time.Second})
	lookup.OnError(func(_ context.Context, s *Signup, _ *engine.StepError) error {
		s.Country = "unknown"
		return nil
	})
	store := p.Step("store", store, engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Second}})

	mails := engine.MapGather(p, "mails", engine.Gather[Signup, string, string]{
		Items: engine.Slice(func(context.Context, *Signup) ([]string, error) { return []string{"welcome", "terms"}, nil }),
		Do:    mail,
		Collect: func(_ context.Context, s *Signup, _ int, sent string) error {
			s.Sent = append(s.Sent, sent)
			return nil
		},
	}, engine.MapOptions{MaxConcurrency: 2})

	check.To(lookup, store)
	lookup.To(mails)
	store.To(mails)
	return Steps{p, lookup, store, mails}
}

// lookup asks a server where an address is, which takes its time.
func lookup(_ context.Context, s *Signup) error {
	sched.Sleep(5 * time.Millisecond)
	s.Country = "Norway"
	return nil
}

// store keeps the address in a database.
func store(_ context.Context, s *Signup) error {
	s.ID = 17
	return nil
}

// mail sends a mail.
func mail(_ context.Context, s *Signup, name string) (string, error) {
	return fmt.Sprintf("%s from %s to %s", name, s.Country, s.Address), nil
}

// run signs somebody up and prints what came of it.
func run(ctx context.Context, out io.Writer, address string) error {
	s := &Signup{Address: address}
	result, err := pipeline().Run(ctx, s, engine.RunOptions{})
	if err != nil && !errors.Is(err, errAddress) {
		return err
	}
	fmt.Fprintf(out, "%s: %d, %q\n", result.Status, s.ID, s.Sent)
	return nil
}

func main() {
	for _, address := range []string{"ann@example.org", "bob"} {
		if err := run(context.Background(), os.Stdout, address); err != nil {
			fmt.Fprintln(os.Stderr, "harness:", err)
			os.Exit(1)
		}
	}
}
