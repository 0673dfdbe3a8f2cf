package sched_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

var errStop = errors.New("stop")

// A deferred operation on an unbuffered channel finds no partner in a run that
// is over: each task is unwound once, and none begins.
func TestUnwindMeetsNobody(t *testing.T) {
	for name, c := range map[string]struct {
		wait, deferred func(c sched.Chan[int])
	}{
		"recv": {func(c sched.Chan[int]) { c.Send(1) }, func(c sched.Chan[int]) { c.Recv() }},
		"send": {func(c sched.Chan[int]) { c.Recv() }, func(c sched.Chan[int]) { c.Send(1) }},
		"select": {func(c sched.Chan[int]) { sched.Select(c.Sending(1)) },
			func(c sched.Chan[int]) { sched.Select(c.Receiving(nil, nil)) }},
		"try": {func(c sched.Chan[int]) { c.Send(1) }, func(c sched.Chan[int]) {
			if sched.TrySelect(c.Receiving(nil, nil)) == -1 {
				sched.NewChan[int](0).Recv()
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var log []string
			r := plainRun(t, func() {
				ch := sched.NewChan[int](0)
				sched.Go(func() {
					defer func() { log = append(log, "other unwound") }()
					c.wait(ch)
					log = append(log, "other went on")
				})
				sched.Yield()
				sched.Go(func() { log = append(log, "another began") })
				defer func() { log = append(log, "main unwound") }()
				defer func() {
					c.deferred(ch)
					log = append(log, "met")
				}()
				sched.Abort(errStop)
			})
			assert.Equal(t, errStop, r.End)
			assert.Equal(t, []string{"main unwound", "other unwound"}, log)
		})
	}
}

// What happens at once in a simulation does so in deferred calls too, with the
// values that are there.
func TestUnwindKeepsValues(t *testing.T) {
	got := 0
	r := plainRun(t, func() {
		met, buffered := sched.NewChan[int](0), sched.NewChan[int](2)
		buffered.Send(5)
		sched.Go(func() {
			defer func() { got, _ = buffered.Recv() }()
			met.Recv()
		})
		sched.Yield()
		met.Send(1) // the receiver has not gone on when the run ends
		sched.Abort(errStop)
	})
	assert.Equal(t, errStop, r.End)
	assert.Equal(t, 5, got)
}

// The record of a run ends with the run: deferred calls do not change it.
func TestUnwindIsNotRecorded(t *testing.T) {
	r := plainRun(t, func() {
		c := sched.NewChan[string](2)
		c.Send("in the run")
		defer c.Send("after it")
		sched.Abort(errStop)
	})
	require.Len(t, r.Record.Steps, 1)
	assert.Equal(t, `"in the run"`, r.Record.Steps[0].Value)
}

// Deferred calls that never end are cut short.
func TestUnwindEnds(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		for range 2 {
			sched.Go(func() {
				defer func() {
					for {
						sched.Yield()
					}
				}()
				sched.NewChan[int](0).Recv()
			})
		}
	})
	assert.IsType(t, (*sched.Leak)(nil), r.End)
}
