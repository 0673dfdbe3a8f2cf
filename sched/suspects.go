package sched

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Suspect is a piece of code that a simulation does not control, in a function
// that took part in a run which could not be repeated.
type Suspect struct {
	// What it is, such as "time.Now", and what to use Instead.
	What, Instead string
	Pos           Pos
}

func (s Suspect) String() string { return s.What + s.Pos.at() + " (use " + s.Instead + ")" }

// suspicious are patterns of lines of code.
var suspicious = []struct {
	pattern       *regexp.Regexp
	what, instead string
	controlled    bool // in code that was rewritten
}{
	{regexp.MustCompile(`\btime\.(Now|Since|Until)\(`), "the wall clock", "sched.Now and sched.Since", true},
	{regexp.MustCompile(`\btime\.(Sleep|After|AfterFunc|NewTimer|NewTicker|Tick)\(`), "a timer of package time", "that of sched", true},
	{regexp.MustCompile(`\brand\.(Int|Uint|Float|Perm|Shuffle|Norm|Exp|N\b|Read|Text)`), "a global random number", "sched.Rand", true},
	{regexp.MustCompile(`\bmaphash\.`), "maphash, whose seed differs", "another hash", false},
	{regexp.MustCompile(`^\s*go\s+(func\b|\w)`), "a go statement", "sched.Go", true},
	{regexp.MustCompile(`^\s*select\s*\{`), "a select statement", "sched.Select", true},
	{regexp.MustCompile(`%p|\buintptr\(`), "an address", "a number of your own", false},
}

var rangeClause = regexp.MustCompile(`\brange\s+(?:[\w.]*\.)?(\w+)(\[|\s*\{|\()?`)

// suspects looks in the functions that the steps were in, and returns what it
// finds, in order of the source. Code that was rewritten is not suspected of what is
// controlled there.
func suspects(steps []Step, unmodified bool) []Suspect {
	var found []Suspect
	seen := map[Pos]bool{}
	for _, s := range steps {
		lines := sourceLines(s.Pos.File)
		first, last := function(lines, s.Pos.Line)
		if seen[Pos{s.Pos.File, first}] {
			continue
		}
		seen[Pos{s.Pos.File, first}] = true
		for i := first; i <= last; i++ {
			found = append(found, suspectsIn(lines, Pos{s.Pos.File, i + 1}, unmodified)...)
		}
	}
	slices.SortStableFunc(found, func(a, b Suspect) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line))
	})
	return found
}

// suspectsIn looks at one line.
func suspectsIn(lines []string, at Pos, unmodified bool) []Suspect {
	var found []Suspect
	code, _, _ := strings.Cut(lines[at.Line-1], "//")
	for _, s := range suspicious {
		if !(s.controlled && unmodified) && s.pattern.MatchString(code) {
			found = append(found, Suspect{s.what, s.instead, at})
		}
	}
	if m := rangeClause.FindStringSubmatch(code); m != nil && !unmodified && (m[1] == "map" || isMap(lines, m[1])) {
		found = append(found, Suspect{"iteration over a map", "sorted keys or race.Map", at})
	}
	return found
}

// isMap reports whether a name is declared as a map in the file.
func isMap(lines []string, name string) bool {
	declared := regexp.MustCompile(`\b` + name + `\s*(:=|=|,|\s)\s*(make\()?\s*(map\[|maps\.)`)
	return slices.ContainsFunc(lines, declared.MatchString)
}

// function returns the first and the last line, from 0, of the function at the
// top level of a file that has a line, from 1; nothing if there is none.
func function(lines []string, line int) (first, last int) {
	if line < 1 || line > len(lines) {
		return 0, -1
	}
	for first = line - 1; first > 0 && !strings.HasPrefix(lines[first], "func "); first-- {
	}
	for last = line - 1; last < len(lines)-1 && !strings.HasPrefix(lines[last], "}"); last++ {
	}
	return first, last
}
