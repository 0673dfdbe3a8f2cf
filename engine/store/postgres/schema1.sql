-- Times are nanoseconds since 1970, NULL for none: a timestamp has microseconds.
-- uint64 is a bigint with the same bits.

CREATE TABLE runs (
	run_id            text COLLATE "C" PRIMARY KEY,
	root_run_id       text COLLATE "C" NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
	schema            bigint NOT NULL,
	parent_run_id     text NOT NULL,
	parent_invocation bigint NOT NULL,
	pipeline          text NOT NULL,
	plan_hash         text NOT NULL,
	status            text NOT NULL,
	started_at        bigint,
	ended_at          bigint,
	duration_ns       bigint NOT NULL,
	reason            text NOT NULL,
	error             text NOT NULL,
	error_kind        text NOT NULL,
	error_source      text NOT NULL,
	error_path        text NOT NULL,
	seed              bigint NOT NULL,
	schedule          text NOT NULL,
	labels            text,
	metrics           text,
	last_seq          bigint NOT NULL,
	-- The lease; of inner runs unused.
	lease_owner       text NOT NULL DEFAULT '',
	lease_until       bigint,
	fence             bigint NOT NULL DEFAULT 0
);
CREATE INDEX runs_started ON runs (started_at DESC NULLS LAST);
CREATE INDEX runs_status ON runs (status, started_at DESC NULLS LAST);
CREATE INDEX runs_pipeline ON runs (pipeline, started_at DESC NULLS LAST);
CREATE INDEX runs_plan ON runs (plan_hash);
CREATE INDEX runs_root ON runs (root_run_id);

CREATE TABLE events (
	run_id        text COLLATE "C" NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE, -- the outermost run
	seq           bigint NOT NULL,
	type          text NOT NULL,
	origin_run_id text NOT NULL, -- the run that it is about
	node          text NOT NULL,
	kind          text NOT NULL,
	path          text NOT NULL,
	invocation    bigint NOT NULL,
	parent        bigint NOT NULL,
	owner         bigint NOT NULL,
	attempt       bigint NOT NULL,
	item          bigint NOT NULL, -- -1 for none
	time_ns       bigint,
	elapsed_ns    bigint NOT NULL,
	data          text,
	notes         text,
	PRIMARY KEY (run_id, seq)
);
CREATE INDEX events_type ON events (run_id, type);
-- A key is shorter than a path may be.
CREATE INDEX events_path ON events (run_id, left(path, 256));

CREATE TABLE checkpoints (
	run_id     text COLLATE "C" NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
	number     bigint NOT NULL,
	seq        bigint NOT NULL,
	cut        text NOT NULL,
	state      bytea,
	ledger     bytea,
	codec      text NOT NULL,
	bytes      bigint NOT NULL, -- of state and ledger
	written_at bigint,
	PRIMARY KEY (run_id, number)
);

CREATE TABLE items (
	root_run_id text COLLATE "C" NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
	run_id      text COLLATE "C" NOT NULL, -- of the map, which may be in an inner run
	invocation  bigint NOT NULL,
	item        bigint NOT NULL,
	status      text NOT NULL,
	result      bytea,
	PRIMARY KEY (root_run_id, run_id, invocation, item)
);

CREATE TABLE plans (
	plan_hash  text PRIMARY KEY,
	pipeline   text NOT NULL,
	describe   text NOT NULL,
	first_seen bigint
);

-- What ClaimNext looks through.
CREATE INDEX runs_waiting ON runs (coalesce(ended_at, lease_until, started_at), run_id)
	WHERE status IN ('suspended', 'running');
