// Package toolexec stands between the go command and its tools, as the program of
// go build -toolexec: it compiles ordinary packages so that a simulation controls
// them. Nothing on disk changes: sources are rewritten on their way to the compiler.
//
// Which packages are meant is said by flags of the compiler, which the go command
// takes for a part of what it builds: -gcflags=PATH=-ravel=ID. Other packages, and
// those of the standard library, are built and cached as ever.
//
// What is done, by the tool and the package:
//
//	compile, a chosen package      rewritten by package rewrite, with the compiler's race pass
//	compile, the main of a test    each test becomes the body of a search
//	compile, package testing       patched by package patch
//	link                           ravel's own archives are added
package toolexec

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Flag is the flag of the compiler by which a package is chosen.
const Flag = "-ravel="

// Run does what a tool does that the go command would run: args are the name of a
// file that [Config.Save] has written, the tool and its arguments. It returns the
// exit code. What it tells goes to the standard error.
func Run(args []string) int {
	if len(args) < 2 {
		return failed(errors.New("usage: ravel toolexec CONFIG TOOL [arguments]"))
	}
	t := tool{config: args[0], path: args[1], args: args[2:]}
	var err error
	if !t.asked() {
		switch strings.TrimSuffix(filepath.Base(t.path), ".exe") {
		case "compile":
			err = t.compile()
		case "link":
			err = t.link()
		}
	}
	if err != nil {
		return failed(err)
	}
	return t.exec()
}

func failed(err error) int {
	fmt.Fprintf(os.Stderr, "ravel: %v\n", err)
	return 1
}

// tool is a tool of the go command and how it is run.
type tool struct {
	config, path string
	args         []string
}

// asked reports whether the tool is only asked for its version.
func (t *tool) asked() bool { return len(t.args) > 0 && strings.HasPrefix(t.args[0], "-V") }

// exec runs the tool and returns its exit code.
func (t *tool) exec() int {
	cmd := exec.Command(t.path, t.args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return max(exit.ExitCode(), 1)
	}
	return failed(err)
}

// value returns the argument that follows a flag, and its index, or -1.
func (t *tool) value(flag string) (string, int) {
	for i, a := range t.args {
		if a == flag && i+1 < len(t.args) {
			return t.args[i+1], i + 1
		}
	}
	return "", -1
}

// expand replaces an argument @file by the arguments in that file, as the go command
// writes it if there are too many.
func (t *tool) expand() error {
	var all []string
	for _, a := range t.args {
		name, ok := strings.CutPrefix(a, "@")
		if !ok {
			all = append(all, a)
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			all = append(all, unescape.Replace(strings.TrimSuffix(line, "\n")))
		}
	}
	t.args = all
	return nil
}

// unescape is how an argument is written in a file of arguments.
var unescape = strings.NewReplacer(`\\`, `\`, `\n`, "\n")

// files returns the index of the first source file among the arguments.
func (t *tool) files() int {
	first := len(t.args)
	for first > 0 && strings.HasSuffix(t.args[first-1], ".go") {
		first--
	}
	return first
}
