package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/sched"
)

const want = `level=INFO msg="run started" seq=1 run=r1 kind=run labels.user=ann
level=INFO msg="map started" seq=2 run=r1 path=shrink kind=map attempt=1
level=INFO msg="map starts its items" seq=3 run=r1 path=shrink kind=map attempt=1 count=4
level=WARN msg="item to be retried" seq=8 run=r1 path=shrink[1] node=shrink kind=worker owner=1 attempt=1 index=1 error="the camera is away" delay=5s duration=3s notes.photo=cat
level=INFO msg="map items ended" seq=14 run=r1 path=shrink kind=map attempt=1 started=4 ok=4
level=INFO msg="map ended" seq=15 run=r1 path=shrink kind=map attempt=1 duration=11s
level=INFO msg="step started" seq=16 run=r1 path=show kind=step attempt=1
level=INFO msg="step ended" seq=17 run=r1 path=show kind=step attempt=1 duration=1s
level=INFO msg="run succeeded" seq=18 run=r1 kind=run status=success duration=12s
0 at once: 0s
1 at once: 5s
2 at once: 6s
`

// The log and the measurements are those of the simulated clock.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, simulate(&out))
	assert.Equal(t, want, out.String())
}

// observing returns the body of a check: observe two runs at once.
func observing(observers func() [2]*busy) func(*check.T) {
	return func(t *check.T) {
		p := pipeline()
		var wg sched.WaitGroup
		for _, b := range observers() {
			wg.Go(func() {
				_, err := p.Run(t.Context(), &Album{Photos: []string{"me"}}, engine.RunOptions{Observers: []engine.Observer{b}})
				require.NoError(t, err)
			})
		}
		wg.Wait()
	}
}

// An observer for each run needs no lock.
func TestOneEach(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second / 2}.Run(t, observing(func() [2]*busy { return [2]*busy{{}, {}} }))
}

// One that serves two runs at once does.
func TestShared(t *testing.T) {
	r := check.Config{Runs: 20}.Search(t.Name(), observing(func() [2]*busy {
		b := &busy{}
		return [2]*busy{b, b}
	}))
	require.NotEmpty(t, r.Findings)
	assert.Contains(t, r.Findings[0].Summary, "lost update on ")
}
