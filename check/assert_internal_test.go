package check

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A failed assertion of testify is put into one line.
func TestFirstLine(t *testing.T) {
	for want, fail := range map[string]func(t assert.TestingT){
		"Not equal: expected: 1 actual: 2":         func(t assert.TestingT) { assert.Equal(t, 1, 2, "message") },
		"Should be true":                           func(t assert.TestingT) { assert.True(t, false) },
		"Received unexpected error: no luck":       func(t assert.TestingT) { assert.NoError(t, assertError("no luck")) },
		`"[1 2]" should have 3 item(s), but has 2`: func(t assert.TestingT) { assert.Len(t, []int{1, 2}, 3) },
		"sum is 3": func(t assert.TestingT) { t.Errorf("\n\tsum is %d\nmore", 3) },
		"":         func(t assert.TestingT) { t.Errorf(" ") },
	} {
		t1 := newT("x")
		fail(t1)
		assert.Equal(t, want, firstLine(t1.failures[0].text))
	}
}

type assertError string

func (e assertError) Error() string { return string(e) }
