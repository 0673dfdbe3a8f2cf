package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/engine/store/postgres"
)

// Two programs use one database, each in a schema of its own.
func ExampleOpen() {
	ctx := context.Background()
	s, err := postgres.Open(ctx, "postgres://ravel@db.example/ravel", postgres.Options{Schema: "billing"})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	runs, err := s.Runs(ctx, store.Query{Status: store.Failed, Since: time.Now().Add(-24 * time.Hour)})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range runs {
		fmt.Println(r.ID, r.Error)
	}
}

// A worker goes on with runs whose processes have died, until there is none.
func ExampleStore_ClaimNext() {
	ctx := context.Background()
	s, err := postgres.Open(ctx, "postgres://ravel@db.example/ravel", postgres.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	for {
		l, saved, err := s.ClaimNext(ctx, postgres.NextClaim{
			Owner: "worker 7", Now: time.Now(), TTL: 30 * time.Second, Status: store.Interrupted,
		})
		if errors.Is(err, postgres.ErrNoRun) {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("going on with", l.RunID, "after event", saved.Checkpoint.Seq)
	}
}
