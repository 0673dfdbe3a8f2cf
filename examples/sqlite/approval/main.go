// Command approval pays expenses that somebody has approved. Each of its commands is
// a process of its own: the runs wait in a file.
//
//	cd examples/sqlite
//	go run ./approval start Ada "train to Oslo" 79.90
//	go run ./approval list
//	go run ./approval approve ID Grace
//
// Look at pipeline: the step approve suspends the run until its state says who has
// approved; the next process goes on from there, and what was done is not done again.
// To see what a crash does, let the bank take its time, and interrupt the process or
// kill it when the bank has paid and the run does not know yet:
//
//	go run ./approval -slow 1m approve ID Grace
//
// After half a minute the run may be resumed (go run ./approval resume ID). The key
// of the payment is the same, so that the bank does not pay twice.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/sqlite"
	"github.com/ravelgo/ravel/sched"
)

const usage = `usage: approval [flags] command

  start WHO WHAT AMOUNT   begin a run, until it waits for approval
  list                    show all runs
  approve ID APPROVER     approve, and go on with the run
  resume ID               go on with a run whose process has died

flags:
`

var errUsage = errors.New("usage")

func main() {
	err := run(context.Background(), os.Args[1:], os.Stdout)
	if errors.Is(err, errUsage) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "approval:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("approval", flag.ContinueOnError)
	dir := flags.String("dir", filepath.Join(os.TempDir(), "ravel-approval"), "where runs.db and bank.db are")
	slow := flags.Duration("slow", 0, "how long the answers of the bank take")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	if flags.Parse(args) != nil {
		return errUsage
	}
	want := map[string]int{"start": 3, "list": 0, "approve": 2, "resume": 1}
	n, ok := want[flags.Arg(0)]
	if !ok || flags.NArg() != 1+n {
		flags.Usage()
		return errUsage
	}
	if err := os.MkdirAll(*dir, 0o777); err != nil {
		return err
	}
	s, err := sqlite.Open(ctx, filepath.Join(*dir, "runs.db"), sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	bank, err := openBank(ctx, filepath.Join(*dir, "bank.db"))
	if err != nil {
		return err
	}
	defer bank.db.Close()
	bank.slow, bank.out = *slow, out
	return command(ctx, Office{pipeline(bank, byInvocation), s}, flags.Args(), out)
}

// command does what args say, the first of which is known and has the others.
func command(ctx context.Context, o Office, args []string, out io.Writer) error {
	var result engine.Result
	var err error
	switch args[0] {
	case "list":
		return list(ctx, o, out)
	case "start":
		cents, wrong := parseMoney(args[3])
		if wrong != nil {
			return wrong
		}
		result, err = o.Start(ctx, &Expense{Who: args[1], What: args[2], Cents: cents})
	case "approve":
		result, err = o.Approve(ctx, args[1], args[2])
	case "resume":
		result, err = o.Resume(ctx, args[1])
	}
	switch {
	case errors.Is(err, engine.ErrRunActive):
		return fmt.Errorf("%w: a process works on it, or has died less than half a minute ago", err)
	case err != nil:
		return err
	case result.Reason != "":
		fmt.Fprintf(out, "%s %s: %s\n", result.RunID, result.Status, result.Reason)
	default:
		fmt.Fprintf(out, "%s %s\n", result.RunID, result.Status)
	}
	return nil
}

// list shows the runs, the last one first.
func list(ctx context.Context, o Office, out io.Writer) error {
	now := sched.Now()
	runs, err := o.Store.Runs(ctx, store.Query{Pipeline: "expense", Now: now})
	for _, r := range runs {
		e, err := o.Pipeline.Load(ctx, o.Store, r.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s  %-11s  %s, %s, %s; done: %v\n", r.ID, r.At(now), e.Who, e.What, money(e.Cents), e.Steps)
	}
	return err
}

func parseMoney(s string) (cents int, err error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(f) < 1e9) {
		return 0, fmt.Errorf("%q is no amount of money", s)
	}
	return int(math.Round(100 * f)), nil
}
