package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ravelgo/ravel/check/internal/toolexec"
)

func (a *app) testCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "test [-with packages] [-flags] [flags of go test] [packages]",
		Short: "Search the schedules of ordinary tests, of code that does not know ravel",
		Long: `Test runs go test with each test as the body of a search, in which the goroutines,
channels, locks, clocks and random numbers of the code are under control. No source
is changed: the packages of the main module, and those of golang.org/x/sync, are
rewritten on their way to the compiler.

  -with packages   control these too, such as dependencies that start goroutines;
                   patterns of go list, with commas between them
  -flags           only print the flags that make go test do the same, as GOFLAGS has
                   them: for editors, and for commands of your own

All other flags and arguments are those of go test. The variables of package check,
such as RAVEL_RUNS and RAVEL_SEED, say how to search; RAVEL_UNMODIFIED=off runs each
test once, as go test does.`,
		Example: `  ravel test ./...                          search the schedules of all tests
  ravel test -run '^TestPool$' -v ./pool    of one test
  ravel test -with github.com/acme/queue .  with a dependency under control
  RAVEL_RUNS=100000 ravel test -run Pool .  for long`,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if slices.ContainsFunc(args, isHelp) {
				return cmd.Help()
			}
			return a.test(args)
		},
	}
}

func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

// test runs go test with instrumented packages.
func (a *app) test(args []string) error {
	t, err := parseTest(args)
	if err != nil {
		return err
	}
	flags, err := a.instrumenting(t)
	if err != nil {
		return err
	}
	if t.print {
		a.printf("%s\n", goflags(flags))
		return nil
	}
	p := goTool(t.dir, slices.Concat([]string{"test"}, flags, t.rest)...)
	p.env = t.environment()
	code, err := a.start(p, a.out, a.err)
	switch {
	case err != nil:
		return err
	case code == 1:
		return errFound
	case code != 0:
		return &failure{code: codeGo}
	}
	return nil
}

// goflags writes flags as the variable GOFLAGS has them.
func goflags(flags []string) string {
	var all []string
	for _, f := range flags {
		switch {
		case strings.Contains(f, "'"):
			f = `"` + f + `"`
		case strings.Contains(f, " "):
			f = "'" + f + "'"
		}
		all = append(all, f)
	}
	return strings.Join(all, " ")
}

// testRun is what the arguments of ravel test say.
type testRun struct {
	dir      string   // where to run it; empty means here
	with     []string // patterns
	print    bool
	rest     []string // for go test
	packages []string // of those
	build    []string // flags that package archives depend on
	gcflags  []string // that the user has given, as they are
}

// booleans are the flags of go test that take no value.
var booleans = strings.Fields("a n race msan asan cover v work x trimpath short json c failfast benchmem fullpath linkshared modcacherw buildvcs artifacts")

// building are the flags that say how archives are built.
var building = strings.Fields("msan asan trimpath tags mod modfile overlay pgo asmflags")

// parseTest takes apart the arguments of ravel test. Those of go test are not
// judged, only read as far as it is needed.
func parseTest(args []string) (*testRun, error) {
	t := &testRun{}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if !strings.HasPrefix(arg, "-") {
			t.packages, t.rest = append(t.packages, arg), append(t.rest, arg)
			continue
		}
		name, value, given := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
		whole := []string{arg}
		if !given && name != "args" && name != "flags" && !slices.Contains(booleans, name) {
			if len(args) == 0 {
				return nil, fmt.Errorf("test: the flag -%s has no value", name)
			}
			value, whole = args[0], append(whole, args[0])
			args = args[1:]
		}
		switch {
		case name == "with":
			t.with = append(t.with, strings.Split(value, ",")...)
			continue
		case name == "C":
			t.dir = value
			continue
		case name == "flags":
			t.print = true
			continue
		case name == "args":
			t.rest = append(append(t.rest, arg), args...)
			return t, nil
		case name == "race":
			return nil, fmt.Errorf("test: -race sees only what happens outside a simulation; ravel test looks for races itself, so leave it away")
		case name == "toolexec":
			return nil, fmt.Errorf("test: -toolexec is what ravel test itself uses")
		case name == "gcflags":
			t.gcflags = append(t.gcflags, value)
			continue
		case slices.Contains(building, name):
			t.build = append(t.build, whole...)
		}
		t.rest = append(t.rest, whole...)
	}
	return t, nil
}

// instrumenting returns the flags of go test that make it build what t asks for.
func (a *app) instrumenting(t *testRun) ([]string, error) {
	b, err := newBuilder(a, t)
	if err != nil {
		return nil, err
	}
	if err := b.choose(); err != nil {
		return nil, err
	}
	c, err := b.config()
	if err != nil {
		return nil, err
	}
	file, err := c.Save(b.cache)
	if err != nil {
		return nil, err
	}
	flags := b.patching(file)
	for _, g := range t.gcflags {
		flags = append(flags, "-gcflags="+g)
	}
	for _, path := range b.chosen {
		flags = append(flags, "-gcflags="+path+"="+strings.TrimSpace(toolexec.Flag+c.ID+" "+t.plainGcflags()))
	}
	return flags, nil
}

// plainGcflags returns what the user has given to the compiler for the packages that
// are tested.
func (t *testRun) plainGcflags() string {
	var all []string
	for _, g := range t.gcflags {
		pattern, flags, ok := strings.Cut(g, "=")
		switch {
		case strings.HasPrefix(g, "-"):
			all = append(all, g)
		case ok && pattern == "all":
			all = append(all, flags)
		}
	}
	return strings.Join(all, " ")
}
