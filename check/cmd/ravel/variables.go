package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/check/internal/env"
	"github.com/ravelgo/ravel/sched/strategy"
)

// variable is one of the environment that package check looks at.
type variable struct {
	name string
	// wrong says what is wrong with a value, or nothing.
	wrong func(value string) string
}

// variables are all of them.
var variables = []variable{
	{"RAVEL_SEED", func(v string) string { _, _, err := env.Seed(v); return message(err) }},
	{"RAVEL_RUNS", func(v string) string { _, err := env.Runs(v); return message(err) }},
	{"RAVEL_SLACK", func(v string) string { _, err := env.Slack(v); return message(err) }},
	{"RAVEL_TIME", func(v string) string { _, err := env.Time(v); return message(err) }},
	{"RAVEL_SHARD", func(v string) string { _, _, err := env.Shard(v); return message(err) }},
	{"RAVEL_SAVED", func(v string) string { _, _, err := env.Saved(v); return message(err) }},
	{"RAVEL_STRATEGY", func(v string) string {
		_, err := strategy.Parse(v, 1)
		return message(err)
	}},
	{"RAVEL_REPLAY", func(v string) string {
		if !filepath.IsAbs(v) {
			return ""
		}
		_, err := readTrace(v)
		return message(err)
	}},
	{"RAVEL_COVERAGE", func(v string) string {
		if v != "0" && v != "1" {
			return "want 0 or 1"
		}
		return ""
	}},
	{"RAVEL_REPORT", func(v string) string {
		if !filepath.IsAbs(v) {
			return "is relative: each package writes into a folder of its own"
		}
		return ""
	}},
	{"RAVEL_UNMODIFIED", func(v string) string {
		if v != "off" && v != "strict" {
			return "want off or strict"
		}
		return ""
	}},
	{"RAVEL_COMMAND", func(string) string { return "" }},
	{"RAVEL_REGRESSION", func(v string) string {
		if v != "1" {
			return "want 1 or nothing"
		}
		return ""
	}},
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// lookAtVariables looks at those of an environment that begin with RAVEL_.
func lookAtVariables(environ []string) []symptom {
	var all []symptom
	slices.Sort(environ)
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "RAVEL_") || value == "" {
			continue
		}
		i := slices.IndexFunc(variables, func(v variable) bool { return v.name == name })
		if i < 0 {
			all = append(all, symptom{note, fmt.Sprintf("%s=%s: ravel does not look at it", name, value)})
			continue
		}
		if wrong := variables[i].wrong(value); wrong != "" {
			all = append(all, symptom{bad, fmt.Sprintf("%s=%s: %s", name, value, wrong)})
			continue
		}
		all = append(all, symptom{note, fmt.Sprintf("%s=%s changes what go test does", name, value)})
	}
	if len(all) == 0 {
		return []symptom{{well, "no variable RAVEL_… is set"}}
	}
	return all
}
