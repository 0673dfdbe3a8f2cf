package sched_test

import (
	"errors"
	"math"
	"strings"
	"testing"

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
	long := sched.FormatValue(strings.Repeat("ä", 1000))
	assert.Len(t, []rune(long), 160)
	assert.Len(t, []rune(sched.FormatValue([]string{strings.Repeat("x", 100)})), 40)
}
