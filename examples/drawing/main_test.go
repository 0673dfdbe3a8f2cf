package main

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
)

var update = flag.Bool("update", false, "write the drawings into testdata")

// Each drawing is the one in testdata.
func TestDrawings(t *testing.T) {
	for file, args := range map[string][]string{"orders.dot": nil, "orders.mmd": {"mermaid"}, "run.mmd": {"run"}} {
		t.Run(file, func(t *testing.T) {
			var out strings.Builder
			require.NoError(t, run(context.Background(), args, &out))
			file := "testdata/" + file
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(out.String()), 0o666))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, string(want), out.String(), "if that is meant, run this test with -update")
		})
	}
}

// The colours are the same on every schedule.
func TestEverySchedule(t *testing.T) {
	want, err := os.ReadFile("testdata/run.mmd")
	require.NoError(t, err)
	check.Config{Runs: 10_000, Time: time.Second}.Run(t, func(t *check.T) {
		var out strings.Builder
		require.NoError(t, run(t.Context(), []string{"run"}, &out))
		require.Equal(t, string(want), out.String())
	})
}

func TestUnknownArgument(t *testing.T) {
	assert.ErrorContains(t, run(context.Background(), []string{"svg"}, &strings.Builder{}), "svg")
}
