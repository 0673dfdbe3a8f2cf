// Package postgres keeps runs of pipelines in a PostgreSQL database, where
// processes on many machines share them. It is a module of its own, so that who
// does without it does without its driver.
//
//	s, err := postgres.Open(ctx, "postgres://ravel@db.example/ravel", postgres.Options{})
//	if err != nil {
//		return err
//	}
//	defer s.Close()
//
// What a store does is described in package store. In addition, workers that look
// for something to do call [Store.ClaimNext], which gives each of them another run
// that was suspended, or whose process has died.
//
// # Runs and leases
//
// A claim, an append and a deletion lock the row of their run before they look at
// it, so those of one run come one after the other and those of different runs do
// not meet. The clock is that of the callers, as everywhere in package store: a
// lease that one machine holds expires by the clock of the one that claims it, so
// they should agree to a fraction of the lease.
//
// An Append whose context ends, or whose connection breaks, while it commits may
// be kept although it has returned an error. Who goes on with the run finds either
// all of it or nothing.
//
// # Tables
//
// The tables are runs, events, checkpoints, items, plans and schema_version, in a
// schema of their own; schema1.sql describes them. Times are nanoseconds since
// 1970, as a timestamp of PostgreSQL has microseconds only: to_timestamp(started_at
// / 1e9) is one. Labels, metrics and the data of events are text, so that they come
// back byte by byte: labels::jsonb ->> 'customer' reads them.
//
// Open brings tables of an older version up to date. The user needs the right to
// create the schema, or an empty schema in which it may create tables. Prepared
// statements are used, which a pooler between must know how to deal with.
//
// It is tested with PostgreSQL 15.
package postgres
