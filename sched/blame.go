package sched

import "strings"

// Deed is an operation that some task did, as the explanation of something
// later. Recorded runs have them.
type Deed struct {
	Task, Object string
	Op           Op
	Pos          Pos
}

// String says what was done, where and to what: "unlock mu at a.go:7".
func (d Deed) String() string {
	text := d.Op.String()
	if d.Object != "" {
		text += " " + d.Object
	}
	return text + d.Pos.at()
}

// before says who did d, as a clause about what came later.
func (d *Deed) before() string {
	if d == nil {
		return ""
	}
	return "; before, " + d.Task + " did " + d.String()
}

// remember notes, if the run is recorded, that t has made o what it is now.
func (t *Task) remember(o *object) {
	if r := t.sim.rec; r != nil {
		r.deeds[o] = deed{task: t.id, op: t.op, pos: t.pos()}
	}
}

// deed is a Deed without names.
type deed struct {
	task int32
	op   Op
	pos  Pos
}

// deedOn returns who has made o what it is, or nil if that is not known.
func (s *Sim) deedOn(o *object) *Deed {
	if s.rec == nil || o == nil {
		return nil
	}
	d, ok := s.rec.deeds[o]
	if !ok {
		return nil
	}
	return &Deed{Task: s.taskName(d.task), Op: d.op, Object: s.objectName(o), Pos: d.pos}
}

// charge is a panic that t is about to cause, and the object that is not as it
// should be.
type charge struct {
	text string
	obj  *object
}

// panics notes that t is about to panic with the text because of what o is.
func (t *Task) panics(text string, o *object) { t.charge = charge{text, o} }

// chargedWith returns the object of such a panic with value, or nil.
func (t *Task) chargedWith(value any) *object {
	if t.charge.obj == nil || !strings.Contains(FormatValue(value), t.charge.text) {
		return nil
	}
	return t.charge.obj
}

// refuseCopy ends the run if o is the copy of a lock that is held.
func (t *Task) refuseCopy(o *Object) {
	c := o.cache.Load()
	if c == nil || c.sim != t.sim || c.run != t.sim.run || o.run.Load() != t.sim.run || c.key == o || c.free() {
		return
	}
	t.obj = c
	if t.sim.rec != nil {
		t.look()
	}
	t.misuse("use of a copy of a lock that "+t.sim.holderName(c.holders[0])+" holds", nil)
}
