// Command wordcount counts the words of a directory tree of text with a ravel
// pipeline, and then shows what a search over schedules finds in a variant of
// the pipeline that forgets a lock.
//
//	wordcount [DIR]
//
// DIR is by default the source of Go's standard library. Of Go files the
// documentation comments count, of other text everything.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/build"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "wordcount:", err)
		os.Exit(1)
	}
}

// run does the job on real goroutines and then the searches.
func run(ctx context.Context, args []string, out io.Writer, progress *os.File) error {
	dir := filepath.Join(build.Default.GOROOT, "src")
	switch {
	case len(args) > 1:
		return errors.New("more than one directory; usage: wordcount [DIR]")
	case len(args) == 1:
		dir = args[0]
	}
	if info, err := os.Stat(dir); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%s is not a directory; usage: wordcount [DIR]", dir)
	}
	if err := countDir(ctx, dir, out, progress); err != nil {
		return err
	}
	return simulate(out)
}

// countDir counts the words under dir and prints what is found.
func countDir(ctx context.Context, dir string, out io.Writer, progress *os.File) error {
	state := &State{Dir: os.DirFS(dir)}
	workers := runtime.GOMAXPROCS(0)
	result, err := pipeline(workers, careful).Run(ctx, state, engine.RunOptions{Observers: observers(progress)})
	if err != nil {
		return err
	}
	for _, err := range state.Skipped.All() {
		fmt.Fprintln(os.Stderr, "wordcount: skipped:", err)
	}
	fmt.Fprintf(out, "Most frequent words under %s:\n\n", dir)
	all := 0
	for _, n := range state.total.words {
		all += n
	}
	for _, word := range top(state.total.words, 10) {
		fmt.Fprintf(out, "  %-12s %9d\n", word, state.total.words[word])
	}
	fmt.Fprintf(out, "\n%d files, %.1f MB, %d words, %d different ones, in %.2f s on %d workers.\n",
		state.total.files, float64(state.total.bytes)/1e6, all, len(state.total.words), result.Duration.Seconds(), workers)
	return nil
}

// top returns the n most frequent words.
func top(words map[string]int, n int) []string {
	all := slices.SortedFunc(maps.Keys(words), func(a, b string) int {
		return cmp.Or(cmp.Compare(words[b], words[a]), cmp.Compare(a, b))
	})
	return all[:min(n, len(all))]
}

// observers returns what shows the progress of a run, if file is a terminal.
func observers(file *os.File) []engine.Observer {
	info, err := file.Stat()
	if err != nil || info.Mode()&fs.ModeCharDevice == 0 {
		return nil
	}
	return []engine.Observer{&meter{out: file}}
}

// meter shows on one line how many items of a map are done.
type meter struct {
	out         io.Writer
	done, count int
	shown       time.Time
}

// Observe takes in one event.
func (m *meter) Observe(e event.Event) {
	switch data := e.Data.(type) {
	case event.MapStarted:
		m.count = data.Count
	case event.Ended:
		if e.Kind == event.Worker {
			m.done++
		}
	case event.Finished:
		fmt.Fprint(m.out, "\r\x1b[K")
		return
	}
	if m.count > 0 && e.Time.Sub(m.shown) > 50*time.Millisecond {
		m.shown = e.Time
		fmt.Fprintf(m.out, "\r%d of %d files", m.done, m.count)
	}
}
