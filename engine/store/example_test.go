package store_test

import (
	"context"
	"fmt"
	"time"

	"github.com/ravelgo/ravel/engine/store"
)

// A process claims a run and dies. When its lease has expired, another one goes
// on from the last checkpoint, and the first one can write no more.
func ExampleMemory() {
	ctx := context.Background()
	s := store.NewMemory()
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

	first, _ := s.Claim(ctx, store.Claim{
		Owner: "one", Now: noon, TTL: 30 * time.Second,
		Run:        store.Run{ID: "r1", RootID: "r1", Pipeline: "orders", PlanHash: "p", Status: store.Running, Started: noon},
		Checkpoint: store.Checkpoint{State: []byte(`{"paid":false}`), Codec: "json"},
	})
	s.Append(ctx, first, store.Batch{Checkpoint: &store.Checkpoint{Number: 1, State: []byte(`{"paid":true}`), Codec: "json"}})

	again := store.Claim{Resume: true, Owner: "two", Now: noon, TTL: 30 * time.Second, Run: store.Run{ID: "r1", PlanHash: "p"}}
	_, err := s.Claim(ctx, again)
	fmt.Println(err)

	again.Now = noon.Add(time.Minute)
	runs, _ := s.Runs(ctx, store.Query{Status: store.Interrupted, Now: again.Now})
	fmt.Println("interrupted:", runs[0].ID)

	second, _ := s.Claim(ctx, again)
	saved, _ := s.Load(ctx, second.RunID)
	fmt.Printf("fence %d goes on with %s\n", second.Fence, saved.Checkpoint.State)
	fmt.Println(s.Append(ctx, first, store.Batch{}))
	// Output:
	// store: run is active: "r1"
	// interrupted: r1
	// fence 2 goes on with {"paid":true}
	// store: run was taken over: "r1", fence 1
}
