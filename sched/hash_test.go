//lint:file-ignore SA2001 the programs under test lock only to be scheduled

package sched_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// busy uses every primitive, time and random numbers.
func busy() {
	var mu sched.Mutex
	var rw sched.RWMutex
	var wg sched.WaitGroup
	var x race.Var[int]
	unbuffered, buffered := sched.NewChan[int](0), sched.NewChan[int](2)
	for i := range 4 {
		wg.Add(1)
		sched.GoNamed("worker", func() {
			defer wg.Done()
			mu.Lock()
			x.Store(x.Load() + sched.Rand().IntN(10))
			mu.Unlock()
			rw.RLock()
			rw.RUnlock()
			sched.Sleep(1 << i % 2)
			sched.Select(unbuffered.Sending(i), buffered.Sending(i))
		})
	}
	for range 4 {
		var v int
		sched.Select(unbuffered.Receiving(&v, nil), buffered.Receiving(&v, nil))
	}
	rw.Lock()
	rw.Unlock()
	wg.Wait()
}

// hashes runs busy under each strategy and returns what the runs come to.
func hashes() string {
	text := ""
	for _, st := range []sched.Strategy{strategy.RoundRobin(), strategy.Random(1), strategy.POS(1), strategy.DFS()} {
		sim := sched.NewSim(sched.Config{Record: true})
		all := uint64(0)
		for n := range uint64(100) {
			st.Next()
			all = all*31 + sim.Run(st, n, busy).Hash
		}
		sim.Close()
		text += fmt.Sprintf("%T %016x\n", st, all)
	}
	return text
}

// goldenHashes is what hashes returns, on every machine, with and without the
// race detector. It changes when the meaning of a Hash does, or what an
// operation is.
const goldenHashes = `*strategy.roundRobin e5d795585c392c00
*strategy.random bf7e21528cdaf955
*strategy.pos 1a7a6e87749b06cd
*strategy.Exhaustive d59d74ddc8c6a992
`

// hashesEnv makes the test binary print hashes.
const hashesEnv = "RAVEL_TEST_HASHES"

// Runs do not depend on the process, GOMAXPROCS or the build.
func TestHashes(t *testing.T) {
	if os.Getenv(hashesEnv) != "" {
		fmt.Print("\n", hashes())
		return
	}
	assert.Equal(t, goldenHashes, hashes())
	exe, err := os.Executable()
	require.NoError(t, err)
	for _, procs := range []string{"1", "2", "8"} {
		cmd := exec.Command(exe, "-test.run=^TestHashes$")
		cmd.Env = append(os.Environ(), hashesEnv+"=1", "GOMAXPROCS="+procs)
		out, err := cmd.Output()
		require.NoError(t, err)
		assert.Contains(t, string(out), goldenHashes)
	}
}
