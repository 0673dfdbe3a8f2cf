package sched

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

// What is said to be a string and is none does no harm.
func TestStringAt(t *testing.T) {
	type words [2]uintptr
	text, empty, long := "ready", "", strings.Repeat("x", maxContent+1)
	wild, negative, none := words{8, 5}, words{0, ^uintptr(0)}, words{0, 3}
	for _, c := range []struct {
		name string
		at   unsafe.Pointer
		want any
	}{
		{"a string", unsafe.Pointer(&text), "ready"},
		{"an empty one", unsafe.Pointer(&empty), ""},
		{"a long one", unsafe.Pointer(&long), nil},
		{"an address out of nowhere", unsafe.Pointer(&wild), nil},
		{"a negative length", unsafe.Pointer(&negative), nil},
		{"no address", unsafe.Pointer(&none), nil},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, content(c.at, "string")) })
	}
}
