//go:build !race && (amd64 || arm64)

package access

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
)

// Of the names of a line each call gets its own, as far as their numbers tell.
func TestChoose(t *testing.T) {
	a, b := sched.Name{Expr: "a", Type: "int"}, sched.Name{Expr: "b", Type: "bool"}
	element := sched.Name{Expr: "a[…]"}
	untyped := func(n sched.Name) sched.Name { return sched.Name{Expr: n.Expr} }
	for _, c := range []struct {
		name              string
		names             []sched.Name
		elements, nth, of int
		want              sched.Name
	}{
		{"alone", []sched.Name{a}, 0, 0, 1, a},
		{"inlined twice", []sched.Name{a}, 0, 1, 2, a},
		{"second", []sched.Name{a, b}, 0, 1, 2, untyped(b)},
		{"second of the second time", []sched.Name{a, b}, 0, 3, 4, untyped(b)},
		{"append: the element", []sched.Name{a}, 1, 0, 2, element},
		{"append: an element of a field", []sched.Name{{Expr: "s.a", Full: "S.a"}}, 1, 0, 2, sched.Name{Expr: "s.a[…]", Full: "S.a[…]"}},
		{"append: the slice", []sched.Name{a}, 1, 1, 2, a},
		{"append to what is no memory", []sched.Name{a}, 1, 0, 1, untyped(a)},
		{"fewer calls than names", []sched.Name{a, b}, 0, 0, 1, untyped(a)},
		{"more calls than names", []sched.Name{a, b}, 0, 2, 3, untyped(b)},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, choose(c.names, c.elements, c.nth, c.of))
		})
	}
}

func TestParse(t *testing.T) {
	assert.Equal(t, []row{
		{line: 3, name: sched.Name{Expr: "m[a + b]"}},
		{line: 3, write: true, name: sched.Name{Expr: "s.n", Full: "State.n", Type: "int"}},
		{line: 17, name: sched.Name{Expr: "x"}},
	}, parse("17 r x -\nnonsense\n3 r m[a + b] -\n3 w s.n State.n :int\n4 x y z\n"))
}

func TestIndexed(t *testing.T) {
	for expr, want := range map[string]string{"m[k]": "m", "s.m[f(x[1])]": "s.m", "m[a][b]": "m[a]", "m": "", "]": ""} {
		assert.Equal(t, want, indexed(expr), expr)
	}
}

// Without a table the source tells.
func TestSourceRows(t *testing.T) {
	var texts []string
	for _, r := range onLine(sourceRows("testdata/lines.go.txt"), 4, true) {
		texts = append(texts, r.Expr)
	}
	assert.Equal(t, []string{"s.a", "*p"}, texts)
	texts = nil
	for _, r := range onLine(sourceRows("testdata/lines.go.txt"), 4, false) {
		texts = append(texts, r.Expr)
	}
	assert.Equal(t, []string{"s.b", "list[i]", "v"}, texts)
	assert.Empty(t, sourceRows("testdata/none"))
}

// A table has the whole of an expression before its parts; the code loads these first.
func TestEvaluated(t *testing.T) {
	var names []sched.Name
	for _, expr := range []string{"a.b.c", "a.b", "list[s.i]", "list", "s.i", "*p", "p", "ab"} {
		names = append(names, sched.Name{Expr: expr})
	}
	var got []string
	for _, n := range evaluated(names) {
		got = append(got, n.Expr)
	}
	assert.Equal(t, []string{"a.b", "a.b.c", "list", "s.i", "list[s.i]", "p", "*p", "ab"}, got)
}
