package check

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/race"
)

// reporter is what Immutable needs of a test.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

// Immutable fails t, a [testing.TB] or a [T], if data can be changed through a
// copy of a value of type S: it lists all paths for which [race.Leaks] says so.
// If S is a pointer, what it points to is meant. That the fields of S itself are
// not assigned to is for its users to see to.
//
// Paths that are allowed are known to be safe, because nobody changes what they
// lead to. Each is written as it is listed, and allows nothing behind it. One
// that is not a leak fails t too.
func Immutable[S any](t reporter, allowed ...string) {
	t.Helper()
	typ := stateType[S]()
	c := complaint{function: "Immutable", name: race.TypeName(typ), advice: immutableAdvice}
	c.head = fmt.Sprintf("check: %s is not immutable: what its copies share can be changed", c.name)
	if text := c.text(race.Leaks(typ), allowed); text != "" {
		t.Errorf("%s", text)
	}
}

// stateType returns S, or what it points to.
func stateType[S any]() reflect.Type {
	typ := reflect.TypeFor[S]()
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	return typ
}

// complaint is an error about leaks of a type.
type complaint struct {
	function     string // that complains
	name         string // of the type
	head, advice string
}

// text returns the error about the leaks that are not allowed, or nothing if there
// are none.
func (c complaint) text(leaks []race.Leak, allowed []string) string {
	var paths []string
	for _, l := range leaks {
		paths = append(paths, l.Path)
	}
	var text strings.Builder
	for _, a := range allowed {
		if !slices.Contains(paths, a) {
			fmt.Fprintf(&text, "check: %s allows %s, which is no such path of %s: %s\n", c.function, a, c.name, instead(paths))
		}
	}
	leaks = slices.DeleteFunc(leaks, func(l race.Leak) bool { return slices.Contains(allowed, l.Path) })
	if len(leaks) > 0 {
		fmt.Fprintf(&text, "%s through %s\n", c.head, say.Plural(len(leaks), "path"))
		for _, l := range leaks {
			fmt.Fprintf(&text, "    %s\n", l)
		}
		text.WriteString(c.advice)
	}
	return strings.TrimSuffix(text.String(), "\n")
}

const immutableAdvice = `Tasks that each have a copy still write to the same data there, which is a race, and no
assignment to a field shows it. Use arrays or strings, or copy on entry what comes from outside;
keep what must change in a sched.Guarded; or allow a path that nobody writes to.
See https://github.com/ravelgo/ravel/blob/main/docs/findings.md#shallow-immutability
`

// instead says which paths could have been meant.
func instead(paths []string) string {
	if len(paths) == 0 {
		return "it has none, remove it"
	}
	return "remove it, or take one of " + strings.Join(paths, ", ")
}
