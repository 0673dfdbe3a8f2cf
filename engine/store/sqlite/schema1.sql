-- Times are nanoseconds since 1970, NULL for none. What package store calls
-- uint64 is an INTEGER with the same bits.

CREATE TABLE runs (
	run_id            TEXT PRIMARY KEY NOT NULL,
	root_run_id       TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
	schema            INTEGER NOT NULL,
	parent_run_id     TEXT NOT NULL,
	parent_invocation INTEGER NOT NULL,
	pipeline          TEXT NOT NULL,
	plan_hash         TEXT NOT NULL,
	status            TEXT NOT NULL,
	started_at        INTEGER,
	ended_at          INTEGER,
	duration_ns       INTEGER NOT NULL,
	reason            TEXT NOT NULL,
	error             TEXT NOT NULL,
	error_kind        TEXT NOT NULL,
	error_source      TEXT NOT NULL,
	error_path        TEXT NOT NULL,
	seed              INTEGER NOT NULL,
	schedule          TEXT NOT NULL,
	labels            TEXT,
	metrics           TEXT,
	last_seq          INTEGER NOT NULL,
	-- The lease; of inner runs unused.
	lease_owner       TEXT NOT NULL DEFAULT '',
	lease_until       INTEGER,
	fence             INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX runs_started ON runs (started_at);
CREATE INDEX runs_status ON runs (status, started_at);
CREATE INDEX runs_pipeline ON runs (pipeline, started_at);
CREATE INDEX runs_plan ON runs (plan_hash);
CREATE INDEX runs_root ON runs (root_run_id);

CREATE TABLE events (
	run_id        TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE, -- the outermost run
	seq           INTEGER NOT NULL,
	type          TEXT NOT NULL,
	origin_run_id TEXT NOT NULL, -- the run that it is about
	node          TEXT NOT NULL,
	kind          TEXT NOT NULL,
	path          TEXT NOT NULL,
	invocation    INTEGER NOT NULL,
	parent        INTEGER NOT NULL,
	owner         INTEGER NOT NULL,
	attempt       INTEGER NOT NULL,
	item          INTEGER NOT NULL, -- -1 for none
	time_ns       INTEGER,
	elapsed_ns    INTEGER NOT NULL,
	data          TEXT,
	notes         TEXT,
	PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_type ON events (run_id, type);
CREATE INDEX events_path ON events (run_id, path);

CREATE TABLE checkpoints (
	run_id     TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
	number     INTEGER NOT NULL,
	seq        INTEGER NOT NULL,
	cut        TEXT NOT NULL,
	state      BLOB,
	ledger     BLOB,
	codec      TEXT NOT NULL,
	bytes      INTEGER NOT NULL, -- of state and ledger
	written_at INTEGER,
	PRIMARY KEY (run_id, number)
) STRICT;

CREATE TABLE items (
	root_run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
	run_id      TEXT NOT NULL, -- of the map, which may be in an inner run
	invocation  INTEGER NOT NULL,
	item        INTEGER NOT NULL,
	status      TEXT NOT NULL,
	result      BLOB,
	PRIMARY KEY (root_run_id, run_id, invocation, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE plans (
	plan_hash  TEXT PRIMARY KEY NOT NULL,
	pipeline   TEXT NOT NULL,
	describe   TEXT NOT NULL,
	first_seen INTEGER
) STRICT;
