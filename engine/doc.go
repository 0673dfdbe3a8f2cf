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
// These orders hold, and a race detector may rely on them: a step happens
// before its successors, all predecessors before a join, what an iterator did
// before the item that it yielded, every item before the end of its map, the
// call of Run before the roots, and everything before Run returns. With
// MaxConcurrency 1 an item happens before the next one. Nothing else is
// ordered: not the items of a map, not the branches of a pipeline.
//
// The engine is written on package sched alone. In production that is
// goroutines and locks of the standard library; in a simulation the same
// pipeline runs under every schedule of a search, and the engine's own locking
// neither adds schedules nor hides a race.
package engine
