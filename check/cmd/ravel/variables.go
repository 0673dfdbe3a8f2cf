package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

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
	{"RAVEL_SEED", func(v string) string {
		if _, err := strconv.ParseUint(v, 0, 64); err != nil && v != "random" {
			return `want a number or "random"`
		}
		return ""
	}},
	{"RAVEL_RUNS", func(v string) string {
		if n, err := strconv.Atoi(v); err != nil || n < 1 {
			return "want a number from 1"
		}
		return ""
	}},
	{"RAVEL_TIME", func(v string) string {
		if d, err := time.ParseDuration(v); err != nil || d <= 0 {
			return "want a time such as 30s or 5m"
		}
		return ""
	}},
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
	{"RAVEL_SAVED", func(v string) string {
		if v != "skip" && v != "off" {
			return "want skip or off"
		}
		return ""
	}},
	{"RAVEL_SHARD", func(v string) string {
		first, second, _ := strings.Cut(v, "/")
		i, err := strconv.ParseUint(first, 10, 32)
		n, err2 := strconv.ParseUint(second, 10, 32)
		if err != nil || err2 != nil || i >= n {
			return "want a number and how many there are, such as 0/64 to 63/64"
		}
		return ""
	}},
	{"RAVEL_REPORT", func(v string) string {
		if !filepath.IsAbs(v) {
			return "is relative: each package writes into a folder of its own"
		}
		return ""
	}},
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
