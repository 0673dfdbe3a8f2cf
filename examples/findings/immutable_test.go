package findings

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
)

type settings struct {
	Name string
	Tags []string
}

func TestSettings(t *testing.T) {
	check.Immutable[settings](t, "settings.Tags") // nobody writes to them
}

func sharedTags(t *check.T) {
	check.Immutable[settings](t)
}

type limits struct {
	Name string
	Tags [4]string
}

func ownTags(t *check.T) {
	check.Immutable[limits](t)
}

func TestImmutable(t *testing.T) {
	r := check.Config{}.Search(t.Name(), sharedTags)
	require.Len(t, r.Findings, 1)
	assert.Contains(t, r.Findings[0].Report, "settings.Tags: slice, elements are shared")
	assert.NotContains(t, r.Findings[0].Report, "settings.Name")

	assert.Empty(t, check.Config{}.Search(t.Name(), ownTags).Findings)
}
