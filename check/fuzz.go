//go:build !ravel

package check

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/check/internal/marks"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Fuzz makes a property a target of go test -fuzz, with the default Config. The bytes
// that Go's fuzzer changes are both schedule and input: from the front they are
// choices of the scheduler, as [strategy.Bytes] reads them, and from the back what
// the property draws. No bytes are the plain schedule of the simplest input.
//
//	func FuzzCache(f *testing.F) {
//		check.Fuzz(f, func(t *check.T, r *rapid.T) { ... })
//	}
//
// A schedule in which some read sees another write than ever before, or some lock,
// channel or variable goes from one operation to another one for the first time,
// counts as new coverage: the fuzzer keeps it and changes it further, as it does for
// code that was not reached before.
//
// The fuzzer minimises the bytes that fail and saves them under testdata/fuzz, as
// always. Plain go test runs them again: there the schedule and the input are made as
// small as [Prop] makes them, the whole report is printed, and the trace is saved.
//
// It is called once, as the last thing of the target, after any f.Add of []byte.
func Fuzz(f *testing.F, prop func(t *T, r *rapid.T)) {
	f.Helper()
	Config{}.Fuzz(f, prop)
}

// Fuzz is [Fuzz] with another Config. How much to try is up to the fuzzer.
func (c Config) Fuzz(f *testing.F, prop func(t *T, r *rapid.T)) {
	f.Helper()
	if prop == nil {
		panic("check: the property is nil")
	}
	notNested()
	body := func(t *T) { prop(t, t.Rapid()) }
	c = c.environment(f)
	s := newSearch(f.Name(), c, body)
	defer apart(s.close)
	s.slow.code = prop
	fuzzing := flagIs("test.fuzz") || flagIs("test.fuzzworker")
	if !fuzzing {
		s.publisher = newPublisher(s)
		s.publisher.search.Fuzz = true
		defer s.publisher.end(f, &s.result)
		failed := false
		apart(func() {
			s.learn()
			failed = s.replaySaved(f)
		})
		if failed || os.Getenv("RAVEL_REPLAY") != "" {
			f.SkipNow() // it has failed, or all that was asked for is done
		}
	}
	apart(s.learn)
	f.Add([]byte{})
	fz := &fuzzer{search: s, fuzzing: fuzzing, marks: os.Getenv("RAVEL_COVERAGE") != "0"}
	f.Fuzz(fz.try)
}

// flagIs reports whether a flag of go test is set.
func flagIs(name string) bool {
	f := flag.Lookup(name)
	return f != nil && f.Value.String() != "" && f.Value.String() != "false"
}

// fuzzer runs what Go's fuzzer proposes.
type fuzzer struct {
	*search
	fuzzing bool
	marks   bool // whether interleavings are coverage
}

// try runs the property on the schedule and the input that bytes stand for.
func (z *fuzzer) try(t *testing.T, bytes []byte) {
	t.Helper()
	var o *outcome
	var text string
	var one *search
	apart(func() {
		if o = z.run(bytes); o == nil {
			return
		}
		if z.fuzzing {
			text = z.quickly(o)
			return
		}
		one = newSearch(z.name, z.cfg, z.body)
		defer one.close()
		one.slow.code, one.publisher, one.fuzzed = z.slow.code, z.publisher, true
		one.use(z.memory.sites)
		one.explain(o)
		one.findings()
	})
	switch {
	case one != nil:
		one.report(t)
	case o != nil:
		t.Fatal(text)
	}
}

// apart calls f on a goroutine of its own: a fuzzer written in C calls its target on
// one that is locked to its thread, where a simulation cannot switch tasks.
func apart(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// run makes the run that bytes stand for, and returns it if something goes wrong.
func (z *fuzzer) run(bytes []byte) *outcome {
	st := strategy.Pairs(strategy.Bytes(bytes))
	st.Next()
	from := start{seed: z.cfg.Seed, input: input{list: words(bytes)}}
	w := z.worker(0)
	t, res := w.run(st, from)
	if z.marks {
		for _, pair := range st.All() {
			marks.Hit(pair)
		}
	}
	if len(signs(t, res, w.watch.Findings())) == 0 {
		return nil
	}
	o := &outcome{number: 1, start: from, hash: res.Hash, log: slices.Clone(res.Log)}
	_, o.blocked = res.End.(*sched.Blocked)
	return o
}

// quickly says what a run shows, without looking for its causes, as the fuzzer
// repeats what fails many times.
func (z *fuzzer) quickly(o *outcome) string {
	repeat := strategy.Repeat(o.log)
	repeat.Next()
	body, res := z.slow.run(repeat, o.start)
	all := problems(body, res, z.slow.watch.Findings())
	if res.Hash != o.hash || len(all) == 0 {
		return z.difference(o).summary
	}
	slices.SortStableFunc(all, byRank)
	p := all[0]
	return fmt.Sprintf("\n%s\n\n%s\n%s", wrap(p.summary, ""), newTable(p, res.Record), inputText(body))
}

// words returns the input that bytes stand for, from their end. A byte is a word of
// eight such bytes; after 254 the next eight bytes are a word.
func words(text []byte) []uint64 {
	const whole = 254
	var all []uint64
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] != whole {
			all = append(all, uint64(text[i])*0x0101010101010101)
			continue
		}
		word := uint64(0)
		for k := 0; k < 8 && i > 0; k++ {
			i--
			word |= uint64(text[i]) << (8 * k)
		}
		all = append(all, word)
	}
	return all
}
