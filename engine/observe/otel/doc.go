// Package otel tells OpenTelemetry about pipeline runs, as traces and metrics. It
// is a module of its own and needs only the API of OpenTelemetry; the program
// chooses what records and exports.
//
//	observer, err := otel.New(otel.Options{})
//	...
//	result, err := p.Run(ctx, &State{}, engine.RunOptions{Observers: []engine.Observer{observer}})
//
// # Traces
//
// A run is a span, each of its invocations a child of that, and each attempt a
// child of its invocation. Items are children of the invocation of their map, and
// an inner run is a child of the attempt that called it:
//
//	run orders
//	├─ step load
//	│  └─ attempt load
//	└─ map pages           linked to step load, which released it
//	   ├─ attempt pages
//	   ├─ item pages
//	   │  └─ attempt pages
//	   └─ item pages
//	      └─ attempt pages
//
// Spans start and end with the events of a run, whose times they have; in a
// simulation these are virtual. They have the status Error and the text of the
// failure if an attempt failed, was abandoned or is followed by another one, if
// an invocation failed, or if a run ended as failed or timeout. Other events are
// events of a span: of the attempt they are about, else of the run. What an
// attempt has noted about itself is an attribute ravel.note.KEY of its span, and
// a label ravel.label.KEY of that of the run; values that were emitted are not
// recorded, only their types. Attempts that have not ended when their run
// finishes, as after RunOptions.Grace, end then.
//
// # Metrics
//
//	ravel.runs                runs that ended, by status
//	ravel.run.duration        of these
//	ravel.active_runs         runs between start and end
//	ravel.attempts            attempts that ended, by node and outcome
//	ravel.attempt.duration    of these
//	ravel.retries             attempts that are to be followed by another one
//	ravel.active_invocations  invocations between start and end
//	ravel.barrier.wait_time   how long joins have waited after the first arrival
//	ravel.tokens              values that were emitted
//	ravel.checkpoints         checkpoints that were written
//	ravel.checkpoint.size     of these
//
// All have the attribute ravel.pipeline. Those about runs have ravel.inner too,
// and those about nodes ravel.node and ravel.kind. Statuses are those of
// [event.Finished]; outcomes are ok, skipped, handled, retried, failed,
// cancelled, suspended and abandoned. What failed or was abandoned has error.type.
package otel
