package check

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A name that is too long for its column keeps its end, which tells tasks apart.
func TestPadName(t *testing.T) {
	for name, want := range map[string]string{
		"worker[1]":              "worker[1] ",
		"Test.func2[1]":          "…func2[1] ",
		"TestLoadsOnce.func2[0]": "…func2[0] ",
	} {
		assert.Equal(t, want, padName(name, 10), name)
	}
	assert.Equal(t, "… ", padName("long", 2))
}
