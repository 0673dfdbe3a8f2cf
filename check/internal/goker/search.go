package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ravelgo/ravel/check/report"
)

// result is what is found in a kernel.
type result struct {
	found       int      // seeds that show it
	kinds       []string // as what
	firsts      []int    // schedules up to the first finding, of the seeds that found it
	preemptions int      // the fewest
	fewest      bool     // and none with fewer shows it
	other       string   // what was told of a search that found nothing
	leaks       string
	races       string
}

// search searches a kernel with each seed. A short search comes first, as most find
// at once what there is.
func (b *builds) search(k kernel, o options) (*result, error) {
	r := &result{preemptions: -1}
	for seed := 1; seed <= o.seeds; seed++ {
		s, err := b.once(k, seed, min(o.runs, 20))
		if err == nil && len(s.Findings) == 0 && !s.Complete && o.runs > 20 {
			s, err = b.once(k, seed, o.runs)
		}
		if err != nil {
			r.other = err.Error()
			continue
		}
		r.add(s)
	}
	slices.Sort(r.firsts)
	return r, nil
}

// add notes one search.
func (r *result) add(s *report.Search) {
	first := 0
	for _, f := range s.Findings {
		if f.Run == 0 || f.Kind == "no end" { // the first is no property of a schedule
			r.other = f.Summary
			continue
		}
		if first == 0 || f.Run < first {
			first = f.Run
		}
		if !slices.Contains(r.kinds, f.Kind) {
			r.kinds = append(r.kinds, f.Kind)
		}
		if r.preemptions < 0 || f.Preemptions < r.preemptions {
			r.preemptions, r.fewest = f.Preemptions, f.Fewest || f.Preemptions == 0
		}
	}
	if first > 0 {
		r.found++
		r.firsts = append(r.firsts, first)
	} else if len(s.Findings) == 0 {
		r.other = s.Summary
	}
}

// median returns the middle of the schedules up to the first finding.
func (r *result) median() string {
	if len(r.firsts) == 0 {
		return "-"
	}
	return fmt.Sprint(r.firsts[len(r.firsts)/2])
}

// once makes one search, in a process of its own.
func (b *builds) once(k kernel, seed, runs int) (*report.Search, error) {
	folder, err := os.MkdirTemp(b.dir, "report")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.tests, "-test.run=^Test"+k.name+"$", "-test.timeout=50s")
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("RAVEL_SEED=%d", seed), fmt.Sprintf("RAVEL_RUNS=%d", runs),
		"RAVEL_REPORT="+folder, "RAVEL_SAVED=off")
	out, _ := cmd.CombinedOutput()
	var s *report.Search
	err = filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasPrefix(filepath.Base(path), "search") || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &s)
	})
	if err == nil && s == nil {
		first, _, _ := strings.Cut(string(out), "\n")
		err = fmt.Errorf("no report: %s", first)
	}
	return s, err
}

// leaks runs the kernel as it is, with the leak profile of Go, and returns how many
// kinds of leaked goroutines that shows.
func (b *builds) leaks(k kernel) string {
	out := runPlain(b.profiled, k.name)
	if n := bytes.Count(out, []byte("(leaked)")); n > 0 {
		return fmt.Sprint(n)
	}
	return "-"
}

// races runs the kernel as it is, with the race detector of Go.
func (b *builds) races(k kernel) string {
	switch out := runPlain(b.raced, k.name); {
	case bytes.Contains(out, []byte("WARNING: DATA RACE")):
		return "race"
	case bytes.Contains(out, []byte("all goroutines are asleep")):
		return "deadlock"
	case bytes.Contains(out, []byte("panic:")):
		return "panic"
	}
	return "-"
}

// runPlain runs a program on one kernel for some seconds at most.
func runPlain(program, kernel string) []byte {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, _ := exec.CommandContext(ctx, program, kernel).CombinedOutput()
	return out
}

// table prints the results.
type table struct {
	kernels, found int
	others         []string
}

func (t *table) begin() {
	fmt.Println("| kernel | found as | seeds | schedules | preemptions | leak profile | -race |")
	fmt.Println("|---|---|---|---|---|---|---|")
}

func (t *table) add(k kernel, r *result, o options) {
	t.kernels++
	if r.found*20 >= 19*o.seeds {
		t.found++
	} else {
		t.others = append(t.others, fmt.Sprintf("%s: %s", k.name, r.other))
	}
	preemptions := "-"
	if r.preemptions >= 0 {
		preemptions = fmt.Sprint(r.preemptions)
		if !r.fewest {
			preemptions = "<= " + preemptions
		}
	}
	fmt.Printf("| %s | %s | %d of %d | %s | %s | %s | %s |\n", k.name, strings.Join(r.kinds, ", "), r.found, o.seeds, r.median(), preemptions, r.leaks, r.races)
}

func (t *table) end(o options) {
	fmt.Printf("\n%d of %d kernels are found with at least 19 of 20 seeds. Schedules is the median up to the first finding.\n", t.found, t.kernels)
	for _, other := range t.others {
		fmt.Println("-", other)
	}
}
