package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// kernel is one of the programs.
type kernel struct {
	name   string // of the function
	source string
}

var (
	registered = regexp.MustCompile(`(?m)^\tregister\("(\w+)", (\w+)\)$`)
	copies     = regexp.MustCompile(`(?m)^\tfor i := 0; i <=? \d\d+; i\+\+ \{`)
	rounds     = regexp.MustCompile(`(for \w := 0; \w <=? )\d{3,}(; \w\+\+ \{)`)
	profile    = regexp.MustCompile(`prof\.WriteTo\(os\.Stdout, 2\)`)
)

// find reads the kernels of a folder whose names match.
func find(dir, only string) ([]kernel, error) {
	match, err := regexp.Compile("(?i)" + only)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var all []kernel
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, m := range registered.FindAllStringSubmatch(string(text), -1) {
			if match.MatchString(m[1]) {
				all = append(all, kernel{m[2], string(text)})
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no kernels of %q in %s: they come with Go 1.26", only, dir)
	}
	return all, nil
}

// alone returns the source of a kernel that starts one copy of itself and prints
// nothing. Where the copies differ by their number, it starts the first three.
func (k kernel) alone() string {
	head, body, _ := strings.Cut(k.source, "\nfunc "+k.name+"() {\n")
	if at := copies.FindStringIndex(body); at != nil {
		n := 1
		if strings.Contains(body, "}(i)\n") {
			n = 3
		}
		body = fmt.Sprintf("%s\tfor i := 0; i < %d; i++ {%s", body[:at[0]], n, body[at[1]:])
	}
	// Where it does the same a hundred times and more, three must do.
	head, body = rounds.ReplaceAllString(head, "${1}3$2"), rounds.ReplaceAllString(body, "${1}3$2")
	text := head + "\nfunc " + k.name + "() {\n" + body
	return profile.ReplaceAllString(text, "_, _ = prof, os.Stdout")
}

// builds are the programs that the kernels are part of.
type builds struct {
	dir                    string
	tests, profiled, raced string // "" if there is none
}

// build writes and builds the programs: the instrumented tests, and the kernels as
// they are with the leak profile and with the race detector.
func build(dir string, kernels []kernel, plain bool) (*builds, error) {
	b := &builds{dir: dir, tests: filepath.Join(dir, "goker.test")}
	files := map[string]string{
		"go.mod":  "module goker\n\ngo 1.26\n",
		"main.go": "package main\n\nconst yieldCount = 10\n\nfunc register(string, func()) {}\n\nfunc registerInit(string, func()) {}\n\nfunc main() {}\n",
	}
	tests := "package main\n\nimport \"testing\"\n"
	written := map[string]bool{}
	for _, k := range kernels {
		tests += fmt.Sprintf("\nfunc Test%s(*testing.T) { %s() }\n", k.name, k.name)
		if !written[k.source] {
			written[k.source] = true
			files[strings.ToLower(k.name)+".go"] = k.alone()
		}
	}
	files["goker_test.go"] = tests
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return nil, err
		}
	}
	ravel := filepath.Join(dir, "ravel")
	if err := command("", "go", "build", "-o", ravel, "github.com/ravelgo/ravel/check/cmd/ravel"); err != nil {
		return nil, err
	}
	if err := command(dir, ravel, "test", "-vet=off", "-c", "-o", b.tests, "."); err != nil {
		return nil, err
	}
	if !plain {
		return b, nil
	}
	b.profiled, b.raced = filepath.Join(dir, "profiled"), filepath.Join(dir, "raced")
	// Both with the profile, which each kernel asks for at its end.
	return b, errors.Join(
		command(source(), "env", "GOEXPERIMENT=goroutineleakprofile", "GOWORK=off", "go", "build", "-o", b.profiled, "."),
		command(source(), "env", "GOEXPERIMENT=goroutineleakprofile", "GOWORK=off", "go", "build", "-race", "-o", b.raced, "."))
}

func command(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

func goEnv(name string) string {
	out, _ := exec.Command("go", "env", name).Output()
	return strings.TrimSpace(string(out))
}
