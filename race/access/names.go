package access

import (
	"cmp"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/ravelgo/ravel/sched"
)

// row is what the table of a file says of one load or store.
type row struct {
	line  int
	write bool
	name  sched.Name
}

// tables are the tables of all files.
var tables struct {
	sync.Mutex // guards the fields below
	files      []table
}

// table is the text of a table until somebody asks for a row.
type table struct {
	file string
	text string
	rows []row // sorted by line
}

// Names says what the expressions of a file are that load or store memory. Each
// line of the table is about one: the line, r or w, the expression, and a name that
// is clear elsewhere too, with the type, or -. After a colon there may be the type
// itself, or what it is made of, if that is a basic one: then reports show values.
//
//	17 w s.Counter State.Counter :int
//
// Generated code calls it while the program is initialised. It returns 0.
func Names(file, text string) int {
	arrived.Store(true)
	tables.Lock()
	defer tables.Unlock()
	tables.files = append(tables.files, table{file: file, text: text})
	return 0
}

// NameOf returns what the source calls what is accessed.
func NameOf(a sched.Access) sched.Name {
	f, _ := runtime.CallersFrames([]uintptr{a.PC}).Next()
	if a.Map {
		return mapName(f.File, f.Line)
	}
	names := namesAt(f.File, f.Line, a.Write)
	if len(names) == 0 {
		names = likely(onLine(sourceRows(f.File), f.Line, a.Write))
	}
	if len(names) == 0 {
		return sched.Name{}
	}
	elements := 0
	if a.Write {
		elements = strings.Count(sched.Pos{File: f.File, Line: f.Line}.Source(), "append(")
	}
	nth, of := order(a.PC, a.Write)
	return choose(evaluated(names), elements, nth, of)
}

// evaluated returns names in the order in which they are evaluated: a part of an
// expression before the whole.
func evaluated(names []sched.Name) []sched.Name {
	var all []sched.Name
	for _, n := range names {
		i := slices.IndexFunc(all, func(o sched.Name) bool { return contains(o.Expr, n.Expr) })
		if i < 0 {
			i = len(all)
		}
		all = slices.Insert(all, i, n)
	}
	return all
}

// contains reports whether a part of an expression, but not all, is the other one.
func contains(whole, part string) bool {
	if whole == part {
		return false
	}
	for from := 0; ; from++ {
		i := strings.Index(whole[from:], part)
		if i < 0 {
			return false
		}
		from += i
		end := from + len(part)
		if (from == 0 || !isName(whole[from-1]) && whole[from-1] != '.') && (end == len(whole) || !isName(whole[end])) {
			return true
		}
	}
}

// isName reports whether a byte may be within a name.
func isName(b byte) bool {
	return b == '_' || b >= utf8.RuneSelf || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// choose returns the name of call nth of so many of a line that has some names. An
// append stores elements and then, most often, the slice, which has the name. The
// calls of a function that was inlined several times are there as often. Where it is
// a guess there is no type.
func choose(names []sched.Name, elements, nth, of int) sched.Name {
	n := len(names)
	if all := n + elements; of%all == 0 {
		i := nth%all - elements
		if i < 0 {
			return element(names[0])
		}
		name := names[i]
		if slices.ContainsFunc(names, func(m sched.Name) bool { return m.Type != name.Type }) {
			name.Type = ""
		}
		return name
	}
	name := names[min(nth, n-1)]
	if of%n == 0 {
		name = names[nth%n]
	}
	name.Type = ""
	return name
}

// element returns the name of some element of a slice.
func element(slice sched.Name) sched.Name {
	n := sched.Name{Expr: slice.Expr + "[…]"}
	if slice.Full != "" {
		n.Full = slice.Full + "[…]"
	}
	return n
}

// mapName returns what a line calls a map of which it uses an entry.
func mapName(file string, line int) sched.Name {
	names := append(namesAt(file, line, true), namesAt(file, line, false)...)
	if len(names) == 0 {
		rows := sourceRows(file)
		names = append(onLine(rows, line, true), onLine(rows, line, false)...)
	}
	for _, n := range names {
		m := indexed(n.Expr)
		if m == "" {
			continue
		}
		if i := slices.IndexFunc(names, func(o sched.Name) bool { return o.Expr == m }); i >= 0 {
			return sched.Name{Expr: m, Full: names[i].Full}
		}
		return sched.Name{Expr: m}
	}
	return sched.Name{}
}

// indexed returns x of the expression x[k], or nothing.
func indexed(expr string) string {
	if !strings.HasSuffix(expr, "]") {
		return ""
	}
	depth := 0
	for i := len(expr) - 1; i > 0; i-- {
		switch expr[i] {
		case ']':
			depth++
		case '[':
			if depth--; depth == 0 {
				return expr[:i]
			}
		}
	}
	return ""
}

// namesAt looks in the tables.
func namesAt(file string, line int, write bool) []sched.Name {
	tables.Lock()
	defer tables.Unlock()
	var names []sched.Name
	for i := range tables.files {
		t := &tables.files[i]
		if !sameFile(t.file, file) {
			continue
		}
		if t.rows == nil {
			t.rows = parse(t.text)
		}
		names = append(names, onLine(t.rows, line, write)...)
	}
	return names
}

// onLine returns the names of a line, in the order of the rows.
func onLine(rows []row, line int, write bool) []sched.Name {
	var names []sched.Name
	i, _ := slices.BinarySearchFunc(rows, line, func(r row, line int) int { return cmp.Compare(r.line, line) })
	for _, r := range rows[i:] {
		if r.line != line {
			break
		}
		if r.write == write {
			names = append(names, r.name)
		}
	}
	return names
}

// sorted sorts rows by line.
func sorted(rows []row) []row {
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.line, b.line) })
	return rows
}

// sameFile reports whether the name of a file in a table is that of a file: the
// same, or the end of it.
func sameFile(name, file string) bool {
	return name == file || !filepath.IsAbs(name) && strings.HasSuffix(file, "/"+filepath.ToSlash(name))
}

// parse reads a table. Lines that make no sense are left out.
func parse(text string) []row {
	rows := []row{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		n, err := strconv.Atoi(f[0])
		if err != nil || f[1] != "r" && f[1] != "w" {
			continue
		}
		r := row{line: n, write: f[1] == "w"}
		if typ, ok := strings.CutPrefix(f[len(f)-1], ":"); ok {
			r.name.Type = typ
			f = f[:len(f)-1]
		}
		if last := len(f) - 1; last > 2 {
			r.name.Expr = strings.Join(f[2:last], " ")
			if f[last] != "-" {
				r.name.Full = f[last]
			}
		} else {
			r.name.Expr = f[2]
		}
		rows = append(rows, r)
	}
	return sorted(rows)
}
