package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/ravelgo/ravel/check/internal/say"
)

// app is what all commands share.
type app struct {
	out, err io.Writer
	// soft ends at the first interrupt: what runs is asked to end and to tell what
	// it has. hard ends at the second: what runs is killed.
	soft, hard context.Context
}

// run is the command: it does what args say and returns the exit code.
func run(args []string, out, errOut io.Writer) int {
	a := &app{out: out, err: errOut}
	defer a.listen()()
	root := a.root()
	root.SetArgs(longFlags(root, args))
	return a.finish(root.Execute())
}

// listen makes interrupts end soft and hard, until the function that it returns
// is called.
func (a *app) listen() (stop func()) {
	var kill, end context.CancelFunc
	a.hard, kill = context.WithCancel(context.Background())
	a.soft, end = context.WithCancel(a.hard)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for _, cancel := range []context.CancelFunc{end, kill} {
			select {
			case <-signals:
				cancel()
			case <-a.hard.Done():
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		kill()
	}
}

// root returns the command with all its commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "ravel",
		Short: "Replay, show, compare and look for schedules that fail",
		Long: `Ravel test searches the schedules of ordinary tests. The other commands work with
what package check of github.com/ravelgo/ravel finds and saves: traces of schedules that
fail, in testdata/ravel, and reports, in the folder that RAVEL_REPORT names.` + codesHelp,
		Example: `  ravel test ./...             do my tests fail in some schedule?
  ravel list                   which saved traces still fail?
  ravel show x.trace           what was that one again?
  ravel soak ./... --for 10m   look for more, on all cores`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.replayCommand(), a.showCommand(), a.diffCommand(), a.listCommand(), a.pruneCommand(),
		a.testCommand(), a.soakCommand(), a.shardCommand(), a.exportCommand(), a.doctorCommand(), a.versionCommand())
	for _, c := range root.Commands() {
		c.DisableFlagsInUseLine = true
	}
	return root
}

// longFlags writes -run as --run, for all flags of more than one letter: so does
// package flag, and with it go test.
func longFlags(root *cobra.Command, args []string) []string {
	if len(args) > 0 && (strings.HasPrefix(args[0], "__") || args[0] == "test") { // completion, and flags of go test
		return args
	}
	known := map[string]bool{"help": true}
	for _, c := range root.Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
	}
	var all []string
	for i, arg := range args {
		if arg == "--" {
			return append(all, args[i:]...)
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		if len(name) > 1 && known[name] && arg[0] == '-' {
			arg = "-" + arg
		}
		all = append(all, arg)
	}
	return all
}

// goFlag recognises what a flag error is about if it is a flag of go test.
var goFlag = regexp.MustCompile(`unknown (?:shorthand )?flag: .*-(race|v|tags|timeout|short|count|cpu|cover|failfast|json|parallel|p|bench|vet|mod)\b`)

// flagError adds to an error about a flag what to do.
func flagError(cmd *cobra.Command, err error) error {
	if goFlag.MatchString(err.Error()) {
		return fmt.Errorf("%w; flags of go test follow --, as in: %s … -- -race", err, cmd.CommandPath())
	}
	return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
}

// args returns a check that there are some arguments before --; most is -1 for any
// number.
func args(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		ours, _ := split(cmd, given)
		if n := len(ours); n < least || most >= 0 && n > most {
			return fmt.Errorf("%s: %s; usage: %s", cmd.Name(), say.Plural(n, "argument"), cmd.UseLine())
		}
		return nil
	}
}

// split returns the arguments before -- and those behind it, which are for go
// test.
func split(cmd *cobra.Command, given []string) (ours, others []string) {
	if n := cmd.ArgsLenAtDash(); n >= 0 {
		return given[:n], given[n:]
	}
	return given, nil
}

// terminal reports whether w is a terminal.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Colours, as numbers of the escape sequence.
const (
	red    = 31
	green  = 32
	yellow = 33
)

// paint colours text if out is a terminal and NO_COLOR is not set.
func (a *app) paint(colour int, text string) string {
	if colour == 0 || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" || !terminal(a.out) {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", colour, text)
}

func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.out, format, args...) }

// tell writes a line to the standard error.
func (a *app) tell(format string, args ...any) { fmt.Fprintf(a.err, "ravel: "+format+"\n", args...) }
