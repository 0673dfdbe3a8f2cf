package sched_test

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
)

type pair struct {
	a int
	b *int
}

type loop struct{ next *loop }

type panicking struct{}

func (panicking) Error() string { panic("oh") }

type wrapped struct{ err error }

func (w *wrapped) Error() string { return "wrapped: " + w.message() }

func (w *wrapped) message() string {
	if w.err == nil {
		return "x"
	}
	return w.err.Error()
}

// A value is shown in a few words that are the same in every process.
func TestFormatValue(t *testing.T) {
	n := 7
	circle := &loop{}
	circle.next = circle
	for _, test := range []struct {
		value any
		want  string
	}{
		{nil, "nil"}, {true, "true"}, {-3, "-3"}, {uint8(200), "200"}, {1.5, "1.5"}, {math.NaN(), "NaN"}, {math.Inf(-1), "-Inf"},
		{complex(1, -2), "(1-2i)"}, {"a\n\"b\"\xff", `"a\n\"b\"\xff"`}, {[]int(nil), "nil"}, {[]int{}, "[]"}, {[2]bool{}, "[false false]"},
		{[]int{1, 2, 3, 4, 5, 6, 7, 8, 9}, "[1 2 3 4 5 6 7 8 …]"}, {map[string]int{"b": 1, "a": 2}, "map(2)"},
		{pair{1, &n}, "{1 &7}"}, {&pair{}, "&{0 nil}"}, {struct{}{}, "{}"}, {[]any{1, nil, "x"}, `[1 nil "x"]`},
		{func() {}, "func()"}, {make(chan int), "chan int"}, {errors.New("no luck"), "no luck"}, {panicking{}, "{}"},
		{circle, "&{*sched_test.loop}"}, {[][][][]int{{{{1}}}}, "[[[[…]]]]"},
	} {
		assert.Equal(t, test.want, sched.FormatValue(test.value))
	}
	for _, test := range []struct {
		value any
		want  string
	}{
		{time.Second, "1000000000"}, {time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), "{0 63713433600 nil}"},
		{[]string{"a\nb", "\xff"}, `["a\nb" "\xff"]`}, {struct{ string }{"a\tb"}, `{"a\tb"}`}, {"日本", `"日本"`},
		{[]error{errors.New("x")}, `[&{"x"}]`}, {(*wrapped)(nil), "nil"}, {&wrapped{}, "wrapped: x"},
		{fmt.Errorf("a\nb"), "a b"}, {unsafe.Pointer(&n), "unsafe.Pointer"}, {[]any{&n, &n}, "[&7 &7]"},
		{[]chan int{nil, make(chan int)}, "[nil chan int]"}, {uintptr(5), "5"}, {rune('a'), "97"},
		{struct {
			a any
			f func()
		}{map[int]int{}, nil}, "{map(0) nil}"},
	} {
		for range 2 {
			assert.Equal(t, test.want, sched.FormatValue(test.value))
		}
	}
	long := sched.FormatValue(strings.Repeat("ä", 1000))
	assert.Len(t, []rune(long), 160)
	assert.Len(t, []rune(sched.FormatValue([]string{strings.Repeat("x", 100)})), 40)
}

// However much there is, little is looked at.
func TestFormatValueOfMuch(t *testing.T) {
	huge := strings.Repeat("\"é\n", 1<<20)
	cyclic := []any{nil}
	cyclic[0] = cyclic
	for _, v := range []any{huge, []string{huge}, errors.New(huge), make([]int, 1<<20), cyclic, [][][][]int{make([][][]int, 1<<20)}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		text := sched.FormatValue(v)
		runtime.ReadMemStats(&after)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<18), text)
		assert.LessOrEqual(t, utf8.RuneCountInString(text), 160)
		assert.Equal(t, text, sched.FormatValue(v))
	}
}

func TestSortKeys(t *testing.T) {
	type point struct{ x, y int }
	keys := []any{"b", point{2, 1}, nil, 10, "a", 9, -1, point{1, 2}, 2.5, uint8(3), true, 1.5, "aa", [1]int{1}}
	sched.SortKeys(keys)
	assert.Equal(t, []any{nil, true, -1, 9, 10, uint8(3), 1.5, 2.5, [1]int{1}, "a", "aa", "b", point{1, 2}, point{2, 1}}, keys)
	sched.SortKeys([]int(nil))
}
