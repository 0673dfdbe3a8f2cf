package access

import (
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
)

// Foreign reports whether an access is in code of a package that is not controlled, and
// which was compiled with one that is: a function that was inlined, or one with type
// parameters. Nobody sees how such a package orders its accesses, so they say nothing.
//
// None is before [Tabled] is called. Packages of the standard library that only work on
// data, without locks, never are.
func Foreign(pc uintptr) bool {
	if !allTabled.Load() {
		return false
	}
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	return !slices.Contains(folders(), folder(f.File)) && !slices.Contains(pure, packageOf(f.Function))
}

// Tabled says that there is a table for each file of a controlled package that has loads
// or stores.
func Tabled() { allTabled.Store(true) }

var allTabled atomic.Bool

// pure are packages of the standard library that synchronise nothing.
var pure = strings.Fields("bufio bytes cmp container/heap container/list container/ring maps math math/big math/bits " +
	"slices sort strconv strings text/tabwriter unicode unicode/utf16 unicode/utf8")

// folders returns the folders of the files that have tables.
func folders() []string {
	tables.Lock()
	defer tables.Unlock()
	var all []string
	for i := range tables.files {
		if f := folder(tables.files[i].file); !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return all
}

func folder(file string) string { return path.Dir(filepath.ToSlash(file)) }

// packageOf returns the import path of a function's package.
func packageOf(function string) string {
	function, _, _ = strings.Cut(function, "[")
	slash := strings.LastIndexByte(function, '/') + 1
	name, _, _ := strings.Cut(function[slash:], ".")
	return function[:slash] + name
}
