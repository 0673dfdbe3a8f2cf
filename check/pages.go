package check

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ravelgo/ravel/check/report"
	"github.com/ravelgo/ravel/sched"
)

// recorded is a run that was recorded.
type recorded struct {
	rec   *sched.Record
	links *links
}

// record makes a run and notes the orders in it.
func (r *runner) record(st sched.Strategy, from start) (*T, *sched.Result, recorded) {
	l := &links{}
	r.watch.links = l
	t, res := r.run(st, from)
	r.watch.links = nil
	return t, res, recorded{res.Record, l}
}

// Sizes of a report as data.
const (
	maxSteps  = 5000    // up to the last one that the finding is about
	maxClocks = 200_000 // numbers in the vector clocks; if there are more it has none
)

// schedule returns a recorded run as data.
func (r recorded) schedule(about []int) report.Schedule {
	rec, left := clipped(r.rec, about)
	s := report.Schedule{Tasks: []report.Task{}, Objects: []report.Object{}, Steps: []report.Step{}, Left: left}
	for _, t := range rec.Tasks {
		s.Tasks = append(s.Tasks, report.Task{Name: t.Name, Path: t.Path, Timer: t.Timer})
	}
	for _, o := range rec.Objects {
		s.Objects = append(s.Objects, report.Object{Name: o.Name, Kind: string(o.Kind)})
	}
	for _, st := range rec.Steps {
		step := report.Step{N: st.N, Task: st.Task, Op: st.Op.String(), Object: st.Object, Loc: st.Loc, Peer: st.Peer,
			Text: describe(rec, st), Value: st.Value, Time: int64(st.Time), Held: st.Held, Preempts: st.Preempts, Side: st.Side,
			About: !st.Side && slices.Contains(about, st.N)}
		step.File, step.Line = fileLine(st.Pos)
		s.Steps = append(s.Steps, step)
	}
	r.links.arrange(&s, rec)
	if len(s.Steps)*len(s.Tasks) > maxClocks {
		for i := range s.Steps {
			s.Steps[i].Clock = nil
		}
	}
	return s
}

// clipped returns a run without its first steps, and how many these are, if there are
// very many: it ends with the last step that the finding is about.
func clipped(rec *sched.Record, about []int) (clip *sched.Record, left int) {
	if len(rec.Steps) <= maxSteps {
		return rec, 0
	}
	end := len(rec.Steps)
	if len(about) > 0 {
		last := slices.Max(about)
		end = max(maxSteps, slices.IndexFunc(rec.Steps, func(s sched.Step) bool { return s.N > last }))
	}
	clip = &sched.Record{Tasks: rec.Tasks, Objects: rec.Objects, Steps: rec.Steps[end-maxSteps : end]}
	return clip, end - maxSteps
}

// describe says what a step is in a few words.
func describe(rec *sched.Record, s sched.Step) string {
	if ofTime(s) {
		return event(rec.Tasks[s.Task].Name, s)
	}
	return cell(rec, s)
}

func fileLine(p sched.Pos) (file string, line int) {
	if p.Line == 0 {
		return "", 0
	}
	return filepath.Base(p.File), p.Line
}

// data returns all that is known of a finding.
func (x *explainer) data(p problem, f Finding, t *T, run recorded) *report.Report {
	r := &report.Report{Version: report.Version, Package: packageOf(x.slow.code), Test: f.Trace.Test,
		Kind: f.Kind, Object: f.Object, Summary: f.Summary, Details: p.details, Also: f.Also,
		Why: p.advice.why, Order: p.advice.order, Help: p.advice.help,
		Causes: p.why, Notes: f.Trace.Notes, Log: t.logs, Preemptions: f.Preemptions, Fewest: f.Fewest,
		File: f.File, Trace: string(f.Trace.Bytes()), Text: f.Report}
	if t.draws != nil {
		for _, d := range t.draws.drawn() {
			r.Input = append(r.Input, report.Draw{Name: d.name, Value: d.value})
		}
	}
	if p.advice.page != "" {
		r.Page = pages + p.advice.page
	}
	if f.File != "" {
		r.Replay = replayCommand(f, x.slow)
	}
	r.Failing = run.schedule(append(slices.Clone(p.steps), p.marks...))
	for _, w := range p.blocked {
		wait := report.Wait{Task: w.ID, Text: w.Waits(), Object: w.Object}
		wait.File, wait.Line = fileLine(w.Pos)
		r.Failing.Waits = append(r.Failing.Waits, wait)
	}
	r.Failing.End = p.end.text
	if p.end.text != "" {
		r.Failing.End = run.rec.Tasks[p.end.task].Name + " " + p.end.text
	}
	places := placesOf(run.rec)
	for _, w := range p.blocked {
		places = append(places, w.Pos)
	}
	if p.passing.rec != nil {
		passing := p.passing.schedule(nil)
		r.Passing, r.Parts = &passing, p.parts
		places = append(places, placesOf(p.passing.rec)...)
	}
	r.Sources = sources(places)
	return r
}

