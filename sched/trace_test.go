package sched_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// A trace is written so that the same trace is read.
func TestTraceRoundTrip(t *testing.T) {
	word := rapid.StringMatching(`[a-zA-Z0-9_./-]{1,8}( [a-z#]{1,5})?`)
	path := rapid.StringMatching(`(main|/[a-z]{1,4}(\[[0-9]\])?(#[1-9])?)(\.(0|[1-9][0-9]?)){0,2}`)
	rapid.Check(t, func(r *rapid.T) {
		tr := &sched.Trace{Test: word.Draw(r, "test"), Finding: word.Draw(r, "finding"), Seed: rapid.Uint64().Draw(r, "seed"),
			Notes: rapid.SliceOfN(word, 1, 3).Draw(r, "notes")}
		for range rapid.IntRange(1, 6).Draw(r, "lines") {
			if rapid.Bool().Draw(r, "step") {
				tr.Steps = append(tr.Steps, sched.TraceStep{Task: path.Draw(r, "task"), What: anyOperation(r)})
				continue
			}
			d := sched.Deviation{At: path.Draw(r, "at"), Done: len(tr.Steps),
				Kind: rapid.SampledFrom([]sched.ChoiceKind{sched.TaskChoice, sched.CaseChoice, sched.PartnerChoice}).Draw(r, "kind"),
				Note: rapid.StringMatching(`([a-z]{1,5}( [a-z]{1,5})?)?`).Draw(r, "note")}
			switch rapid.IntRange(0, 3).Draw(r, "moment") {
			case 0:
				d.At = "start"
			case 1:
				d.Op = rapid.IntRange(0, 1000).Draw(r, "op")
			default:
				d.What, d.Nth = anyOperation(r), rapid.IntRange(1, 9).Draw(r, "nth")
			}
			if d.Kind == sched.TaskChoice {
				d.To = path.Draw(r, "to")
			} else {
				d.Option = rapid.IntRange(0, 9).Draw(r, "option")
			}
			tr.Deviations = append(tr.Deviations, d)
		}
		got, err := sched.ParseTrace(tr.Bytes())
		require.NoError(r, err)
		if diff := cmp.Diff(tr, got); diff != "" {
			r.Fatalf("read from\n%s(-want +got)\n%s", tr.Bytes(), diff)
		}
	})
}

// anyOperation returns what a task may come to.
func anyOperation(r *rapid.T) string {
	return rapid.SampledFrom([]string{"end", "yield", "select", "lock mu", "announce rw", "read s.Files", "write m[a][0]",
		`write m["a"]`, "write `m[a + b]`", "recv `<-(#1 run) case 1`", `lock "a ` + "`" + `b"`, "lock run", "lock `#2`", "lock ``"}).
		Draw(r, "operation")
}

// What people do to a trace with an editor is understood.
func TestTraceByHand(t *testing.T) {
	got, err := sched.ParseTrace([]byte("ravel trace 2\r\n\r\n# a comment\r\n  at  main.0  lock\t mu  #1 run  main.1  \r\nseed  7\r\n" +
		"  step  main.1   lock \"mu\"  #3  # first\r\n"))
	require.NoError(t, err)
	want := &sched.Trace{Seed: 7, Deviations: []sched.Deviation{{At: "main.0", What: "lock mu", Nth: 1, To: "main.1"}},
		Steps: []sched.TraceStep{{Task: "main.1", What: "lock mu"}}}
	assert.Empty(t, cmp.Diff(want, got))
}

