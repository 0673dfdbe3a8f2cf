package sched_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

var ages = map[string]int{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8}

func overMap(x *race.Var[any]) {
	for name := range ages {
		x.Store(name)
	}
}

func wallClock(x *race.Var[any]) { x.Store(time.Now().UnixNano()) }

func globalRand(x *race.Var[any]) { x.Store(rand.Uint64()) }

func address(x *race.Var[any]) {
	x.Store(fmt.Sprintf("%p", new([100]int)))
}

func plainGoroutine(x *race.Var[any]) {
	done := make(chan int64, 1)
	go func() { done <- int64(time.Duration(nanotime()) / 3) }()
	x.Store(<-done)
}

// nanotime stands for something random that nobody would suspect.
func nanotime() int64 { return time.Now().UnixNano() }

func leftBehind(x *race.Var[any]) {
	calls++
	x.Store(calls)
}

var calls int

// What makes a body not deterministic is called by its name.
func TestSuspects(t *testing.T) {
	for name, c := range map[string]struct {
		body func(x *race.Var[any])
		want string
	}{
		"map range":   {overMap, "the cause may be iteration over a map at suspects_test.go:19 (use sorted keys or race.Map)"},
		"time.Now":    {wallClock, "the cause may be the wall clock at suspects_test.go:24 (use sched.Now and sched.Since)"},
		"global rand": {globalRand, "the cause may be a global random number at suspects_test.go:26 (use sched.Rand)"},
		"address":     {address, "the cause may be an address at suspects_test.go:29 (use a number of your own)"},
		"goroutine":   {plainGoroutine, "the cause may be a go statement at suspects_test.go:34 (use sched.Go)"},
		"state":       {leftBehind, "state that an earlier run has left behind"},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			for tries := 0; err == nil && tries < 20; tries++ { // two runs may agree by chance
				err = sched.SelfCheck(sched.Config{}, newRandom, 1, func() { c.body(new(race.Var[any])) })
			}
			var d *sched.Difference
			require.ErrorAs(t, err, &d)
			assert.Contains(t, err.Error(), c.want)
		})
	}
}
