package engine_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/store"
)

const processEnv = "RAVEL_ENGINE_PROCESS" // set in another process of TestAnotherProcess

// Random pipelines, and what a store keeps of them, are the same with the same seed
// in another process, with another GOMAXPROCS: every event, number and time, and
// the stacks of panics.
func TestAnotherProcess(t *testing.T) {
	text := randomRuns()
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
	if os.Getenv(processEnv) != "" {
		fmt.Println("sum", sum)
		return
	}
	assert.Contains(t, text, "random_test.go", "there are panics")
	assert.NotContains(t, text, "goroutine ")
	program, err := os.Executable()
	require.NoError(t, err)
	other := exec.CommandContext(t.Context(), program, "-test.run=^TestAnotherProcess$")
	other.Env = append(os.Environ(), processEnv+"=1", "GOMAXPROCS=1")
	out, err := other.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Contains(t, string(out), "sum "+sum)
}

// randomRuns is what comes of random pipelines, as text.
func randomRuns() string {
	var text strings.Builder
	check.Config{Seed: 7, Runs: 300, Workers: 1}.Search("random runs", func(t *check.T) {
		g := &random{r: t.Rapid(), world: &world{t: t, unit: time.Second}}
		rec, st := &recorder{}, store.NewMemory()
		res, err := g.pipeline("p").Run(t.Context(), &state{}, engine.RunOptions{Observers: []engine.Observer{rec}, Store: st})
		fmt.Fprintf(&text, "%+v\n%v %v\n", rec.events, res.Status, err)
		rows, _ := st.Events(context.Background(), res.RunID) // none if there was no run
		for _, row := range rows {
			fmt.Fprintf(&text, "%+v %s\n", row, row.Data)
		}
	})
	return text.String()
}
