package sched

import (
	"strconv"
	"strings"
	"unicode"
)

// Point is what a task has come to, in words that hold in other schedules and,
// as far as they can, after an edit of the program. Only recorded runs have it.
type Point struct {
	// What is the operation and its object, as a [Trace] has them: "write n".
	// It is "end" for a task that has ended, and for a timer or the clock each
	// time that it has had its turn.
	What string
	// Nth counts the times that the task has come to What, from 1.
	Nth int
	// Done is how many operations of the run came before.
	Done int
}

const wordEnd = "end"

// coming is what a task comes to, perhaps often.
type coming struct {
	task int32
	what string
}

// comes notes that t has come to something.
func (r *recorder) comes(t *Task, what string) {
	for len(r.points) <= int(t.id) {
		r.points = append(r.points, Point{})
	}
	c := coming{t.id, what}
	r.times[c]++
	r.points[t.id] = Point{What: what, Nth: r.times[c]}
}

// what names the pending operation of t. An object has the name that the source
// gives it there, else its kind: the same in all schedules, unlike its number.
func (t *Task) what() string {
	if t.obj == nil || t.timer != nil {
		return t.op.word()
	}
	name := t.site().name
	if name == "" {
		name = string(t.obj.kind)
	}
	return t.op.word() + " " + quoteWord(name)
}

// quoteWord makes text one word of a Trace: in quotes, if it has to be.
func quoteWord(text string) string {
	switch {
	case text != "" && !strings.ContainsAny(text[:1], "#\"`") && !strings.ContainsFunc(text, unicode.IsSpace):
		return text
	case strconv.CanBackquote(text):
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}
