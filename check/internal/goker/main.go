// Command goker looks for the bugs of a public collection in ordinary code: the
// kernels of GoBench (Yuan et al., CGO 2021) that the Go distribution has for the tests
// of its goroutine-leak profile. They are read from the installed distribution, each is
// instrumented and searched with several seeds, and a table is printed. Beside it is
// what the leak profile and the race detector of Go see when they run the kernel once.
//
// Each kernel starts up to ten thousand copies of itself, so that a bug shows in one of
// them. A search needs no luck: one copy is started, or three where they differ, and
// loops that do the same a hundred times and more do it three times. The call that
// prints the leak profile is left out. Nothing else is changed.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

func main() {
	var o options
	flag.IntVar(&o.seeds, "seeds", 20, "how many seeds to search with")
	flag.IntVar(&o.runs, "runs", 1000, "how many schedules a search may try")
	flag.StringVar(&o.only, "only", "", "regular expression of the kernels to look at")
	flag.BoolVar(&o.plain, "plain", true, "run the leak profile and the race detector too")
	flag.BoolVar(&o.keep, "keep", false, "keep the folder of the instrumented kernels")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "goker:", err)
		os.Exit(1)
	}
}

type options struct {
	seeds, runs int
	only        string
	plain, keep bool
}

// source is where the distribution has the kernels.
func source() string {
	return filepath.Join(goEnv("GOROOT"), "src/runtime/testdata/testgoroutineleakprofile/goker")
}

func run(o options) error {
	kernels, err := find(source(), o.only)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "goker")
	if err != nil {
		return err
	}
	if o.keep {
		fmt.Fprintln(os.Stderr, "goker:", dir)
	} else {
		defer os.RemoveAll(dir)
	}
	b, err := build(dir, kernels, o.plain)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %s/%s, %d CPUs; %d seeds, at most %d schedules each\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), o.seeds, o.runs)
	var t table
	t.begin()
	for _, k := range kernels {
		r, err := b.search(k, o)
		if err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		if o.plain {
			r.leaks, r.races = b.leaks(k), b.races(k)
		}
		t.add(k, r, o)
	}
	t.end(o)
	return nil
}