func placesOf(rec *sched.Record) []sched.Pos {
	var all []sched.Pos
	for _, s := range rec.Steps {
		all = append(all, s.Pos)
	}
	return all
}

// around is how many lines before and after an excerpt has.
const around = 3

// sources returns the source around some places, as far as it is there.
func sources(places []sched.Pos) []report.Source {
	places = slices.Clone(places)
	slices.SortFunc(places, func(p, q sched.Pos) int { return cmp.Or(cmp.Compare(p.File, q.File), p.Line-q.Line) })
	var all []report.Source
	file, end := "", 0 // of the last excerpt
	for _, p := range slices.Compact(places) {
		if p.Line == 0 || p.Source() == "" {
			continue
		}
		from := max(p.Line-around, 1)
		if p.File != file || from > end+1 {
			all = append(all, report.Source{File: filepath.Base(p.File), Path: inModule(p.File), First: from})
			file, end = p.File, from-1
		}
		for last := &all[len(all)-1]; end < p.Line+around; end++ {
			last.Lines = append(last.Lines, sched.Pos{File: file, Line: end + 1}.Source())
		}
	}
	return all
}

// inModule returns the path of a file from the root of its module.
func inModule(file string) string {
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			if rel, err := filepath.Rel(dir, file); err == nil {
				return filepath.ToSlash(rel)
			}
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// publisher writes what a search has found where RAVEL_REPORT says; to nowhere if
// the folder is "".
type publisher struct {
	folder string
	search report.Search
	err    error // the first
}

func newPublisher(s *search) *publisher {
	p := &publisher{search: report.Search{Version: report.Version, Package: packageOf(s.slow.code), Test: s.name, Seed: s.cfg.Seed}}
	if dir := os.Getenv("RAVEL_REPORT"); dir != "" {
		p.folder = filepath.Join(dir, filepath.FromSlash(p.search.Package), testFolder(s.name))
	}
	return p
}

// add writes the report of a finding.
func (p *publisher) add(f *Finding) {
	name := nameOfFiles(f.Kind)
	if f.Trace != nil {
		name = nameOfFiles(f.Trace.Finding)
	}
	p.search.Findings = append(p.search.Findings, report.Found{Kind: f.Kind, Summary: f.Summary, Name: name, File: f.File,
		Run: f.Run, Preemptions: f.Preemptions, Fewest: f.Fewest})
	if f.Data != nil {
		p.write(name+".json", f.Data.Bytes())
		p.write(name+".html", f.Data.HTML())
	}
}

// replayed notes how a saved trace went; the error says that it has drifted.
func (p *publisher) replayed(file string, fails bool, err error) {
	r := report.Replay{File: file, Fails: fails}
	if err != nil {
		r.Drift = err.Error()
	}
	p.search.Replays = append(p.search.Replays, r)
}

// published counts the searches that were written to each folder.
var published = struct {
	sync.Mutex
	searches map[string]int
}{searches: map[string]int{}}

// searchName returns the name of the file of a search: a test may make several.
func (p *publisher) searchName() string {
	published.Lock()
	defer published.Unlock()
	published.searches[p.folder]++
	if n := published.searches[p.folder]; n > 1 {
		return fmt.Sprintf("search-%d.json", n)
	}
	return "search.json"
}

// end writes how the search went.
func (p *publisher) end(t testing.TB, r *Result) {
	t.Helper()
	s := &p.search
	s.Runs, s.Cut, s.Steps, s.Distinct, s.Preemptions = r.Runs, r.Cut, r.Steps, r.Distinct, r.Preemptions
	s.Complete, s.Stopped, s.Possible = r.Complete, r.Stopped, r.Possible
	s.Milliseconds, s.Hash = r.Elapsed.Milliseconds(), fmt.Sprintf("%016x", r.Hash)
	s.Replayed = r.Runs == 0 && s.Summary == ""
	if r.Runs > 0 {
		s.Summary = strings.TrimPrefix(r.String(), "ravel: ")
	}
	p.write(p.searchName(), s.Bytes())
	if p.err != nil {
		t.Errorf("check: RAVEL_REPORT: %v", p.err)
	} else if p.folder != "" && len(s.Findings) > 0 {
		t.Logf("ravel: the reports are in %s", p.folder)
	}
}

func (p *publisher) write(name string, text []byte) {
	if p.folder == "" || p.err != nil {
		return
	}
	if p.err = os.MkdirAll(p.folder, 0o777); p.err == nil {
		p.err = os.WriteFile(filepath.Join(p.folder, name), text, 0o666)
	}
}
