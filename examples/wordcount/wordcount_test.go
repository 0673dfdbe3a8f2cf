package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
)

// Good: each worker keeps its counts under the lock.
func TestCareful(t *testing.T) {
	check.Run(t, counting(careful))
}

// Bad: the workers keep their counts in shared state without a lock. A test
// that is meant to pass would call check.Run here too, and fail.
func TestCareless(t *testing.T) {
	found := check.Config{}.Search(t.Name(), counting(careless)).Findings
	require.NotEmpty(t, found)
	assert.Equal(t, "lost update on State.Parts: count[0] overwrote count[1]'s write", found[0].Summary)
}
