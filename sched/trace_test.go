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
	path := rapid.StringMatching(`(main|/[a-z]{1,4}(\[[0-9]\])?(#[1-9])?)(\.(0|[1-9][0-9]?)){0,2}|-`)
	rapid.Check(t, func(r *rapid.T) {
		tr := &sched.Trace{Test: word.Draw(r, "test"), Finding: word.Draw(r, "finding"), Seed: rapid.Uint64().Draw(r, "seed"),
			Notes: rapid.SliceOfN(word, 1, 3).Draw(r, "notes")}
		for range rapid.IntRange(1, 4).Draw(r, "deviations") {
			d := sched.Deviation{At: path.Draw(r, "at"), Op: rapid.IntRange(0, 1000).Draw(r, "op"),
				Kind: rapid.SampledFrom([]sched.ChoiceKind{sched.TaskChoice, sched.CaseChoice, sched.PartnerChoice}).Draw(r, "kind"),
				Note: rapid.StringMatching(`([a-z]{1,5}( [a-z]{1,5})?)?`).Draw(r, "note")}
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

// What people do to a trace with an editor is understood.
func TestTraceByHand(t *testing.T) {
	got, err := sched.ParseTrace([]byte("ravel trace 1\r\n\r\n# a comment\r\n  at  main.0  2  run  main.1  \r\nseed  7\r\n"))
	require.NoError(t, err)
	want := &sched.Trace{Seed: 7, Deviations: []sched.Deviation{{At: "main.0", Op: 2, To: "main.1"}}}
	assert.Empty(t, cmp.Diff(want, got))
}

// A comment may stand behind a choice, with or without a space, and be empty.
func TestTraceComments(t *testing.T) {
	for text, want := range map[string]sched.Deviation{
		"at main 2 run /a#1":          {At: "main", Op: 2, To: "/a#1"},
		"at main 2 run /a#1 #":        {At: "main", Op: 2, To: "/a#1"},
		"at main 2 run /a#1 #why":     {At: "main", Op: 2, To: "/a#1", Note: "why"},
		"at main 2 run /a#1 # # why ": {At: "main", Op: 2, To: "/a#1", Note: "# why"},
		"at /a#1 2 case 3 # a # b":    {At: "/a#1", Op: 2, Kind: sched.CaseChoice, Option: 3, Note: "a # b"},
	} {
		tr, err := sched.ParseTrace([]byte("ravel trace 1\n" + text))
		if assert.NoError(t, err, text) {
			assert.Equal(t, []sched.Deviation{want}, tr.Deviations, text)
		}
	}
}

// What is written is one line an item, however the texts are spaced.
func TestTraceSpaces(t *testing.T) {
	tr := &sched.Trace{Test: " a\r\n b", Finding: "# c\td", Notes: []string{"", "e\nat main 1 run main.0"},
		Deviations: []sched.Deviation{{At: "-", To: "main", Note: " \n "}, {At: "main", Op: 1, To: "main.0", Note: "f\n\ng"}}}
	want := "ravel trace 1\ntest a b\nfinding # c d\nseed 0\nnote \nnote e at main 1 run main.0\n" +
		"at - 0 run main\nat main 1 run main.0 # f g\n"
	assert.Equal(t, want, string(tr.Bytes()))
	got, err := sched.ParseTrace(tr.Bytes())
	require.NoError(t, err)
	assert.Equal(t, want, string(got.Bytes()))
}

// Of a header that is given again the last one counts; notes add up.
func TestTraceRepeatedHeaders(t *testing.T) {
	got, err := sched.ParseTrace([]byte("ravel trace 1\nseed 1\ntest A\nnote x\ntest B\nseed 18446744073709551615\nnote y"))
	require.NoError(t, err)
	assert.Equal(t, &sched.Trace{Test: "B", Seed: math.MaxUint64, Notes: []string{"x", "y"}}, got)
}

// A long trace is read like a short one.
func TestTraceHuge(t *testing.T) {
	want := &sched.Trace{Notes: []string{strings.Repeat("x", 1<<20)}}
	for i := range 50_000 {
		want.Deviations = append(want.Deviations, sched.Deviation{At: "main.0", Op: i, To: "main.1"})
	}
	got, err := sched.ParseTrace(want.Bytes())
	require.NoError(t, err)
	assert.Equal(t, want, got)
	_, err = sched.ParseTrace(append(want.Bytes(), "at main\n"...))
	assert.ErrorContains(t, err, "line 50006: ")
}

// An error names the line and what is wanted there.
func TestTraceErrors(t *testing.T) {
	const head = "ravel trace 1\n"
	for text, want := range map[string]string{
		"":                                 `line 1: "", want "ravel trace 1"`,
		"ravel trace 2\n":                  `line 1: "ravel trace 2", want "ravel trace 1"`,
		"seed 1\n" + head:                  `line 1: "seed 1", want "ravel trace 1"`,
		"# comment\n" + head:               `line 1: "# comment", want "ravel trace 1"`,
		"\ufeff" + head:                    `want "ravel trace 1"`,
		head + "seed\t1":                   `line 2: "seed\t1", want test`,
		head + "seed 18446744073709551616": `line 2: seed "18446744073709551616" is not a number below 2^64`,
		head + "at main 2 run main.01":     `line 2: sched: task path "main.01": "01" is not the number of a child`,
		head + "at main 2 run main x":      `line 2: at "main 2 run main x", want a task`,
		head + "\r\nAt main 2 run main":    `line 3: "At", want test, finding, seed, note, at or a comment`,
		head + "\nfoo bar":                 `line 3: "foo", want test, finding, seed, note, at or a comment`,
		head + "seed x":                    `line 2: seed "x" is not a number below 2^64`,
		head + "seed -1":                   `line 2: seed "-1" is not a number below 2^64`,
		head + "at main.0 2":               `line 2: at "main.0 2", want a task, the number of its operation, a verb and a target`,
		head + "at nobody 2 run main":      `line 2: sched: task path "nobody" begins with neither main nor /`,
		head + "at main.x 2 run main":      `line 2: sched: task path "main.x": "x" is not the number of a child`,
		head + "at main two run main":      `line 2: operation "two" is not a number from 0`,
		head + "at main -2 run main":       `line 2: operation "-2" is not a number from 0`,
		head + "at main 2 jump main":       `line 2: "jump", want run, case or partner`,
		head + "at main 2 run nobody":      `line 2: sched: task path "nobody" begins with neither main nor /`,
		head + "at main 2 case x":          `line 2: option "x" is not a number from 0`,
		head + "at main 2 partner -1":      `line 2: option "-1" is not a number from 0`,
		strings.Repeat("long ", 1000):      `line 1: "long long long long long long long long…`,
		head + strings.Repeat("x", 100000): `line 2: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…`,
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
