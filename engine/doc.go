// Package engine runs pipelines: named steps and maps over items, connected by
// edges, on one shared state.
//
//	p := engine.New[State]("words", engine.Options{})
//	list := p.Step("list", listFiles, engine.NodeOptions{})
//	count := engine.Map(p, "count", engine.Each[State, string]{
//		Items: engine.Slice(files),
//		Do:    countFile,
//	}, engine.MapOptions{MaxConcurrency: 4})
//	list.To(count)
//	result, err := p.Run(ctx, &State{}, engine.RunOptions{})
//
// # The model
//
// A [Pipeline] is a blueprint, which any number of runs may use at once. A run
// executes it on one state, which it passes to every step by pointer and never
// copies, locks or merges: whoever writes the state from steps that can run at
// the same time must guard it. Package check tells whether they do.
//
// Nodes are steps, maps over items ([Map], [MapGather]), switches ([Switch]), and
// other pipelines ([Sub], [MapSub]). A node starts when all nodes with an edge to it
// have succeeded; the roots, which have none, start first. Successors start in the
// order of their edges.
//
// # Results
//
// A step returns an error and nothing else: data go through the state, or from
// the items of a map to Collect of [MapGather], or out of the run by [Emit]. Some
// errors are control values, which are no failures:
//
//	Stop          the run starts nothing more and ends when all have returned
//	Skip          what follows is left out
//	Retry         the step is called again, RetryAfter says when
//	Suspend       the run ends as by Stop, and can be resumed if it has a store
//	Goto          another node starts in place of the successors
//
// All else that a step does in place of returning nil is a failure: an error, a
// panic, a runtime.Goexit, or an error after its time limit. A [RetryPolicy] repeats
// it, a [Handler] deals with it, or else the [Policy] of the pipeline decides: by
// default the context of everything that runs is cancelled, nothing else starts, and
// the run ends when all have returned.
//
// # Joins
//
// A node that ends puts a token on its edges: ok; skipped after Skip, and failed
// after a failure, which go on to the end of the pipeline. After [Goto], and from a
// switch, only the edge to the target has a token. The edges of Goto, which
// [Node.MayGoto] declares, may form loops. One rule holds for all edges: a node
// waits for every predecessor that can still come, which something that runs leads
// to, and starts when none is left and one has succeeded. So a branch that was not
// taken holds up no join, and one behind a loop waits for the end of the loop.
// NodeOptions.Join says what else a node may wait for.
//
// # Stores
//
// With RunOptions.Store a run is kept, and can be resumed by another process when it
// was suspended, has failed, or when its process has died. A checkpoint is written
// whenever nothing of the run runs; what it has does not run again, and all else
// may. So what a step does to the world outside should be idempotent, or keyed by
// StepInfo.RunID and Invocation.
//
// # Events
//
// An [Observer] is told the events of a run, and the consumer of [Pipeline.Stream]
// reads them; package event lists them. They are numbered in the order in which
// they happened. A run waits for those who read it: at most RunOptions.Buffer
// events wait, and those of a step or two.
//
//	run, err := p.Stream(ctx, &State{}, engine.RunOptions{})
//	for e := range run.Events() {
//		if token, ok := e.Data.(event.Emitted); ok {
//			fmt.Println(token.Value)
//		}
//	}
//	result, err := run.Wait()
//
// # Order
//
// These orders hold, and a race detector may rely on them: a step happens
// before its successors, all predecessors before a join, what an iterator did
// before the item that it yielded, every item before the end of its map, the
// call of Run before the roots, and everything before Run returns; an attempt
// before the next one; an item before the Collect of its result, and that before
// the next Collect and the end of the map; what precedes Emit, or the end of a
// step, before its event is observed or read. With MaxConcurrency 1 an item
// happens before the next one. Nothing else is ordered: not the items of a map,
// not an item and the Collect of another one, not the branches of a pipeline.
//
// The engine is written on package sched alone. In production that is
// goroutines and locks of the standard library; in a simulation the same
// pipeline runs under every schedule of a search, and the engine's own locking
// neither adds schedules nor hides a race.
package engine
