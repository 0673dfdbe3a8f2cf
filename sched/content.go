package sched

import (
	"runtime/debug"
	"unsafe"
)

// content returns what is in memory of a basic type; nil if the type is none.
func content(p unsafe.Pointer, typ string) any {
	switch typ {
	case "bool":
		return *(*bool)(p)
	case "int":
		return *(*int)(p)
	case "int8":
		return *(*int8)(p)
	case "int16":
		return *(*int16)(p)
	case "int32", "rune":
		return *(*int32)(p)
	case "int64":
		return *(*int64)(p)
	case "uint":
		return *(*uint)(p)
	case "uint8", "byte":
		return *(*uint8)(p)
	case "uint16":
		return *(*uint16)(p)
	case "uint32":
		return *(*uint32)(p)
	case "uint64":
		return *(*uint64)(p)
	case "uintptr":
		return *(*uintptr)(p)
	case "float32":
		return *(*float32)(p)
	case "float64":
		return *(*float64)(p)
	case "string":
		return stringAt(p)
	}
	return nil
}

// maxContent is how long a string may be, in bytes. A longer one is hardly meant.
const maxContent = 1 << 20

// stringAt returns a copy of the string at p, or nil if there is none: that there is one
// may be a guess, as of all types that come with the name of an access.
//
//go:nocheckptr
func stringAt(p unsafe.Pointer) (s any) {
	header := (*struct {
		data unsafe.Pointer
		n    int
	})(p)
	if header.n < 0 || header.n > maxContent {
		return nil
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			s = nil
		}
	}()
	return string(append([]byte{}, unsafe.Slice((*byte)(header.data), header.n)...))
}

// unsettled is a write of memory that a recorded run has seen begin: what is written
// shows only when the task comes to something else.
type unsettled struct {
	addr unsafe.Pointer
	typ  string
	row  int
}

// accessed notes in a recorded run the value of an access that t is about to make.
func (r *recorder) accessed(t *Task, a Access) {
	typ := t.site().typ
	if typ == "" || a.Size > 1 {
		return
	}
	if a.Write {
		t.unsettled = unsettled{a.Addr, typ, t.row}
	} else if v := content(a.Addr, typ); v != nil {
		r.value(t, v)
	}
}

// settle notes the value of the last write of t, which has happened.
func (r *recorder) settle(t *Task) {
	if u := t.unsettled; u.addr != nil {
		t.unsettled = unsettled{}
		if v := content(u.addr, u.typ); v != nil {
			r.rec.Steps[u.row].Value = FormatValue(v)
		}
	}
}
