package check

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
)

// Advice on code that was not written on package sched names nothing of it.
func TestAdviceUnmodified(t *testing.T) {
	for _, c := range []struct {
		end  error
		want string
	}{
		{&sched.Leak{}, "case <-ctx.Done()"},
		{&sched.Blocked{Package: "a/b", Advice: "what package a/b waits for is not controlled"}, "What package a/b waits for is not controlled."},
		{&sched.Blocked{Package: "a/b"}, ""},
		{&sched.Uncontrolled{Package: "a/b"}, "ravel test -with a/b"},
	} {
		help := adviceOn(c.end, true).help
		assert.Contains(t, help, c.want)
		assert.NotContains(t, help, "sched")
	}
	started := []sched.Pos{{File: "a.go", Line: 7}}
	assert.NotContains(t, strings.Join(strays(started, true), ""), "sched")
	assert.Contains(t, strings.Join(strays(started, false), ""), "sched.Go")
}
