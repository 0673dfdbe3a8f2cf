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
// A node starts when all nodes with an edge to it have succeeded; the roots,
// which have none, start first. Successors start in the order of their edges. A
// failure, which is an error, a panic or a runtime.Goexit of a step, cancels the
// context of everything that runs and lets nothing else start; the run ends
// when all have returned.
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
//	Suspend       the run ends as by Stop, with an error that says why
//	Goto          another node starts in place of the successors
//
// A node that ends puts a token on its edges: ok, or skipped after Skip. A node
// of which a predecessor was skipped is skipped too, to the end of the pipeline.
// After [Goto] only the edge to its target has a token. These edges, which
// [Node.MayGoto] declares, may form loops. One rule holds for all edges: a node
// waits for every predecessor that can still come, which something that runs
// leads to, and starts when none is left. So a branch that was not taken holds up
// no join, and one behind a loop waits for the end of the loop.
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
