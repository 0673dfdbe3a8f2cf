package check

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/sched"
)

// table is the schedule, a column a task.
type table struct {
	rec   *sched.Record
	p     problem
	lanes []int // tasks, in order of their first row
	rows  []row
}

// row is one step in its column, or a gap.
type row struct {
	step sched.Step
	gap  int // operations left out
	key  bool
}

// newTable chooses what to show: the steps of the tasks involved, up to the
// last one that matters, without those far from it if there are many.
func newTable(p problem, rec *sched.Record) *table {
	tb := &table{rec: rec, p: p}
	involved := tb.involved()
	last := len(rec.Steps)
	if len(p.steps) > 0 {
		end := slices.Max(p.steps)
		last = slices.IndexFunc(rec.Steps, func(s sched.Step) bool { return s.N == end && !s.Side }) + 1
	}
	gap := 0
	for _, s := range rec.Steps[:last] {
		if ofTime(s) {
			tb.addGap(&gap)
			tb.rows = append(tb.rows, row{step: s})
			continue
		}
		if !slices.Contains(involved, s.Task) || s.Side && s.Op.String() == "go" && !slices.Contains(involved, s.Peer) {
			if !s.Side {
				gap++
			}
			continue
		}
		tb.addGap(&gap)
		tb.rows = append(tb.rows, row{step: s, key: !s.Side && (slices.Contains(p.steps, s.N) || slices.Contains(p.marks, s.N))})
	}
	tb.addGap(&gap)
	tb.elide()
	for _, r := range tb.rows {
		if r.gap == 0 && !ofTime(r.step) && !slices.Contains(tb.lanes, r.step.Task) {
			tb.lanes = append(tb.lanes, r.step.Task)
		}
	}
	for _, w := range p.blocked {
		if slices.Contains(involved, w.ID) && !slices.Contains(tb.lanes, w.ID) {
			tb.lanes = append(tb.lanes, w.ID)
		}
	}
	slices.Sort(tb.lanes)
	return tb
}

// ofTime reports whether a step is none of a task but of a timer or the clock.
func ofTime(s sched.Step) bool { return s.Op.String() == "fire" || s.Op.String() == "advance" }

// involved returns the tasks to show: those that the finding is about, and,
// where some wait without a cycle, those that have used what they wait for.
func (tb *table) involved() []int {
	var ids []int
	add := func(id int) {
		if !slices.Contains(ids, id) && len(ids) < maxLanes {
			ids = append(ids, id)
		}
	}
	for _, id := range tb.p.tasks {
		add(id)
	}
	if len(ids) == 0 {
		for id := range tb.rec.Tasks {
			add(id)
		}
	}
	for _, s := range tb.rec.Steps {
		if s.Object >= 0 && slices.Contains(tb.p.lacking, tb.rec.Objects[s.Object].Name) {
			add(s.Task)
		}
	}
	return ids
}

func (tb *table) addGap(gap *int) {
	if *gap > 0 {
		tb.rows = append(tb.rows, row{gap: *gap})
		*gap = 0
	}
}

// elide leaves out rows that are neither operations of the finding, nor switches,
// nor next to one of these, until few enough are left.
func (tb *table) elide() {
	if len(tb.rows) <= maxRows {
		return
	}
	tail := maxRows
	if tb.p.kind == keyNoEnd {
		tail = endRows
	}
	near := func(i int) bool {
		for j := max(0, i-2); j <= min(len(tb.rows)-1, i+2); j++ {
			if tb.rows[j].key || tb.rows[j].step.Preempts {
				return true
			}
		}
		return len(tb.p.steps) == 0 && i >= len(tb.rows)-tail
	}
	var kept []row
	gap := 0
	for i, r := range tb.rows {
		if r.gap == 0 && near(i) {
			if gap > 0 {
				kept = append(kept, row{gap: gap})
				gap = 0
			}
			kept = append(kept, r)
			continue
		}
		gap += max(1, r.gap)
	}
	if gap > 0 {
		kept = append(kept, row{gap: gap})
	}
	tb.rows = kept
}

// String draws the table within the width of a report: a mark, a column a task
// and the source position.
func (tb *table) String() string {
	if len(tb.lanes) == 0 {
		return ""
	}
	place := 0
	for _, r := range tb.rows {
		place = max(place, utf8.RuneCountInString(r.step.Pos.String()))
	}
	each := tb.laneWidth(place)
	var b strings.Builder
	head := "   "
	for _, id := range tb.lanes {
		head += padName(tb.rec.Tasks[id].Name, each)
	}
	b.WriteString(strings.TrimRight(head, " ") + "\n")
	preempted := false
	for _, r := range tb.rows {
		if r.gap > 0 {
			fmt.Fprintf(&b, "   ⋮ %s\n", say.Plural(r.gap, "other operation"))
			continue
		}
		mark := "   "
		if r.key {
			mark = " * "
		}
		if r.step.Preempts {
			mark = ">" + mark[1:]
			preempted = true
		}
		if ofTime(r.step) {
			writeLine(&b, mark, pad("~ "+event(tb.rec.Tasks[r.step.Task].Name, r.step), each*len(tb.lanes)), r.step.Pos)
			continue
		}
		writeLine(&b, mark, tb.inLane(r.step.Task, cell(tb.rec, r.step), each), r.step.Pos)
	}
	for _, w := range tb.p.blocked {
		if !slices.Contains(tb.lanes, w.ID) {
			continue
		}
		writeLine(&b, " ! ", tb.inLane(w.ID, w.Waits(), each), w.Pos)
	}
	if tb.p.end.text != "" && slices.Contains(tb.lanes, tb.p.end.task) {
		writeLine(&b, " ! ", tb.inLane(tb.p.end.task, tb.p.end.text, each), tb.p.end.pos)
	}
	b.WriteString(tb.legend(preempted))
	b.WriteString(tb.quotes())
	return b.String()
}

