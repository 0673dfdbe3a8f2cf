package access

import (
	"reflect"
	"runtime"
	"sort"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// An access is foreign if tables tell which folders are controlled, and its code is in
// none of them, unless it can only be about data.
func TestForeign(t *testing.T) {
	old := tables.files
	defer func() { tables.files = old; allTabled.Store(false) }()
	pc := func(f any) uintptr { return reflect.ValueOf(f).Pointer() + 1 }
	assert.False(t, Foreign(pc((*sync.Cond).Wait)), "nobody says that there are tables")
	Tabled()
	tables.files = []table{{file: "/nowhere/else.go"}}
	assert.True(t, Foreign(pc((*sync.Cond).Wait)))
	assert.True(t, Foreign(pc(packageOf)))
	assert.False(t, Foreign(pc(sort.Strings)))
	file, _ := runtime.FuncForPC(pc(packageOf)).FileLine(pc(packageOf))
	tables.files = append(tables.files, table{file: folder(file) + "/other.go"})
	assert.False(t, Foreign(pc(packageOf)), "another file of the folder has a table")
}

func TestPackageOf(t *testing.T) {
	for function, want := range map[string]string{
		"sort.Strings":                          "sort",
		"example.com/a.b/c.(*T).M":              "example.com/a.b/c",
		"slices.Sort[go.shape.[]example.com/x]": "slices",
		"main.f.func1":                          "main",
	} {
		assert.Equal(t, want, packageOf(function))
	}
}
