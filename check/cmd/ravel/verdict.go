package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// verdict passes the output of go test on and notes what it says.
type verdict struct {
	out    io.Writer
	line   []byte // as far as it has come
	failed bool   // a test did
	broken bool   // a package does not build
	ran    bool   // a package had tests to run
	idle   bool   // a package had none
	empty  bool   // the package that runs has none
}

func (v *verdict) Write(data []byte) (int, error) {
	rest := append(v.line, data...)
	for {
		line, after, ok := bytes.Cut(rest, []byte("\n"))
		if !ok {
			v.line = bytes.Clone(rest)
			return v.out.Write(data)
		}
		v.note(string(line))
		rest = after
	}
}

// note looks at one line of go test.
func (v *verdict) note(line string) {
	switch {
	case strings.HasPrefix(line, "FAIL\t"):
		unbuilt := strings.HasSuffix(line, " failed]")
		v.broken = v.broken || unbuilt
		v.failed = v.failed || !unbuilt
	case strings.HasPrefix(line, "ok  \t"):
		none := v.empty || strings.HasSuffix(line, "[no tests to run]")
		v.empty = false
		v.ran, v.idle = v.ran || !none, v.idle || none
	case line == "testing: warning: no tests to run": // the line below does not say so with -v
		v.empty = true
	case strings.HasPrefix(line, "?   \t"):
		v.idle = true
	}
}

// goTest runs go test and passes its output on. If no test ran it is an error
// that says so.
func (a *app) goTest(p process, none string) error {
	v := &verdict{out: a.out}
	code, err := a.start(p, v, a.err)
	switch {
	case err != nil:
		return err
	case v.failed || a.soft.Err() != nil:
		return errFound
	case v.broken:
		return goFailed("go test: a package does not build")
	case code != 0:
		return goFailed("go test has failed; see above")
	case v.idle && !v.ran:
		return errors.New(none)
	}
	return nil
}
