package main

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ravelgo/ravel/check/internal/say"
)

// Lengths of a slice: the first, which each round doubles, the longest, and the
// shortest, at the end of the time.
const (
	firstSlice    = time.Second
	longestSlice  = time.Minute
	shortestSlice = 100 * time.Millisecond
)

// survey runs each test for one schedule to see which are checks.
func (s *soak) survey(binaries []*binary) error {
	seed := s.seedOf(0)
	s.rounds = append(s.rounds, round{Seed: seed})
	env := []string{"RAVEL_RUNS=1", fmt.Sprintf("RAVEL_SEED=%d", seed)}
	for i, b := range binaries {
		if s.soft.Err() != nil {
			return nil
		}
		var flags []string
		if s.pattern != "" {
			flags = []string{"-test.run", s.pattern}
		}
		folder := filepath.Join(s.folder, fmt.Sprintf("survey%d", i))
		how, err := s.try(b, folder, trial{env: env, flags: flags})
		if err != nil {
			return err
		}
		for _, found := range how.searches {
			t := &tally{bin: b, Package: b.pkg.Path, Test: found.Test, Fuzz: found.Fuzz}
			s.checks = append(s.checks, t)
			s.take(t, found, seed)
		}
		if err := s.keep(folder); err != nil {
			return err
		}
		s.others(b, how)
	}
	return nil
}

// others notes the tests of a package that fail and are no checks.
func (s *soak) others(b *binary, how *attempt) {
	if !how.failed() || s.soft.Err() != nil {
		return
	}
	known := false
	for line := range strings.Lines(how.output) {
		test, ok := strings.CutPrefix(strings.TrimSpace(line), "--- FAIL: ")
		if !ok {
			continue
		}
		test, _, _ = strings.Cut(test, " ")
		inCheck := slices.ContainsFunc(how.searches, func(f *searched) bool {
			return len(f.Findings) > 0 && (f.Test == test || strings.HasPrefix(f.Test, test+"/"))
		})
		if known = true; !inCheck {
			s.other = append(s.other, fmt.Sprintf("%s: %s fails", b.pkg.Path, test))
		}
	}
	if crash := how.crash(); crash != "" || !known {
		s.other = append(s.other, strings.TrimSuffix(fmt.Sprintf("%s: the test process failed: %s", b.pkg.Path, crash), ": "))
	}
}

// search gives each check that is not done its slice, round after round.
func (s *soak) search() error {
	slice := firstSlice
	for n := 1; s.soft.Err() == nil; n++ {
		var left []*tally
		for _, t := range s.checks {
			if !t.done(s.keepGoing) {
				left = append(left, t)
			}
		}
		rest := s.length - time.Since(s.begun)
		if len(left) == 0 || rest <= 0 {
			return nil
		}
		fair := rest * time.Duration(min(s.jobs, len(left))) / time.Duration(len(left))
		r := round{Seed: s.seedOf(n), Slice: max(min(slice, fair), shortestSlice)}
		if n > 1 && fair < shortestSlice {
			return nil
		}
		s.rounds = append(s.rounds, r)
		s.bar.line("round %d: %s of %v each, RAVEL_SEED=%d", n, say.Plural(len(left), "check"), r.Slice.Round(time.Millisecond), r.Seed)
		if err := s.play(r, left); err != nil {
			return err
		}
		slice = min(2*slice, longestSlice)
	}
	return nil
}

// play makes one round, with several tests at once.
func (s *soak) play(r round, left []*tally) error {
	var mu sync.Mutex // guards all of s
	var wg sync.WaitGroup
	var failed error
	free := make(chan struct{}, s.jobs)
	for i, t := range left {
		free <- struct{}{}
		mu.Lock()
		over := failed != nil || s.soft.Err() != nil || time.Since(s.begun) >= s.length
		if !over {
			s.bar.at(t.Test, s.status())
		}
		mu.Unlock()
		if over {
			break
		}
		wg.Go(func() {
			defer func() { <-free }()
			folder := filepath.Join(s.folder, fmt.Sprintf("slice%d", i))
			how, err := s.slice(t, r, folder)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				s.note(t, how, r)
				err = s.keep(folder)
			}
			if failed == nil {
				failed = err
			}
		})
	}
	wg.Wait()
	return failed
}

// slice searches one check. With --keep-going it does not try the saved traces first,
// as they would end each search at once.
func (s *soak) slice(t *tally, r round, folder string) (*attempt, error) {
	run := trial{env: s.sliceEnv(r), flags: []string{"-test.run", say.Pattern(t.Test)}}
	if s.keepGoing {
		run.env = append(run.env, "RAVEL_SAVED=skip")
	}
	return s.try(t.bin, folder, run)
}

// sliceEnv is the environment of a slice.
func (s *soak) sliceEnv(r round) []string {
	env := []string{"RAVEL_TIME=" + r.Slice.String(), fmt.Sprintf("RAVEL_SEED=%d", r.Seed)}
	if s.jobs > 1 {
		env = append(env, fmt.Sprintf("GOMAXPROCS=%d", max(1, runtime.NumCPU()/s.jobs)))
	}
	return env
}

// note takes in how a slice went.
func (s *soak) note(t *tally, how *attempt, r round) {
	found := how.search(t.Test)
	switch {
	case found != nil:
		s.take(t, found, r.Seed)
	case s.soft.Err() != nil:
	case how.crash() != "":
		t.Trouble = how.crash()
	default:
		t.Trouble = "the test made no search"
	}
	if found != nil && how.failed() && len(found.Findings) == 0 && s.soft.Err() == nil {
		t.Trouble = "the test fails without a finding " + how.crash()
	}
}

// take adds a search to the tally of its test and tells what is new.
func (s *soak) take(t *tally, found *searched, seed uint64) {
	for _, f := range t.add(found, seed) {
		s.bar.clear()
		s.printNews(t, f)
	}
}

// seedOf returns the seed of a round.
func (s *soak) seedOf(round int) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %d", s.seed, round)
	return h.Sum64() | 1
}

// keep copies the reports of a slice that has findings to where --report says, and
// removes them.
func (s *soak) keep(folder string) error {
	defer os.RemoveAll(folder)
	if s.report == "" {
		return nil
	}
	all, err := readFolder(folder)
	if err != nil || !slices.ContainsFunc(all.searches, func(f *searched) bool { return len(f.Findings) > 0 }) {
		return err
	}
	return copyTree(folder, s.report)
}
