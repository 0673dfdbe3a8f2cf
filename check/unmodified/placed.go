package unmodified

import (
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// placed is a T whose lines begin with the place of the test function, as what that
// logs does: no call of the function is under way when a search reports.
type placed struct {
	*testing.T
	at string
}

func place(t *testing.T, f func(*testing.T)) placed {
	pc := reflect.ValueOf(f).Pointer()
	file, line := runtime.FuncForPC(pc).FileLine(pc)
	return placed{t, fmt.Sprintf("%s:%d: ", filepath.Base(file), line)}
}

// Errorf is [testing.T.Errorf].
func (p placed) Errorf(format string, args ...any) {
	p.Logf(format, args...)
	p.Fail()
}

// Fatalf is [testing.T.Fatalf].
func (p placed) Fatalf(format string, args ...any) {
	p.Logf(format, args...)
	p.FailNow()
}

// Log is [testing.T.Log].
func (p placed) Log(args ...any) { p.write(fmt.Sprintln(args...)) }

// Logf is [testing.T.Logf].
func (p placed) Logf(format string, args ...any) { p.write(fmt.Sprintf(format, args...)) }

func (p placed) write(text string) {
	text = strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ")
	_, _ = io.WriteString(p.Output(), p.at+text+"\n")
}
