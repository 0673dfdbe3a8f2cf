package race

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Advice to those who know package sync and not package sched.

// plain reports whether the finding is about plain memory, or in code that was not
// written on package sched.
func (w *words) plain() bool {
	return w.r.Unmodified || w.f.Object >= 0 && w.r.Objects[w.f.Object].Plain
}

// guardPlain advises what would keep accesses at some places apart.
func (w *words) guardPlain(where string, a, b Site) string {
	text := fmt.Sprintf("Hold one lock at %s: a sync.Mutex beside %s.", where, strings.TrimSuffix(w.object, "[…]"))
	if t := atomicType(a, b); t != "" {
		text += fmt.Sprintf(" Or make it an %s, if it needs to agree with nothing else.", t)
	}
	if s, ok := w.slept(b, a); ok {
		return text + fmt.Sprintf(" To wait for something take a channel or a sync.WaitGroup in place of the time.Sleep at %s.", s.Pos)
	}
	return text + " Or let one goroutine own it, and send to that."
}

// atomicType returns the type of package sync/atomic that could hold what was accessed,
// if its values are known; else nothing. Something of a slice could not as well be one.
func atomicType(sites ...Site) string {
	for _, s := range sites {
		if strings.HasSuffix(s.Object, "]") || strings.Contains(s.Object, "[…]") {
			return ""
		}
		if _, err := strconv.ParseInt(s.Value, 10, 64); err == nil {
			return "atomic.Int64 or the like"
		}
		if s.Value == "true" || s.Value == "false" {
			return "atomic.Bool"
		}
	}
	return ""
}

// slept returns a site whose task slept right before it, as if that made it wait for the
// other one.
func (w *words) slept(sites ...Site) (Site, bool) {
	for _, s := range sites {
		for _, p := range slices.Backward(w.r.Steps) {
			if p.Task != s.Step.Task || p.N >= s.N || p.Side {
				continue
			}
			if p.Op.String() == "sleep" {
				return Site{Step: p, Task: s.Task}, true
			}
			break
		}
	}
	return Site{}, false
}
