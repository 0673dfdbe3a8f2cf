package findings

import (
	"maps"
	"slices"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

type config struct {
	Tags []string
	Rate map[string]int
}

func sortFrozen(t *check.T) {
	c := race.Freeze(&config{Tags: []string{"b", "a"}})
	sched.Go(func() {
		slices.Sort(c.Tags)
		t.Log(c.Tags)
	})
}

func sortCopy(t *check.T) {
	c := race.Freeze(&config{Tags: []string{"b", "a"}})
	sched.Go(func() {
		tags := slices.Clone(c.Tags)
		slices.Sort(tags)
		t.Log(tags)
	})
}

func keepEntry(*check.T) {
	rate := map[string]int{"ann": 5}
	race.Freeze(&config{Rate: rate})
	rate["ann"] = 50 // the same map
}

func cloneEntry(*check.T) {
	rate := map[string]int{"ann": 5}
	race.Freeze(&config{Rate: maps.Clone(rate)})
	rate["ann"] = 50
}
