package check

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"
)

// Regression returns the source of a test that replays the schedule of f and fails
// as long as something goes wrong in it. Its body is to be filled in: that of the
// test which has found f. With RAVEL_REGRESSION=1 it is printed with the report.
// A saved trace is a regression test as well; this one also holds where the code
// of the test moves elsewhere.
func (f Finding) Regression() string {
	if f.Trace == nil {
		return ""
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("// %s", f.Summary)
	line("func %s(t *testing.T) {", f.testName())
	line("\ttrace, err := sched.ParseTrace([]byte(%s))", quoteGo(string(f.Trace.Bytes())))
	line("\tif err != nil {\n\t\tt.Fatal(err)\n\t}")
	line("\tf, err := check.Config{}.Replay(trace, func(t *check.T) {")
	if len(f.Trace.Input) > 0 {
		line("\t\t// The body of %s, which draws from t.Rapid().", f.Trace.Test)
	} else {
		line("\t\t// The body of %s.", f.Trace.Test)
	}
	line("\t})")
	line("\tif err != nil {\n\t\tt.Log(err) // the run is another one: the code has changed\n\t}")
	line("\tif f.Kind != \"\" {\n\t\tt.Errorf(\"\\n%%s\", f.Report)\n\t}")
	line("}")
	return b.String()
}

// offer prints a regression test if the environment asks for it.
func offer(t testing.TB, f *Finding) {
	t.Helper()
	if os.Getenv("RAVEL_REGRESSION") == "1" {
		t.Logf("a test of this schedule, which imports ravel's check and sched:\n\n%s", f.Regression())
	}
}

// testName makes a name of the test and of what was found.
func (f Finding) testName() string {
	name := ""
	upper := false
	for _, r := range f.Trace.Test + " " + f.Kind {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			upper = true
		case upper:
			name, upper = name+string(unicode.ToUpper(r)), false
		default:
			name += string(r)
		}
	}
	if !strings.HasPrefix(name, "Test") {
		name = "Test" + name
	}
	return name
}

// quoteGo makes text a literal of Go, on several lines if it can be.
func quoteGo(text string) string {
	if strings.Contains(text, "`") {
		return fmt.Sprintf("%q", text)
	}
	return "`" + text + "`"
}
