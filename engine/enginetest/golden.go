package enginetest

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ravelgo/ravel/engine/event"
)

// howUpdate says how a golden file is written.
const howUpdate = "run the test with RAVEL_UPDATE=1 to write it, and read what has changed"

// Golden compares the run with the file testdata/name.golden, and fails the test if it
// differs: the events, one a line as [Trace] writes them, with the time since START where
// that goes on, and the failures with their texts. Values that are emitted should print
// alike in each process.
//
// With RAVEL_UPDATE=1 in the environment, or the flag -update if the package of the test
// has one, it writes the file instead. The file is that of one schedule, so it is not for
// the body of a search.
func (r *Recording) Golden(name string) {
	r.t.Helper()
	if !r.ran() {
		return
	}
	file := filepath.Join("testdata", filepath.FromSlash(name)+".golden")
	got := r.lines()
	if updates() {
		if err := write(file, strings.Join(got, "\n")+"\n"); err != nil {
			r.t.Errorf("enginetest: %v", err)
		}
		return
	}
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.t.Errorf("enginetest: there is no file %s; %s. The run is:\n  %s", file, howUpdate, strings.Join(got, "\n  "))
	case err != nil:
		r.t.Errorf("enginetest: %v", err)
	default:
		want := strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), "\n")
		if diff := difference(want, got); diff != "" {
			r.t.Errorf("enginetest: the run differs from %s:\n%sIf it is right now, %s.", file, diff, howUpdate)
		}
	}
}

// updates reports whether golden files are to be written.
func updates() bool {
	if os.Getenv("RAVEL_UPDATE") == "1" {
		return true
	}
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

func write(file, text string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// lines are the run as a golden file has it.
func (r *Recording) lines() []string {
	var all []string
	line := func(text string) {
		all = append(all, strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(text))
	}
	var now event.Event
	for _, e := range r.Events {
		text := short(e)
		if e.Elapsed != now.Elapsed {
			text += " at " + e.Elapsed.String()
		}
		line(text)
		if d, ok := e.Data.(event.Finished); ok && e.Type == event.Finish {
			for _, f := range d.Failures {
				line("  " + f)
			}
		}
		now = e
	}
	return all
}

// around is how many equal lines are shown before and after a difference.
const around = 2

// difference shows the lines in which two lists differ, between those at the begin and
// at the end that are equal; nothing if all are.
func difference(want, got []string) string {
	same := 0
	for same < min(len(want), len(got)) && want[same] == got[same] {
		same++
	}
	if same == len(want) && same == len(got) {
		return ""
	}
	w, g := len(want), len(got)
	for w > same && g > same && want[w-1] == got[g-1] {
		w, g = w-1, g-1
	}
	var b strings.Builder
	show := func(mark string, lines []string) {
		for _, l := range lines {
			fmt.Fprintf(&b, "%s %s\n", mark, l)
		}
	}
	show(" ", want[max(0, same-around):same])
	show("-", want[same:w])
	show("+", got[same:g])
	show(" ", want[w:min(len(want), w+around)])
	return b.String()
}