// The moment of a choice is said in one of several ways, and comments may
// follow, with or without a space.
func TestTraceChoices(t *testing.T) {
	for text, want := range map[string]sched.Deviation{
		"at start run main.1":              {At: "start", To: "main.1"},
		"at main 2 run /a#1":               {At: "main", Op: 2, To: "/a#1"},
		"at main yield run main.0":         {At: "main", What: "yield", Nth: 1, To: "main.0"},
		"at main yield #3 run main.0":      {At: "main", What: "yield", Nth: 3, To: "main.0"},
		"at main end run main.0":           {At: "main", What: "end", Nth: 1, To: "main.0"},
		"at main lock mu run main.0":       {At: "main", What: "lock mu", Nth: 1, To: "main.0"},
		"at main lock run #12 run main.0":  {At: "main", What: "lock run", Nth: 12, To: "main.0"},
		"at main write `m[a + b]` case 1":  {At: "main", What: "write `m[a + b]`", Nth: 1, Kind: sched.CaseChoice, Option: 1},
		`at main write "m[a + b]" case 1`:  {At: "main", What: "write `m[a + b]`", Nth: 1, Kind: sched.CaseChoice, Option: 1},
		"at main signal c partner 2":       {At: "main", What: "signal c", Nth: 1, Kind: sched.PartnerChoice, Option: 2},
		"at main 2 run /a#1 #":             {At: "main", Op: 2, To: "/a#1"},
		"at main 2 run /a#1 #why":          {At: "main", Op: 2, To: "/a#1", Note: "why"},
		"at main 2 run /a#1 # # why ":      {At: "main", Op: 2, To: "/a#1", Note: "# why"},
		"at /a#1 select #2 case 3 # a # b": {At: "/a#1", What: "select", Nth: 2, Kind: sched.CaseChoice, Option: 3, Note: "a # b"},
	} {
		tr, err := sched.ParseTrace([]byte("ravel trace 2\n" + text))
		if assert.NoError(t, err, text) {
			assert.Equal(t, []sched.Deviation{want}, tr.Deviations, text)
		}
	}
}

// What is written is one line an item, however the texts are spaced, and the
// choices stand before the steps that they lead to.
func TestTraceText(t *testing.T) {
	tr := &sched.Trace{Test: " a\r\n b", Finding: "# c\td", Notes: []string{"", "e\nat main 1 run main.0"},
		Steps: []sched.TraceStep{{"main", "lock mu"}, {"main.0", "end"}},
		Deviations: []sched.Deviation{{At: "start", To: "main", Note: " \n "}, {At: "main", Op: 1, To: "main.0", Done: 1, Note: "f\n\ng"},
			{At: "main", What: "lock mu", Nth: 1, Kind: sched.CaseChoice, Option: 2, Done: 1},
			{At: "main", What: "lock mu", Nth: 2, Kind: sched.PartnerChoice, Option: 2, Done: 99}}}
	want := "ravel trace 2\ntest a b\nfinding # c d\nseed 0\nnote \nnote e at main 1 run main.0\n" +
		"at start run main\nstep main lock mu\nat main 1 run main.0 # f g\nat main lock mu case 2\nstep main.0 end\n" +
		"at main lock mu #2 partner 2\n"
	assert.Equal(t, want, string(tr.Bytes()))
	got, err := sched.ParseTrace(tr.Bytes())
	require.NoError(t, err)
	assert.Equal(t, want, string(got.Bytes()))
}

// Of a header that is given again the last one counts; notes add up.
func TestTraceRepeatedHeaders(t *testing.T) {
	got, err := sched.ParseTrace([]byte("ravel trace 2\nseed 1\ntest A\nnote x\ntest B\nseed 18446744073709551615\nnote y"))
	require.NoError(t, err)
	assert.Equal(t, &sched.Trace{Test: "B", Seed: math.MaxUint64, Notes: []string{"x", "y"}}, got)
}

// A long trace is read like a short one.
func TestTraceHuge(t *testing.T) {
	want := &sched.Trace{Notes: []string{strings.Repeat("x", 1<<20)}}
	for i := range 50_000 {
		want.Deviations = append(want.Deviations, sched.Deviation{At: "main.0", Op: i, To: "main.1", Done: i})
		want.Steps = append(want.Steps, sched.TraceStep{Task: "main.1", What: "lock mu"})
	}
	got, err := sched.ParseTrace(want.Bytes())
	require.NoError(t, err)
	assert.Equal(t, want, got)
	_, err = sched.ParseTrace(append(want.Bytes(), "at main\n"...))
	assert.ErrorContains(t, err, "line 100006: ")
}

