package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/sqlite"
	"github.com/ravelgo/ravel/sched"
)

const (
	resumedRuns = 10
	resumeEnv   = "RAVEL_SQLITE_RESUMED" // the file
)

// TestKilledRuns kills a process in which pipelines run, again and again, until
// they have come to their end: no acknowledged checkpoint is lost, what it has does
// not run again, and each run comes to the right result.
func TestKilledRuns(t *testing.T) {
	files := 20
	if testing.Short() {
		files = 3
	}
	random := rand.New(rand.NewPCG(3, 4)) // only how many lines come before the kill
	kills := 0
	for range files {
		path := filepath.Join(t.TempDir(), "runs.db")
		seen := runsSeen{}
		for !runAndKill(t, path, 5+random.IntN(30), seen) {
			kills++
			expireLeases(t, path)
		}
		checkResults(t, path, seen)
	}
	t.Logf("%d runs, %d kills", files*resumedRuns, kills)
}

// runsSeen is what children have said, by run.
type runsSeen map[string]*runSeen

type runSeen struct {
	ended, kept map[string]bool // nodes, and those of a checkpoint that was acknowledged
	checkpoints int
}

// say takes a line: ran, ended or kept, a run and a node or a number.
func (s runsSeen) say(t *testing.T, line string) {
	var what, id, node string
	_, err := fmt.Sscanf(line, "%s %s %s", &what, &id, &node)
	require.NoError(t, err, line)
	r := s[id]
	if r == nil {
		r = &runSeen{ended: map[string]bool{}, kept: map[string]bool{}}
		s[id] = r
	}
	switch what {
	case "ran":
		assert.False(t, r.kept[node], "node %s of run %s runs again although a checkpoint has it", node, id)
		delete(r.ended, node)
	case "ended":
		r.ended[node] = true
	case "kept":
		n, err := strconv.Atoi(node)
		require.NoError(t, err)
		assert.Greater(t, n, r.checkpoints, "run %s: an acknowledged checkpoint is lost", id)
		r.checkpoints = n
		for name := range r.ended {
			r.kept[name] = true
		}
	}
}

// runAndKill starts a child, kills it after some lines, and reports whether it has
// come to its end before.
func runAndKill(t *testing.T, path string, lines int, seen runsSeen) bool {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), program, "-test.run=^TestResumedChild$")
	child.Env = append(os.Environ(), resumeEnv+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	done := false
	for scan := bufio.NewScanner(out); scan.Scan() && !done; lines-- {
		if lines == 0 {
			require.NoError(t, child.Process.Kill())
		}
		if done = scan.Text() == "PASS"; !done {
			seen.say(t, scan.Text())
		}
	}
	return child.Wait() == nil && done
}

// expireLeases does what time does: the leases of the killed process end.
func expireLeases(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec("UPDATE runs SET lease_until = started_at WHERE lease_until IS NOT NULL")
	if err != nil {
		require.ErrorContains(t, err, "no such table", "the process was killed before it had made the tables")
	}
}

func checkResults(t *testing.T, path string, seen runsSeen) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	require.NoError(t, err)
	defer s.Close()
	for i := range resumedRuns {
		id := fmt.Sprint("run-", i)
		saved, err := s.Load(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, store.Success, saved.Run.Status)
		assert.LessOrEqual(t, seen[id].checkpoints, saved.Checkpoint.Number)
		sum, err := sums().Load(t.Context(), s, id)
		require.NoError(t, err)
		assert.Equal(t, &summing{Squares: []int{0, 1, 4, 9, 16}, Sum: 30, Steps: []string{"list", "squares", "sum", "left", "right", "end"}}, sum)
	}
}

// summing is the state of the runs.
type summing struct {
	Squares []int
	Sum     int
	Steps   []string
}

// sums is a pipeline that adds squares.
func sums() *engine.Pipeline[summing] {
	p := engine.New[summing]("sums", engine.Options{})
	step := func(name string, fn func(s *summing)) *engine.Node[summing] {
		return p.Step(name, func(ctx context.Context, s *summing) error {
			said("ran", ctx)
			sched.Sleep(time.Millisecond)
			if fn != nil {
				fn(s)
				s.Steps = append(s.Steps, name)
			}
			return nil
		}, engine.NodeOptions{})
	}
	squares := engine.MapGather(p, "squares", engine.Gather[summing, int, int]{
		Items: engine.Slice(func(context.Context, *summing) ([]int, error) { return []int{0, 1, 2, 3, 4}, nil }),
		Do: func(_ context.Context, _ *summing, i int) (int, error) {
			sched.Sleep(time.Millisecond)
			return i * i, nil
		},
		Collect: func(_ context.Context, s *summing, _, square int) error {
			s.Squares = append(s.Squares, square)
			return nil
		},
	}, engine.MapOptions{MaxConcurrency: 2})
	sum := step("sum", func(s *summing) {
		s.Steps = append(s.Steps, "squares")
		for _, n := range s.Squares {
			s.Sum += n
		}
	})
	left, right := step("left", nil), step("right", nil)
	end := step("end", func(s *summing) { s.Steps = append(s.Steps, "left", "right") })
	step("list", func(*summing) {}).To(squares)
	squares.To(sum)
	sum.To(left, right)
	left.To(end)
	right.To(end)
	return p
}

func said(what string, ctx context.Context) {
	info := engine.Info(ctx)
	fmt.Println(what, info.RunID, info.Node)
}

// telling prints what the parent is to know.
type telling struct{}

func (telling) Observe(e event.Event) {
	switch d := e.Data.(type) {
	case event.Ended:
		if e.Index < 0 {
			fmt.Println("ended", e.RunID, e.Node)
		}
	case event.Checkpointed:
		fmt.Println("kept", e.RunID, d.Number)
	}
}

// TestResumedChild is the process that is killed.
func TestResumedChild(t *testing.T) {
	path := os.Getenv(resumeEnv)
	if path == "" {
		t.Skip("a part of TestKilledRuns")
	}
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	require.NoError(t, err)
	defer s.Close()
	g, ctx := sched.NewGroup(t.Context())
	for i := range resumedRuns {
		g.Go(func() error { return runOrResume(ctx, s, fmt.Sprint("run-", i)) })
	}
	require.NoError(t, g.Wait())
}

func runOrResume(ctx context.Context, s *sqlite.Store, id string) error {
	opts := engine.RunOptions{ID: id, Store: s, Observers: []engine.Observer{telling{}}}
	_, err := sums().Run(ctx, &summing{}, opts)
	if errors.Is(err, engine.ErrRunExists) {
		opts.Resume = id
		_, err = sums().Run(ctx, nil, opts)
	}
	if errors.Is(err, engine.ErrNotResumable) {
		return nil
	}
	return err
}
