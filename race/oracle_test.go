package race_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// maxRuns is how many schedules a program may have to be compared.
const maxRuns = 300

// outcome is how the comparison over all schedules of a program went.
type outcome struct {
	runs, racy, lost, stuck, skipped int
	many                             bool   // there are too many
	differ                           string // the first run in which the verdicts do
}

// compare runs a program under every schedule and compares the verdicts.
func (in *interpreter) compare(sim *sched.Sim, p program) (o outcome) {
	in.program = p
	all := strategy.DFS()
	for ; all.Next(); o.runs++ {
		if o.runs == maxRuns {
			o.many = true
			return o
		}
		r := sim.Run(all, 1, in.body)
		switch r.End.(type) {
		case nil:
		case *sched.Deadlock, *sched.Leak:
			o.stuck++
		case *sched.Panic, *sched.Misuse:
			o.skipped++
			continue
		default:
			o.differ = r.End.Error()
			return o
		}
		v, differ := in.judge()
		if v.races != 0 {
			o.racy++
		}
		if v.lost != 0 {
			o.lost++
		}
		if differ != "" {
			o.differ = differ
			return o
		}
	}
	if all.Err() != nil {
		o.differ = all.Err().Error()
	}
	return o
}

// judge compares the verdicts on the last run. It returns the oracle's, and how
// they differ.
func (in *interpreter) judge() (want verdict, differ string) {
	m := newModel(in.log)
	want, got := m.verdict(), m.reported(in.tracker.Findings())
	if what := m.contradiction(); what != "" {
		return want, in.explain(what, want, got)
	}
	if got != want {
		return want, in.explain("the verdicts differ", want, got)
	}
	return want, ""
}

func (in *interpreter) explain(what string, want, got verdict) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n%s", what, in.program)
	for i, e := range in.log {
		fmt.Fprintf(&text, "%3d %s\n", i, e)
	}
	fmt.Fprintf(&text, "oracle:  races %v, lost updates %v\ntracker: races %v, lost updates %v\n", want.races, want.lost, got.races, got.lost)
	if got.bogus != "" {
		fmt.Fprintf(&text, "tracker: %s\n", got.bogus)
	}
	return text.String()
}

// shrink drops operations of a program whose verdicts differ as long as they do,
// and returns how.
func (in *interpreter) shrink(sim *sched.Sim, p program, differ string) string {
	for again := true; again; {
		again = false
		for _, smaller := range p.smaller() {
			if o := in.compare(sim, smaller); o.differ != "" {
				p, differ, again = smaller, o.differ, true
				break
			}
		}
	}
	return differ
}

// smaller returns the programs with an operation less.
func (p program) smaller() []program {
	var all []program
	for i := range p {
		for _, ops := range fewer(p[i]) {
			q := append(program(nil), p...)
			q[i] = ops
			all = append(all, q)
		}
	}
	return all
}

// fewer returns ops without one of them, with the body of one in its place, and
// with one whose body is smaller.
func fewer(ops []op) [][]op {
	var all [][]op
	with := func(i int, in ...op) {
		all = append(all, append(append(append([]op(nil), ops[:i]...), in...), ops[i+1:]...))
	}
	for i, o := range ops {
		with(i)
		if len(o.body) > 0 {
			with(i, o.body...)
		}
		for _, body := range fewer(o.body) {
			o.body = body
			with(i, o)
		}
	}
	return all
}

// tally is what was seen of many programs.
type tally struct {
	programs, runs, stuck, skipped, many int
	racy, quiet, sometimes, lost         int // programs
	differ                               []string
}

func (c *tally) add(o outcome) {
	c.programs++
	c.runs += o.runs
	c.stuck += o.stuck
	c.skipped += o.skipped
	switch {
	case o.racy == 0:
		c.quiet++
	default:
		c.racy++
		if o.racy < o.runs-o.skipped {
			c.sometimes++
		}
	}
	if o.lost > 0 {
		c.lost++
	}
}

func (c *tally) join(d tally) {
	c.programs, c.runs, c.stuck, c.skipped, c.many = c.programs+d.programs, c.runs+d.runs, c.stuck+d.stuck, c.skipped+d.skipped, c.many+d.many
	c.racy, c.quiet, c.sometimes, c.lost = c.racy+d.racy, c.quiet+d.quiet, c.sometimes+d.sometimes, c.lost+d.lost
	c.differ = append(c.differ, d.differ...)
}

// survey compares n programs, the same ones on any number of processors.
func survey(n int, maxDiffers int32) tally {
	var (
		next, differs atomic.Int32
		wg            sync.WaitGroup
		mu            sync.Mutex // guards the field below
		all           tally
	)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			var c tally
			in := &interpreter{}
			sim := sched.NewSim(sched.Config{Observer: &in.tracker})
			defer sim.Close()
			for i := next.Add(1); int(i) <= n && differs.Load() < maxDiffers; i = next.Add(1) {
				r := rand.New(rand.NewPCG(1, uint64(i)))
				p := randomProgram(r)
				o := in.compare(sim, p)
				for ; o.many && o.differ == ""; o = in.compare(sim, p) {
					c.many++
					p = randomProgram(r)
				}
				c.add(o)
				if o.differ != "" {
					differs.Add(1)
					c.differ = append(c.differ, fmt.Sprintf("program %d, smaller: %s", i, in.shrink(sim, p, o.differ)))
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all.join(c)
		})
	}
	wg.Wait()
	return all
}

// The tracker finds in every schedule of random programs exactly the data races
// and lost updates that there are by definition.
func TestOracle(t *testing.T) {
	programs := 100_000
	if testing.Short() {
		programs = 3000
	}
	c := survey(programs, 3)
	for _, differ := range c.differ {
		t.Error(differ)
	}
	if t.Failed() {
		return
	}
	t.Logf("%d programs with %d schedules, %d of them stuck, %d misused and skipped; %d others have too many schedules", c.programs, c.runs, c.stuck, c.skipped, c.many)
	t.Logf("%d race, %d of them not in every schedule; %d do not; %d lose updates", c.racy, c.sometimes, c.quiet, c.lost)
	assert.Equal(t, programs, c.programs)
	assert.Greater(t, c.racy, programs/5)
	assert.Greater(t, c.quiet, programs/5)
	assert.Greater(t, c.sometimes, programs/20)
	assert.Greater(t, c.lost, programs/20)
	assert.Less(t, c.skipped, c.runs/20)
}
