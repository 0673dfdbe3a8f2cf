package check

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/ravelgo/ravel/check/internal/env"
	"github.com/ravelgo/ravel/check/internal/ordinary"
	"github.com/ravelgo/ravel/sched"
)

// fileOf returns where a trace is saved, or nothing if it is not: its name
// follows from what it shows, so that people may edit the choices.
func (c Config) fileOf(tr *sched.Trace) string {
	if c.Dir == "" {
		return ""
	}
	return filepath.ToSlash(filepath.Join(c.Dir, testFolder(tr.Test), nameOfFiles(tr.Finding)+".trace"))
}

// nameOfFiles returns the name of the files about what a trace shows.
func nameOfFiles(finding string) string {
	h := fnv.New64a()
	h.Write([]byte(finding))
	return fmt.Sprintf("%016x", h.Sum64())
}

// testFolder makes the name of a test the name of a folder.
func testFolder(test string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-", r) {
			return r
		}
		return '_'
	}, test)
}

// save writes the trace of a finding.
func (c Config) save(f *Finding) error {
	if f.File == "" || f.Trace == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(f.File), 0o777); err != nil {
		return err
	}
	tr := *f.Trace
	if _, noted := ordinary.NotedCommand(tr.Notes); c.test != nil && !noted {
		tr.Notes = append(slices.Clip(tr.Notes), ordinary.Note())
	}
	return os.WriteFile(f.File, tr.Bytes(), 0o666)
}

// replaySaved runs the trace that RAVEL_REPLAY names, or the saved ones. It
// reports whether the test is over: a trace was asked for, or one failed.
func (s *search) replaySaved(t testing.TB) bool {
	t.Helper()
	if name := os.Getenv("RAVEL_REPLAY"); name != "" {
		tr, err := readTrace(name)
		if err != nil {
			t.Fatalf("check: RAVEL_REPLAY: %v", err)
		}
		if tr.Test == s.name {
			s.replayOne(t, name, tr, true)
			return true
		}
	}
	if tried, _, _ := env.Saved(os.Getenv("RAVEL_SAVED")); !tried {
		return false
	}
	folder := filepath.Join(s.cfg.Dir, testFolder(s.name))
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Logf("check: saved traces: %v", err)
	}
	failed := false
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".trace") {
			continue
		}
		name := filepath.ToSlash(filepath.Join(folder, e.Name()))
		tr, err := readTrace(name)
		if err != nil {
			t.Errorf("check: saved trace: %v", err)
			failed = true
			continue
		}
		if tr.Test == s.name { // else two names make one folder
			failed = s.replayOne(t, name, tr, false) || failed
		}
	}
	return failed
}

// replayOne runs the trace of a file and reports what goes wrong, if anything
// does. If that is not what the trace is about, because the code has changed, it
// is left to the search, unless the trace was asked for.
func (s *search) replayOne(t testing.TB, name string, tr *sched.Trace, asked bool) (failed bool) {
	t.Helper()
	x := s.explainer()
	if !sameFile(name, s.cfg.fileOf(tr)) {
		x.file = name
	}
	f, keys, err := x.finding(tr)
	s.publisher.replayed(name, f.Kind != "", err)
	failed = f.Kind != "" && (asked || err == nil || slices.Contains(keys, tr.Finding))
	if failed {
		s.tell(t, &f)
	}
	switch {
	case f.Kind != "" && !failed:
		t.Logf("ravel: %s: the run was not the same, and something else went wrong: %v", name, err)
	case f.Kind != "" && err != nil:
		t.Logf("ravel: %s: the run was not the same: %v", name, err)
	case err != nil:
		t.Logf("ravel: %s: nothing goes wrong any more, in a run that is not quite the one that was saved: %v; the file may be kept, to try this schedule first, or deleted", name, err)
	case f.Kind == "":
		t.Logf("ravel: %s: nothing goes wrong any more; the file may be kept, to try this schedule first, or deleted", name)
	}
	return failed
}

// sameFile reports whether two names are those of one file.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	y, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(x, y)
}

func readTrace(name string) (*sched.Trace, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file; a relative name is looked up in the folder of the package", name)
	}
	if err != nil {
		return nil, err
	}
	tr, err := sched.ParseTrace(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return tr, nil
}
