// Command suites runs the tests of well-known modules under control: each is fetched
// by the go command, and its tests, which nobody wrote for that, are searched with
// ravel test. It prints a table of what they do, and each test that does not pass.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

func main() {
	runs := flag.Int("runs", 50, "how many schedules a test may try")
	limit := flag.Duration("time", 2*time.Second, "how long a test may be searched")
	only := flag.String("only", "", "regular expression of the modules to look at")
	keep := flag.Bool("keep", false, "keep the folder of the modules and of what is printed")
	flag.Parse()
	if err := run(options{*runs, *limit, *only, *keep}); err != nil {
		fmt.Fprintln(os.Stderr, "suites:", err)
		os.Exit(1)
	}
}

// options are what the flags say.
type options struct {
	runs  int
	limit time.Duration
	only  string
	keep  bool
}

func run(o options) error {
	match, err := regexp.Compile(o.only)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "suites")
	if err != nil {
		return err
	}
	if o.keep {
		fmt.Fprintln(os.Stderr, "suites:", dir)
	} else {
		defer os.RemoveAll(dir)
	}
	ravel := filepath.Join(dir, "ravel")
	if out, err := exec.Command("go", "build", "-o", ravel, "github.com/ravelgo/ravel/check/cmd/ravel").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	fmt.Printf("%s, %s/%s, %d CPUs; at most %d schedules and %v a test\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), o.runs, o.limit)
	fmt.Println("| module | packages | tests | searched | one schedule | as it is | not deterministic | schedules | failed | left out | time |\n|---|---|---|---|---|---|---|---|---|---|---|")
	var failed, left []string
	for _, m := range modules {
		if !match.MatchString(m.version) {
			continue
		}
		s := suite{module: m, ravel: ravel, dir: filepath.Join(dir, strings.NewReplacer("/", "_", "@", "_").Replace(m.version)), options: o}
		if err := s.run(); err != nil {
			return fmt.Errorf("%s: %w", m.version, err)
		}
		fmt.Println(s.row())
		failed = append(failed, s.failed...)
		for _, e := range m.exceptions {
			left = append(left, strings.Join(e.tests, ", ")+": "+e.why)
		}
	}
	list("Failed", failed)
	list("Left out", left)
	return nil
}

func list(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Printf("\n%s:\n\n", title)
	for _, l := range lines {
		fmt.Println("-", l)
	}
}

// suite is the tests of a module.
type suite struct {
	module     module
	ravel, dir string
	options    options

	packages, tests, alone, plain, differ, schedules int
	failed                                           []string
	took                                             time.Duration
}

// row returns the row of the table.
func (s *suite) row() string {
	left := 0
	for _, e := range s.module.exceptions {
		left += len(e.tests)
	}
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %.0f s |", s.module.version, s.packages, s.tests, s.tests-s.alone-s.plain,
		s.alone, s.plain, s.differ, s.schedules, len(s.failed), left, s.took.Seconds())
}

func (s *suite) run() error {
	if err := s.copy(); err != nil {
		return err
	}
	reports := s.dir + ".reports"
	args := []string{"test", "-json", "-vet=off", "-short", "-timeout=4m", "-run=^Test"}
	if skip := s.module.skip(); skip != "" {
		args = append(args, "-skip="+skip)
	}
	cmd := exec.Command(s.ravel, append(args, "./...")...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("RAVEL_RUNS=%d", s.options.runs), "RAVEL_TIME="+s.options.limit.String(),
		"RAVEL_SAVED=off", "RAVEL_REPORT="+reports, "GOWORK=off", "GOFLAGS=-mod=mod")
	log, err := os.Create(s.dir + ".json")
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, os.Stderr
	began := time.Now()
	_ = cmd.Run() // failed tests are in the log
	s.took = time.Since(began)
	if err := s.results(log.Name()); err != nil {
		return err
	}
	return s.count(reports)
}

// copy makes a copy of the module, in which it can be tested.
func (s *suite) copy() error {
	out, err := exec.Command("go", "mod", "download", "-json", s.module.version).Output()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	var found struct{ Dir string }
	if err := json.Unmarshal(out, &found); err != nil {
		return err
	}
	if err := os.CopyFS(s.dir, os.DirFS(found.Dir)); err != nil {
		return err
	}
	err = filepath.WalkDir(s.dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(path, 0o755)
	})
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(s.dir, "go.mod")); err == nil {
		return nil
	}
	path, _, _ := strings.Cut(s.module.version, "@")
	return os.WriteFile(filepath.Join(s.dir, "go.mod"), []byte("module "+path+"\n"), 0o666)
}

// results reads what go test -json has printed.
func (s *suite) results(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	output := map[string]string{}
	for line := range strings.Lines(string(text)) {
		var e struct{ Action, Package, Test, Output string }
		if json.Unmarshal([]byte(line), &e) != nil {
			continue
		}
		key := e.Package + "." + e.Test
		if e.Action == "output" {
			output[key] += e.Output
		}
		if strings.Contains(e.Test, "/") {
			continue
		}
		s.result(e.Action, e.Package, e.Test, output[key])
	}
	return nil
}

// result counts the end of a test, or of the tests of a package.
func (s *suite) result(action, pkg, test, output string) {
	if action != "pass" && action != "fail" && action != "skip" {
		return
	}
	name := strings.TrimSuffix(pkg+"."+test, ".")
	if action == "fail" && (test != "" || !strings.Contains(strings.Join(s.failed, "\n"), pkg+".")) {
		s.failed = append(s.failed, name+": "+first(output))
	}
	switch {
	case test == "" && action == "skip": // it has no tests
	case test == "":
		s.packages++
	default:
		s.tests++
		if strings.Contains(output, "not searched: nothing in it is concurrent") || action == "skip" {
			s.alone++
		} else if strings.Contains(output, "not searched, run as it is") {
			s.plain++
		} else if strings.Contains(output, "not deterministic:") {
			s.differ++
		}
	}
}

// first returns the first line of the output of a test that says something.
func first(output string) string {
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "===") || strings.HasPrefix(line, "---") || strings.HasSuffix(line, ":") || strings.Contains(line, "INFO:") {
			continue
		}
		return line
	}
	return "no output"
}

// count adds up the schedules that were tried.
func (s *suite) count(folder string) error {
	return filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || !strings.HasPrefix(filepath.Base(path), "search") || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var search struct{ Runs int }
		if err := json.Unmarshal(text, &search); err != nil {
			return err
		}
		s.schedules += search.Runs
		return nil
	})
}
