package sched

import (
	"cmp"
	"regexp"
	"runtime"
	"strings"
)

// taskNames names the tasks: namesakes get numbers in order of creation.
func (r *recorder) taskNames() []string {
	var names []string
	for id, info := range r.sim.tasks {
		name := info.Name
		switch {
		case info.Index >= 0:
			name += "[" + itoa(info.Index) + "]"
		case name == "" && id < len(r.funcs) && r.funcs[id] != 0:
			name = r.functionName(id)
		}
		if name == "" {
			name = "task " + itoa(id)
		}
		names = append(names, name)
	}
	return number(names)
}

// functionName returns what the source calls the function of a task, or nothing. A
// function literal has no name but in rewritten code, where there are few others: there
// it has that which Go shows in stacks, such as Work.func1.
func (r *recorder) functionName(id int) string {
	name := strings.TrimSuffix(runtime.FuncForPC(r.funcs[id]).Name(), "-fm")
	if r.sim.unmodified.Load() {
		return cmp.Or(startedIn(r.birth(int32(id)).Source()), stackName(name))
	}
	if literal.MatchString(name) {
		return ""
	}
	return lastName(name)
}

// startedIn returns the function that the go statement in a line calls, without what it
// is selected from; nothing if that is a function literal, or there are several.
func startedIn(line string) string {
	found := goCalls.FindAllStringSubmatch(line, 2)
	if len(found) != 1 || found[0][1] == "func" {
		return ""
	}
	return lastName(found[0][1])
}

var goCalls = regexp.MustCompile(`(?:^|[\s{;])go ([\pL\pN_.]+)(?:\[[^\]]*\])?\(`)

// stackName returns the name of a function as stacks have it, without its package.
func stackName(function string) string {
	name := strings.TrimPrefix(function, packageOf(function)+".")
	return strings.NewReplacer("(*", "", ")", "", "[...]", "").Replace(name)
}

// number tells equal names apart: a, a become a[0], a[1], or the next numbers if
// something else is named so.
func number(names []string) []string {
	count := map[string]int{}
	for _, n := range names {
		count[n]++
	}
	next := map[string]int{}
	for i, n := range names {
		for taken := count[n] > 1; taken; taken = count[names[i]] > 0 {
			names[i] = n + "[" + itoa(next[n]) + "]"
			next[n]++
		}
	}
	return names
}

// taskName returns the name of a task, the best that is known.
func (s *Sim) taskName(id int32) string {
	if len(s.taskNames) != len(s.tasks) {
		r := s.rec
		if r == nil {
			r = newRecorder(s)
		}
		s.taskNames = r.taskNames()
	}
	return s.taskNames[id]
}
