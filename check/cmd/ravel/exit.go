package main

import (
	"errors"
	"fmt"
)

// Exit codes.
const (
	codeFound       = 1
	codeUsage       = 2
	codeGo          = 3
	codeInterrupted = 130
)

// codesHelp explains them.
const codesHelp = `

Exit codes: 0 nothing is wrong; 1 something was found, differs or still fails;
2 bad usage or input; 3 the go command failed, such as for code that does not
build; 130 interrupted. (go run makes 1 of all but 0; go tool does not.)`

// failure is an error with an exit code of its own. Without err it has been told.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string {
	if f.err == nil {
		return fmt.Sprintf("exit code %d", f.code)
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// errFound says that what was found has been told.
var errFound = &failure{code: codeFound}

// goFailed returns an error about the go command.
func goFailed(format string, args ...any) error {
	return &failure{codeGo, fmt.Errorf(format, args...)}
}

// finish tells an error and returns the exit code.
func (a *app) finish(err error) int {
	var f *failure
	code := codeUsage
	switch {
	case err == nil:
		code = 0
	case errors.As(err, &f):
		code = f.code
	}
	if a.soft.Err() != nil {
		code = codeInterrupted
	}
	if err != nil && (f == nil || f.err != nil) {
		a.tell("%v", err)
	} else if code == codeInterrupted {
		a.tell("interrupted")
	}
	return code
}
