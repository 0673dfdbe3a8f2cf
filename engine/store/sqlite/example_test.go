package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/sqlite"
)

// A process writes to a run and ends; a later one finds what it has written.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "runs.db")
	ctx := context.Background()
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	l, err := s.Claim(ctx, store.Claim{
		Owner: "one", Now: noon, TTL: 30 * time.Second,
		Run: store.Run{ID: "r1", RootID: "r1", Pipeline: "orders", Status: store.Running, Started: noon},
	})
	if err != nil {
		log.Fatal(err)
	}
	err = s.Append(ctx, l, store.Batch{
		Events:     []store.Event{{Seq: 1, RunID: "r1", Type: "START"}, {Seq: 2, RunID: "r1", Type: "STEP_END", Path: "load"}},
		Checkpoint: &store.Checkpoint{Number: 1, Seq: 2, State: []byte(`{"loaded":true}`), Codec: "json"},
	})
	if err != nil {
		log.Fatal(err)
	}
	s.Close()

	s, err = sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	runs, _ := s.Runs(ctx, store.Query{Now: noon.Add(time.Minute)})
	for _, r := range runs {
		saved, _ := s.Load(ctx, r.ID)
		fmt.Printf("%s %s: %s after event %d\n", r.ID, r.At(noon.Add(time.Minute)), saved.Checkpoint.State, saved.Checkpoint.Seq)
	}
	// Output: r1 interrupted: {"loaded":true} after event 2
}
