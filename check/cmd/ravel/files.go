package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/ravelgo/ravel/check/report"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Files that are larger are none of ours.
const (
	maxTrace  = 16 << 20
	maxReport = 256 << 20
)

// readText reads a file of text with at most limit bytes. The error names it.
func readText(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such file", name)
	case err != nil:
		return nil, named(name, err)
	case info.IsDir():
		return nil, fmt.Errorf("%s: is a folder, want a file in it", name)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: is no regular file", name)
	case info.Size() > limit:
		return nil, fmt.Errorf("%s: has %d MB, more than the %d MB that such a file may have", name, info.Size()>>20, limit>>20)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, named(name, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit))
	switch {
	case err != nil:
		return nil, named(name, err)
	case len(bytes.TrimSpace(text)) == 0:
		return nil, fmt.Errorf("%s: the file is empty", name)
	case bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text):
		return nil, fmt.Errorf("%s: is binary, want text", name)
	}
	return text, nil
}

// named puts the name of a file in front of an error that may have it already.
func named(name string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// readTrace reads the file of a trace.
func readTrace(name string) (*sched.Trace, error) {
	text, err := readText(name, maxTrace)
	if err != nil {
		return nil, err
	}
	return parseTrace(name, text)
}

// parseTrace parses a trace that can be replayed.
func parseTrace(name string, text []byte) (*sched.Trace, error) {
	tr, err := sched.ParseTrace(text)
	if err == nil && strings.TrimSpace(tr.Test) == "" {
		err = errors.New(`there is no line "test TestX" that names the test`)
	}
	if err == nil {
		_, err = strategy.Replay(tr)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(strings.TrimPrefix(err.Error(), "sched: "), "trace "))
	}
	return tr, nil
}

// isJSON reports whether text is meant to be JSON: no trace begins like that.
func isJSON(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) > 0 && text[0] == '{'
}

// parseReport parses a report of a finding.
func parseReport(name string, text []byte) (*report.Report, error) {
	r, err := report.Parse(text)
	if err == nil && r.Kind == "" {
		if isSearch(name) {
			return nil, fmt.Errorf("%s: is about a search; show one of the findings beside it", name)
		}
		err = errors.New("there is no finding in it")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "report: "))
	}
	return r, nil
}

// write writes data to a file, or to the standard output if the name is "-" or
// empty.
func (a *app) write(name string, data []byte) error {
	if name == "" || name == "-" {
		_, err := a.out.Write(data)
		return err
	}
	if err := os.WriteFile(name, data, 0o666); err != nil {
		return named(name, err)
	}
	return nil
}

// near returns a name of a file as seen from the current folder, if it is below
// it or not far above.
func near(name string) string {
	here, err := os.Getwd()
	if err != nil {
		return name
	}
	rel, err := filepath.Rel(here, name)
	if err != nil || strings.HasPrefix(rel, filepath.Join("..", "..")) {
		return name
	}
	return rel
}
