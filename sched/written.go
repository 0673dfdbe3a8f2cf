package sched

import (
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Code that was rewritten calls functions of package sched/std, whose names do not
// stand in the source. This file knows what does: m.Lock() for std.MutexLock(&m),
// <-ch for std.Recv(ch).

// rewrites is the package that rewritten code calls.
const rewrites = modulePath + "/sched/std"

// written is what the source has in place of a call of package std.
type written struct {
	// call is a piece of text that the line has.
	call string
	// object returns the expression for the object of the operation, or nothing if
	// the line does not tell.
	object func(line string) string
}

// standardTypes begin the names of functions that stand for methods: the type comes
// first. An RWMutex is not to be taken for something else that is locked.
var standardTypes = []string{"RWMutex", "Mutex", "WaitGroup", "Once", "Cond", "Map", "Pool", "Locker", "Timer", "Ticker", "Atomic"}

// statements are the functions that stand for what is no call of a function or
// method.
var statements = map[string]written{
	"Go":        {"go ", nothing},
	"Select":    {"select", nothing},
	"TrySelect": {"select", nothing},
	"Forever":   {"select", nothing},
	"Send":      {"<-", sentTo},
	"Case":      {"<-", sentTo},
	"Recv":      {"<-", receivedFrom},
	"Recv2":     {"<-", receivedFrom},
	"RecvCase":  {"<-", receivedFrom},
	"Next":      {"range ", rangedOver},
	"Next0":     {"range ", rangedOver},
	"Close":     {"close(", func(line string) string { return onlyArgument(line, "close(") }},
	"Len":       {"len(", func(line string) string { return onlyArgument(line, "len(") }},
	"LenSend":   {"len(", func(line string) string { return onlyArgument(line, "len(") }},
}

// writtenAs returns what the source has for a call of a function of package std.
func writtenAs(function string) written {
	name := shortName(function)
	if w, ok := statements[name]; ok {
		return w
	}
	for _, r := range standardTypes {
		method, ok := strings.CutPrefix(name, r)
		if ok && method != "" && unicode.IsUpper(rune(method[0])) {
			return written{"." + method + "(", func(line string) string { return receiver(line, method) }}
		}
	}
	name = strings.TrimPrefix(name, "Context")
	return written{"." + name + "(", nothing}
}

func nothing(string) string { return "" }

// arrows calls see with what stands before and after each arrow of a line that is a
// send or receive.
func arrows(line string, see func(before, after string)) {
	line, _, _ = strings.Cut(line, " //")
	for i := 0; ; i += len("<-") {
		next := strings.Index(line[i:], "<-")
		if next < 0 {
			return
		}
		i += next
		before, after := strings.TrimRightFunc(line[:i], unicode.IsSpace), strings.TrimLeftFunc(line[i+len("<-"):], unicode.IsSpace)
		if lastOperand(before) != "chan" && firstOperand(after) != "chan" {
			see(before, after)
		}
	}
}

// sentTo returns the channel that a line sends to, if it is one.
func sentTo(line string) string {
	var found only
	arrows(line, func(before, _ string) {
		if x := lastOperand(before); x != "" && !keywords[x] {
			found.add(x)
		}
	})
	return found.text()
}

// receivedFrom returns the channel that a line receives from, if it is one. That of a
// context goes by the name of the context.
func receivedFrom(line string) string {
	var found only
	arrows(line, func(before, after string) {
		if x := lastOperand(before); x == "" || keywords[x] {
			found.add(firstOperand(after))
		}
	})
	return strings.TrimSuffix(found.text(), ".Done()")
}

// rangedOver returns the channel that the statement in a line ranges over.
func rangedOver(line string) string {
	_, rest, _ := strings.Cut(line, "range ")
	return firstOperand(strings.TrimLeftFunc(rest, unicode.IsSpace))
}

// keywords are those after which an expression may begin.
var keywords = map[string]bool{"case": true, "return": true, "range": true, "go": true, "defer": true, "if": true, "for": true, "switch": true, "else": true}

// onlyArgument returns x if a line has call(x), once or always with the same x.
func onlyArgument(line, call string) string {
	var found only
	for _, rest := range strings.Split(line, call)[1:] {
		found.add(firstArgument(rest))
	}
	return found.text()
}

// only is the one text that was added.
type only struct {
	found string
	many  bool
}

func (o *only) add(text string) {
	o.many = o.many || o.found != "" && o.found != text
	o.found = text
}

func (o *only) text() string {
	if o.many {
		return ""
	}
	return o.found
}

// firstOperand returns the operand that a piece of source code begins with.
func firstOperand(code string) string {
	depth := 0
	for i, c := range code {
		switch {
		case c == '(' || c == '[':
			depth++
		case (c == ')' || c == ']') && depth > 0:
			depth--
		case depth > 0 || c == '.' || c == '_' || c >= utf8.RuneSelf || unicode.IsLetter(c) || unicode.IsDigit(c):
		default:
			return code[:i]
		}
	}
	return code
}

// Unmodified says that the code of the run is not written on this package, but was
// rewritten: reports speak of the standard library then.
func (t *Task) Unmodified() {
	if s := t.sim; !s.unmodified.Load() {
		s.unmodified.Store(true)
	}
}

// Start starts fn as a task, as [Go] does from t. Reports name it by code, the function
// of the user's that fn calls.
func (t *Task) Start(code, fn func()) { t.spawn("", code, fn) }

// Expression returns what the source calls the object that the calling function of
// package sched/std was given, if the run is recorded; else nothing.
func (t *Task) Expression() string {
	if !t.Recording() {
		return ""
	}
	var pcs stack
	return expressionOf(pcs[:runtime.Callers(2, pcs[:])])
}

// NameChan suggests a name for a channel of the run of t, if there is one. It is called
// for each case of a select, in their order: a run that is recorded numbers them as one
// that is not.
func NameChan[T any](t *Task, c Chan[T], name string) {
	if c.c == nil || !t.Recording() {
		return
	}
	if o := c.c.in(t); name != "" {
		t.sim.rec.suggest(o, name)
	}
}
