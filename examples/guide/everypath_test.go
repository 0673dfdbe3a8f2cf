package guide

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
)

// mutation changes what a value leads to, at one path.
type mutation struct {
	path string
	do   func()
}

// mutations returns a change for each path of a value: one of each basic value that
// it leads to, and a message for each channel.
func mutations(path string, v reflect.Value) []mutation {
	switch v.Kind() {
	case reflect.Int:
		return []mutation{{path, func() { v.SetInt(v.Int() + 1) }}}
	case reflect.Pointer:
		if v.Elem().Kind() == reflect.Struct {
			return mutations(path, v.Elem())
		}
		return mutations("*"+path, v.Elem())
	case reflect.Interface:
		return mutations(fmt.Sprintf("%s.(%s)", path, v.Elem().Type()), v.Elem())
	case reflect.Chan:
		return []mutation{{path, func() { v.Send(reflect.ValueOf(1)) }}}
	}
	var all []mutation
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			all = append(all, mutations(path+"."+v.Type().Field(i).Name, v.Field(i))...)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			all = append(all, mutations(fmt.Sprintf("%s[%d]", path, i), v.Index(i))...)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			path := fmt.Sprintf("%s[%q]", path, k)
			if e := v.MapIndex(k); e.Kind() == reflect.Int {
				all = append(all, mutation{path, func() { v.SetMapIndex(k, reflect.ValueOf(int(e.Int()+1))) }})
			} else {
				all = append(all, mutations(path, e)...)
			}
		}
	}
	return all
}

// Nested is settings within settings, n deep.
type Nested struct {
	Settings
	Next   *Nested
	Lists  [][]int
	ByName map[string][]int
	Fixed  [2]struct{ X, Y int }
	Any    any
}

func nested(depth int) *Nested {
	s, _ := newSettings()
	n := &Nested{Settings: *s, Lists: [][]int{{1}, {2, 3}}, ByName: map[string][]int{"a": {1}}, Any: new(int)}
	if depth > 1 {
		n.Next = nested(depth - 1)
	}
	return n
}

// To assign to a field proves something for the outermost level only. Here every path
// of the settings is tried, and none stays unnoticed: O8. What a function has captured
// shows when it is called again.
func TestSeedS28EveryPath(t *testing.T) {
	tried := 0
	count := func() int { s, _ := newSettings(); return len(mutations("Settings", reflect.ValueOf(s))) }()
	for i := range count {
		s, _ := newSettings()
		m := mutations("Settings", reflect.ValueOf(s))[i]
		if m.path == "Settings.Items[1]" {
			continue // it is Items[0] again
		}
		tried++
		reports(t, mutating(newSettingsOnly, i), mutating(newSettingsOnly, i), "mutated immutable "+m.path+": ")
	}
	captured := func(*check.T) {
		s, n := newSettings()
		race.Freeze(s)
		was := s.F()
		check.Invariant(func() error {
			if s.F() != was {
				return errors.New("F returns something else")
			}
			return nil
		})
		race.Atomic(func() { *n = 2 })
	}
	tried++
	reports(t, captured, captured, "broken invariant at everypath_test.go")
	assert.Equal(t, 6, tried)
}

func newSettingsOnly() *Settings { s, _ := newSettings(); return s }

// mutating is the body of a check that makes one of the changes of a frozen value.
func mutating[S any](newState func() *S, i int) func(*check.T) {
	return func(t *check.T) {
		s := newState()
		name := reflect.TypeFor[S]().Name()
		all := mutations(name, reflect.ValueOf(s))
		require.Less(t, i, len(all))
		race.Freeze(s)
		race.Atomic(all[i].do)
	}
}

// The same for settings that are several levels deep.
func TestSeedS28EveryPathOfDeepStates(t *testing.T) {
	for depth := 1; depth <= 4; depth++ {
		newState := func() *Nested { return nested(depth) }
		all := mutations("Nested", reflect.ValueOf(newState()))
		assert.Len(t, all, 15*depth, "paths at depth %d", depth)
		for i, m := range all {
			r := check.Config{Runs: 1}.Search(t.Name(), mutating(newState, i))
			sameThings(t, m.path, r, []string{"mutated immutable " + m.path + ": "})
		}
	}
}
