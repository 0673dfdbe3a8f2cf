package toolexec

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The setting of the runtime is added to those that the go command gives.
func TestLenient(t *testing.T) {
	assert.Equal(t, []string{"-X=runtime.godebugDefault=invalidptr=0", "-o", "x", "main.a"}, lenient([]string{"-o", "x", "main.a"}))
	assert.Equal(t, []string{"-o", "x", "-X=runtime.godebugDefault=panicnil=1,invalidptr=0", "main.a"},
		lenient([]string{"-o", "x", "-X=runtime.godebugDefault=panicnil=1", "main.a"}))
}
