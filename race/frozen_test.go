package race

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// State is the struct of the oracle O8.
type State struct {
	UserID int
	Config map[string]int
	Items  []int
	P      *int
	C      chan int
	F      func() int
}

func newState(captured *int) *State {
	n := 3
	return &State{1, map[string]int{"k": 1}, []int{5}, &n, make(chan int, 2), func() int { return *captured }}
}

// difference returns what a change of a value is reported as, and whether the
// fingerprint tells it.
func difference(root string, v reflect.Value, change func()) (found []Change, noticed bool) {
	before, old := fingerprint(v), leaves(root, v)
	change()
	return changes(old, leaves(root, v)), fingerprint(v) != before
}

// O8: each of the six ways to change the struct is found. What a func has
// captured is seen by none but who calls it.
func TestChangesO8(t *testing.T) {
	captured := 0
	s := newState(&captured)
	for _, tt := range []struct {
		change func()
		want   []Change
	}{
		{func() { s.UserID = 7 }, []Change{{"State.UserID", "1", "7"}}},
		{func() { s.Config["k"] = 2 }, []Change{{`State.Config["k"]`, "1", "2"}}},
		{func() { s.Config["l"] = 3 }, []Change{{`State.Config["l"]`, "(absent)", "3"}}},
		{func() { delete(s.Config, "k") }, []Change{{`State.Config["k"]`, "2", "(absent)"}}},
		{func() { s.Items[0] = 9 }, []Change{{"State.Items[0]", "5", "9"}}},
		{func() { s.Items = append(s.Items, 8) }, []Change{{"State.Items[1]", "(absent)", "8"}}},
		{func() { *s.P = 4 }, []Change{{"*State.P", "3", "4"}}},
		{func() { s.P = nil }, []Change{{"State.P", "not nil", "nil"}, {"*State.P", "4", "(absent)"}}},
		{func() { s.C <- 1 }, []Change{{"State.C", "0 of 2 buffered", "1 of 2 buffered"}}},
		{func() { s.F = nil }, []Change{{"State.F", "not nil", "nil"}}},
		{func() { s.Items = s.Items[:0] }, []Change{{"State.Items[0]", "9", "(absent)"}, {"State.Items[1]", "8", "(absent)"}}},
		{func() { s.Items = nil }, []Change{{"State.Items", "not nil", "nil"}}},
		{func() { s.Config = nil }, []Change{{"State.Config", "not nil", "nil"}, {`State.Config["l"]`, "3", "(absent)"}}},
	} {
		got, noticed := difference("State", reflect.ValueOf(s).Elem(), tt.change)
		assert.Equal(t, tt.want, got)
		assert.True(t, noticed, "%v", tt.want)
	}

	s = newState(&captured)
	was := s.F()
	got, noticed := difference("State", reflect.ValueOf(s).Elem(), func() { captured = 1 })
	assert.Empty(t, got)
	assert.False(t, noticed)
	assert.NotEqual(t, was, s.F())
}

// Of long values the first leaves are listed and compared.
func TestLeavesLimit(t *testing.T) {
	s := make([]int, 2*maxLeaves)
	v := reflect.ValueOf(&s).Elem()
	got := leaves("s", v)
	require.Len(t, got, maxLeaves+1)
	assert.Equal(t, leaf{"", "more than 10000 values, the others are left out"}, got[maxLeaves])
	found, noticed := difference("s", v, func() { s[3] = 1 })
	assert.True(t, noticed)
	assert.Equal(t, []Change{{"s[3]", "0", "1"}}, found)

	m := map[int]bool{}
	for i := range maxLeaves - 1 {
		m[i] = true
	}
	v = reflect.ValueOf(m)
	assert.Len(t, leaves("m", v), maxLeaves)
	found, _ = difference("m", v, func() { m[-1] = true })
	assert.Equal(t, []Change{{"m[-1]", "(absent)", "true"}}, found)
	found, _ = difference("m", v, func() { delete(m, 7) })
	assert.Equal(t, []Change{{"m[7]", "true", "(absent)"}}, found)
	found, _ = difference("s", reflect.ValueOf(make([]struct{}, 1<<40)), func() {})
	assert.Empty(t, found)
}

func pathsOf(found []Change) (paths []string) {
	for _, c := range found {
		paths = append(paths, c.Path)
	}
	return paths
}
