package check_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/check/report"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// loseInLocks loses an update between two critical sections.
func loseInLocks(*check.T) { deposit(false) }

// published runs a body as a test whose reports go to a folder, and returns that of
// the test.
func published(t *testing.T, body func(*check.T)) (folder string, out *fakeTB) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("RAVEL_REPORT", dir)
	out = runFake(t, "TestPublished/a b", func(f testing.TB) { check.Config{Runs: 100, Dir: t.TempDir()}.Run(f, body) })
	return filepath.Join(dir, "github.com", "ravelgo", "ravel", "check", "TestPublished_a_b"), out
}

// A search writes how it went, and for each finding data and a page.
func TestReportFolder(t *testing.T) {
	folder, out := published(t, loseInLocks)
	assert.Contains(t, out.output(), "the reports are in "+folder)

	text, err := os.ReadFile(filepath.Join(folder, "search.json"))
	require.NoError(t, err)
	s, err := report.ParseSearch(text)
	require.NoError(t, err)
	assert.Equal(t, "github.com/ravelgo/ravel/check", s.Package)
	assert.Equal(t, "TestPublished/a b", s.Test)
	assert.Positive(t, s.Runs)
	require.Len(t, s.Findings, 1)

	text, err = os.ReadFile(filepath.Join(folder, s.Findings[0].Name+".json"))
	require.NoError(t, err)
	r, err := report.Parse(text)
	require.NoError(t, err)
	assert.Equal(t, "lost update", r.Kind)
	assert.Contains(t, out.failures(), r.Text)
	assert.NotEmpty(t, r.Sources)

	page, err := os.ReadFile(filepath.Join(folder, s.Findings[0].Name+".html"))
	require.NoError(t, err)
	assert.Contains(t, string(page), "<!doctype html>")
}

// A search that finds nothing says so, and one that cannot write says that.
func TestReportFolderErrors(t *testing.T) {
	folder, out := published(t, func(*check.T) { deposit(true) })
	assert.False(t, out.Failed())
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, files, 1)

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	t.Setenv("RAVEL_REPORT", file)
	out = runFake(t, "TestX", func(f testing.TB) { check.Config{Runs: 1, Dir: t.TempDir()}.Run(f, func(*check.T) {}) })
	assert.Contains(t, out.failures(), "check: RAVEL_REPORT: ")
}

// The data has the orders that locks and starts make, the conflicts that nothing
// orders, and clocks that agree with both.
func TestReportEdges(t *testing.T) {
	result := check.Config{Runs: 100}.Search(t.Name(), func(*check.T) {
		var n race.Var[int]
		var mu sched.Mutex
		done := sched.NewChan[int](0)
		sched.Go(func() {
			mu.Lock()
			n.Store(1)
			mu.Unlock()
			done.Send(1)
		})
		mu.Lock()
		m := n.Load()
		mu.Unlock()
		n.Store(m + 2)
		done.Recv()
		_ = n.Load()
	})
	require.NotEmpty(t, result.Findings)
	s := result.Findings[0].Data.Failing
	var got []string
	for _, e := range s.Edges {
		got = append(got, s.Steps[e.From].Text+" "+e.Kind+" "+s.Steps[e.To].Text)
	}
	for _, want := range []string{
		"go task 1 happens-before lock mu",
		"unlock mu happens-before lock mu",
		"write n = 1 conflict write n = 2",
	} {
		assert.Contains(t, got, want)
	}
	for _, e := range s.Edges {
		from, to := s.Steps[e.From], s.Steps[e.To]
		ordered := to.Clock[from.Task] >= from.Clock[from.Task]
		assert.Equal(t, e.Kind == report.HappensBefore, ordered, "%v", e)
	}
	assert.NotNil(t, result.Findings[0].Data.Passing)
}

// The data is the same in each search, and when the trace is replayed.
func TestReportDataAgain(t *testing.T) {
	search := func() *report.Report { return check.Config{Runs: 100}.Search(t.Name(), loseInLocks).Findings[0].Data }
	first := search()
	assert.Empty(t, cmp.Diff(first, search()))
	again, err := check.Config{}.Replay(mustTrace(t, first.Trace), loseInLocks)
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(first.Failing, again.Data.Failing))
}

func mustTrace(t *testing.T, text string) *sched.Trace {
	t.Helper()
	tr, err := sched.ParseTrace([]byte(text))
	require.NoError(t, err)
	return tr
}

// A very long run is cut to the steps before its end.
func TestReportLongRun(t *testing.T) {
	result := check.Config{Runs: 1, MaxSteps: 20_000}.Search(t.Name(), func(*check.T) {
		for {
			sched.Yield()
		}
	})
	s := result.Findings[0].Data.Failing
	assert.Len(t, s.Steps, 5000)
	assert.Equal(t, 15_000, s.Left)
	assert.Equal(t, 15_001, s.Steps[0].N)
}

// Each shard has a seed of its own, the first that of the search without shards.
func TestShards(t *testing.T) {
	seeds := map[uint64]bool{}
	for _, shard := range []string{"", "0/3", "1/3", "2/3"} {
		t.Setenv("RAVEL_SHARD", shard)
		folder, _ := published(t, func(*check.T) {})
		text, err := os.ReadFile(filepath.Join(folder, "search.json"))
		require.NoError(t, err)
		s, err := report.ParseSearch(text)
		require.NoError(t, err)
		seeds[s.Seed] = true
	}
	assert.Len(t, seeds, 3)
	for _, bad := range []string{"3/3", "1", "/", "a/b", "-1/3", "1/0"} {
		t.Setenv("RAVEL_SHARD", bad)
		out := runFake(t, "TestX", func(f testing.TB) { check.Run(f, func(*check.T) {}) })
		assert.Contains(t, out.failures(), "RAVEL_SHARD is")
	}
}