// An error names the line and what is wanted there.
func TestTraceErrors(t *testing.T) {
	const head = "ravel trace 2\n"
	for text, want := range map[string]string{
		"":                                   `line 1: "", want "ravel trace 2"`,
		"ravel trace 1\nat main 1 run x":     `line 1: "ravel trace 1" is an old format; delete the file and run the test again`,
		"ravel trace 3\n":                    `line 1: "ravel trace 3", want "ravel trace 2"`,
		"seed 1\n" + head:                    `line 1: "seed 1", want "ravel trace 2"`,
		"# comment\n" + head:                 `line 1: "# comment", want "ravel trace 2"`,
		"\ufeff" + head:                      `want "ravel trace 2"`,
		head + "seed\t1":                     `line 2: "seed\t1", want test`,
		head + "seed 18446744073709551616":   `line 2: seed "18446744073709551616" is not a number below 2^64`,
		head + "at main 2 run main.01":       `line 2: sched: task path "main.01": "01" is not the number of a child`,
		head + "at main run":                 `line 2: at "main run", want a task, its operation, a verb and a target, such as main.0 lock mu run main.1`,
		head + "at main run main.0":          `line 2: nothing that main has come to, want an operation, such as lock mu`,
		head + "at start 0 run main.0":       `line 2: "0" after start, want run`,
		head + "at main wirte n run main":    `line 2: "wirte" is no operation, want one such as lock or write, end, or a number`,
		head + "at main write n #0 run main": `line 2: "#0" does not count from #1`,
		head + "at main lock a + b run main": `line 2: "a + b" after lock, want one object, in quotes if it has spaces`,
		head + "at main lock `a run main":    "line 2: no closing quote in \"`a run main\"",
		head + "at main lock #2":             `line 2: "lock", want run, case or partner`,
		head + "at main lock mu":             `line 2: "lock", want run, case or partner`,
		head + "\r\nAt main 2 run main":      `line 3: "At", want test, finding, seed, input, note, at, step or a comment`,
		head + "\nfoo bar":                   `line 3: "foo", want test, finding, seed, input, note, at, step or a comment`,
		head + "seed x":                      `line 2: seed "x" is not a number below 2^64`,
		head + "seed -1":                     `line 2: seed "-1" is not a number below 2^64`,
		head + "at nobody 2 run main":        `line 2: sched: task path "nobody" begins with neither main nor /`,
		head + "at main.x 2 run main":        `line 2: sched: task path "main.x": "x" is not the number of a child`,
		head + "at main -2 run main":         `line 2: "-2" is no operation`,
		head + "at main 2 jump main":         `line 2: "jump", want run, case or partner`,
		head + "at main 2 run nobody":        `line 2: sched: task path "nobody" begins with neither main nor /`,
		head + "at main 2 case x":            `line 2: option "x" is not a number from 0`,
		head + "at main 2 partner -1":        `line 2: option "-1" is not a number from 0`,
		head + "step main":                   `line 2: step "main", want a task and its operation, such as main.0 lock mu`,
		head + "step nobody lock mu":         `line 2: sched: task path "nobody" begins with neither main nor /`,
		head + "step main lok mu":            `line 2: "lok" is no operation`,
		strings.Repeat("long ", 1000):        `line 1: "long long long long long long long long…`,
		head + strings.Repeat("x", 100000):   `line 2: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…`,
	} {
		_, err := sched.ParseTrace([]byte(text))
		assert.ErrorContains(t, err, want)
	}
}

// The path of a task names it in every schedule: its hash is the task's key.
func TestPathsAndKeys(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	var paths []string
	note := func() {
		task := sched.Current()
		paths = append(paths, task.Path())
		key, err := sched.PathKey(task.Path())
		assert.NoError(t, err)
		assert.Equal(t, task.Key(), key, task.Path())
	}
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		note()
		sched.Go(note)
		sched.GoNamed("worker", func() {
			note()
			sched.Go(func() { note(); sched.Go(note) })
		})
		for range 2 {
			sched.Go(func() { sched.Renew("a.b/c[0]#1 %", 3); note(); sched.Go(note) })
			sched.Go(func() { sched.Renew("item", -1); note() })
		}
	})
	require.NoError(t, r.End)
	assert.ElementsMatch(t, []string{"main", "main.0", "main.1", "main.1.0", "main.1.0.0",
		"/a%2Eb%2Fc%5B0%5D%231%20%25[3]", "/a%2Eb%2Fc%5B0%5D%231%20%25[3].0",
		"/a%2Eb%2Fc%5B0%5D%231%20%25[3]#1", "/a%2Eb%2Fc%5B0%5D%231%20%25[3]#1.0", "/item", "/item#1"}, paths)
}