// quotes returns the lines of the source that the finding is about.
func (tb *table) quotes() string {
	var places []sched.Pos
	for _, r := range tb.rows {
		if r.key {
			places = append(places, r.step.Pos)
		}
	}
	for _, w := range tb.p.blocked {
		if slices.Contains(tb.lanes, w.ID) {
			places = append(places, w.Pos)
		}
	}
	if tb.p.end.text != "" {
		places = append(places, tb.p.end.pos)
	}
	var b strings.Builder
	var said []sched.Pos
	for _, p := range places {
		code := strings.Join(strings.Fields(p.Source()), " ")
		if code == "" || slices.Contains(said, p) || len(said) == maxQuotes {
			continue
		}
		said = append(said, p)
		fmt.Fprintf(&b, "   %s\n", cut(p.String()+"  "+code, width-3))
	}
	if b.Len() == 0 {
		return ""
	}
	return "\n" + b.String()
}

// cut makes text at most n columns wide.
func cut(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return text
}

// laneWidth returns how wide a column is: as its texts need it, if there is room.
func (tb *table) laneWidth(place int) int {
	widest := 0
	for _, id := range tb.lanes {
		widest = max(widest, utf8.RuneCountInString(tb.rec.Tasks[id].Name))
	}
	for _, r := range tb.rows {
		if r.gap == 0 && !ofTime(r.step) {
			widest = max(widest, utf8.RuneCountInString(cell(tb.rec, r.step)))
		}
	}
	for _, w := range tb.p.blocked {
		if slices.Contains(tb.lanes, w.ID) {
			widest = max(widest, utf8.RuneCountInString(w.Waits()))
		}
	}
	return min(widest+2, max((width-3-place)/len(tb.lanes), minLane), maxLane)
}

// inLane returns the columns of a line with text in that of a task.
func (tb *table) inLane(task int, text string, each int) string {
	line := ""
	for _, id := range tb.lanes {
		if id == task {
			line += pad(text, each)
		} else {
			line += pad("", each)
		}
	}
	return line
}

// writeLine writes a line of the table, without spaces at its end.
func writeLine(b *strings.Builder, mark, columns string, place sched.Pos) {
	b.WriteString(strings.TrimRight(mark+columns+place.String(), " ") + "\n")
}

func (tb *table) legend(preempted bool) string {
	var parts []string
	if len(tb.p.steps)+len(tb.p.marks) > 0 {
		parts = append(parts, "* the operations it is about")
	}
	if preempted {
		parts = append(parts, "> the task before could have gone on")
	}
	if slices.ContainsFunc(tb.p.blocked, func(w sched.Wait) bool { return slices.Contains(tb.lanes, w.ID) }) {
		parts = append(parts, "! waits for ever")
	}
	if len(parts) == 0 {
		return ""
	}
	return wrap("("+strings.Join(parts, "; ")+")", "   ") + "\n"
}

// event describes what a timer or the clock does.
func event(name string, s sched.Step) string {
	if s.Op.String() == "fire" {
		return name + " fires"
	}
	return "the clock goes on to " + strings.Trim(s.Value, `"`)
}

// cell describes a step in a few words.
func cell(rec *sched.Record, s sched.Step) string {
	text := s.Op.String()
	if s.Object >= 0 {
		name := rec.Objects[s.Object].Name
		if s.Loc >= 0 && rec.Objects[s.Object].Kind != "map" {
			name += fmt.Sprintf("[%d]", s.Loc)
		}
		text += " " + name
	}
	if s.Peer >= 0 && s.Op.String() == "go" {
		text += " " + rec.Tasks[s.Peer].Name
	}
	if s.Value != "" {
		text += " = " + s.Value
	}
	return text
}

// pad makes text exactly n columns wide, the last of them empty.
func pad(text string, n int) string {
	r := []rune(text)
	if len(r) > n-1 {
		r = append(r[:max(0, n-2)], '…')
	}
	return string(r) + strings.Repeat(" ", max(0, n-len(r)))
}

// padName is pad for the name of a task, whose end tells it from others.
func padName(name string, n int) string {
	if r := []rune(name); len(r) > n-1 {
		name = "…" + string(r[len(r)-max(0, n-2):])
	}
	return pad(name, n)
}
