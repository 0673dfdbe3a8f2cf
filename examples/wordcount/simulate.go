package main

import (
	"fmt"
	"io"
	"testing/fstest"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
)

// notes is a small tree of text for simulations.
var notes = fstest.MapFS{
	"a.txt": {Data: []byte("to be or not to be")},
	"b.txt": {Data: []byte("be that as it may")},
	"c.txt": {Data: []byte("what may be may be")},
	"d.txt": {Data: []byte("let it be")},
	"e.txt": {Data: []byte("to go on and on")},
}

// counting returns the body of a check: count the words of the notes.
func counting(keep func(*State, part)) func(*check.T) {
	return func(t *check.T) {
		state := &State{Dir: notes}
		if _, err := pipeline(3, keep).Run(t.Context(), state, engine.RunOptions{}); err != nil {
			t.Error(err)
		}
		if n := state.total.words["be"]; n != 6 {
			t.Errorf("\"be\" was counted %d times, want 6", n)
		}
	}
}

// simulate searches schedules of the careless and of the careful variant and
// prints what is found.
func simulate(out io.Writer) error {
	cfg := check.Config{Runs: 1000}
	found := cfg.Search("wordcount", counting(careless))
	if len(found.Findings) == 0 {
		return fmt.Errorf("nothing found in the careless variant: %v", found)
	}
	f := found.Findings[0]
	fmt.Fprintf(out, "\nThe same pipeline, simulated, if its workers forget the lock:\n\n%s", f.Report)
	again, err := cfg.Replay(f.Trace, counting(careless))
	if err != nil {
		return err
	}
	same := "differs"
	if again.Report == f.Report {
		same = "is the same, byte for byte"
	}
	fmt.Fprintf(out, "\nReplayed from this trace the report %s:\n\n%s", same, f.Trace.Bytes())

	quiet := cfg.Search("wordcount", counting(careful))
	fmt.Fprintf(out, "\nWith the lock: %d findings.\n%v\n", len(quiet.Findings), quiet)
	return nil
}
