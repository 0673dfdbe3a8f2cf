// Package sqlite keeps runs of pipelines in a file, which is a SQLite database. It
// is a module of its own, so that who does without it does without its driver; that
// is modernc.org/sqlite, which needs no C compiler.
//
//	s, err := sqlite.Open(ctx, "runs.db", sqlite.Options{})
//	if err != nil {
//		return err
//	}
//	defer s.Close()
//
// What a store does is described in package store.
//
// # Writes
//
// What was acknowledged is on disk: the file is in WAL mode, and each commit waits
// for the disk (synchronous=FULL). That wait is what a write costs most, so one
// goroutine writes, and what comes while it waits goes into its next transaction,
// together. Each write stays one for itself: one that is refused takes nothing from
// the others. Writes at once by many runs therefore cost less than one after the
// other.
//
// Several processes of one machine may use a file. Who has a run is decided in a
// transaction that excludes all other writers. A file on a network drive must not
// be shared: SQLite cannot lock it reliably.
//
// Beside the file there are two more while it is in use, with -wal and -shm at the
// end of their names; they belong to it. To copy it meanwhile use VACUUM INTO of the
// sqlite3 program, not cp.
//
// # Tables
//
// The tables are runs, events, checkpoints, items and plans; schema1.sql describes
// them. Times are nanoseconds since 1970: datetime(started_at / 1000000000,
// 'unixepoch') shows one. Labels, metrics and the data of events are JSON texts:
// labels ->> 'customer' reads them. Other programs may read the file at any time.
//
// Simulations of package sched do not know this package, as it waits for a disk and
// has goroutines of its own. They use store.Memory, which does the same.
package sqlite
