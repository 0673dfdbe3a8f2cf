package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// pkg is a package, as go list describes it.
type pkg struct {
	Path         string `json:"ImportPath"`
	Dir          string
	TestGoFiles  []string
	XTestGoFiles []string
	Error        *struct{ Err string }
}

// list runs go list and decodes what it prints.
func list[T any](a *app, p process) ([]T, error) {
	var out, errOut bytes.Buffer
	code, err := a.start(p, &out, &errOut)
	if err != nil {
		return nil, err
	}
	if code != 0 {
		return nil, goFailed("go list: %s", strings.TrimSpace(errOut.String()))
	}
	var all []T
	for d := json.NewDecoder(&out); ; {
		var v T
		switch err := d.Decode(&v); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, goFailed("go list: %v", err)
		}
		all = append(all, v)
	}
}

// packages returns those that patterns match, seen from a folder; none means ./...
func (a *app) packages(dir string, patterns []string) ([]pkg, error) {
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	all, err := list[pkg](a, goTool(dir, append([]string{"list", "-e", "-json=ImportPath,Dir,TestGoFiles,XTestGoFiles,Error", "--"}, patterns...)...))
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no packages match %s", strings.Join(patterns, " "))
	}
	if i := slices.IndexFunc(all, func(p pkg) bool { return p.Dir == "" }); i >= 0 {
		return nil, noPackage(all[i])
	}
	return all, nil
}

// noPackage is the error for a package that does not exist.
func noPackage(p pkg) error {
	text := p.Path + ": no such package"
	if p.Error != nil {
		text = p.Error.Err
	}
	if info, err := os.Stat(p.Path); err == nil && info.IsDir() {
		text += "; for the folder write ./" + filepath.ToSlash(p.Path)
	}
	return errors.New(text)
}

// errNoTests says that a package has no test files.
var errNoTests = errors.New("no test files")

// binary is the test binary of a package.
type binary struct {
	pkg  pkg
	file string
}

// build compiles the tests of a package into a folder, which it makes.
func (a *app) build(p pkg, folder string, flags []string) (*binary, error) {
	if len(p.TestGoFiles)+len(p.XTestGoFiles) == 0 && p.Error == nil {
		return nil, errNoTests
	}
	file := filepath.Join(folder, strings.NewReplacer("/", "_", ":", "_").Replace(p.Path)+".test")
	if runtime.GOOS == "windows" {
		file += ".exe"
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	code, err := a.start(goTool(p.Dir, append(append([]string{"test", "-c", "-o", file}, flags...), ".")...), &out, &out)
	switch {
	case err != nil:
		return nil, err
	case code != 0:
		return nil, goFailed("%s does not build:\n%s", p.Path, strings.TrimSpace(out.String()))
	}
	if _, err := os.Stat(file); err != nil {
		return nil, errNoTests
	}
	return &binary{p, file}, nil
}
