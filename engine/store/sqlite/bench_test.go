package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
)

// BenchmarkAppend has several runs append at once, each a batch of three events
// and a checkpoint of 1 KiB, with commits of groups and of each alone. Time is
// that of one append.
func BenchmarkAppend(b *testing.B) {
	for _, most := range []int{maxGroup, 1} {
		for _, runs := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("runs=%d/group=%d", runs, most), func(b *testing.B) { benchmarkAppend(b, runs, most) })
		}
	}
}

func benchmarkAppend(b *testing.B, runs, most int) {
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "runs.db"), Options{})
	require.NoError(b, err)
	defer s.Close()
	s.writer.most = most // nobody writes yet
	var leases []store.Lease
	for i := range runs {
		leases = append(leases, claim(b, s, fmt.Sprint(i)))
	}
	b.ResetTimer()
	var g sched.Group
	for i, l := range leases {
		share := b.N / runs
		if i < b.N%runs {
			share++
		}
		g.Go(func() error { return appendTimes(s, l, share) })
	}
	require.NoError(b, g.Wait())
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
}

func appendTimes(s *Store, l store.Lease, times int) error {
	state := make([]byte, 1024)
	for n := 1; n <= times; n++ {
		batch := store.Batch{Checkpoint: &store.Checkpoint{Number: n, State: state, Codec: "json"}}
		for i := range 3 {
			batch.Events = append(batch.Events, store.Event{
				Seq: uint64(3*n - 2 + i), RunID: l.RunID, Type: "STEP_END", Kind: "step", Node: "load", Path: "load",
				Invocation: n, Time: noon, Data: []byte(`{"duration":1000}`),
			})
		}
		if err := s.Append(context.Background(), l, batch); err != nil {
			return err
		}
	}
	return nil
}
