package guide

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const rows = 36

var (
	guideRow = regexp.MustCompile(`(?m)^\| S(\d+) \| .+ \| .+ \| \[(TestSeedS\d\d\w+)\]\((\S+)\) \|$`)
	testFunc = regexp.MustCompile(`(?m)^func (TestSeedS\d\d\w*)\(t \*testing\.T\)`)
)

// Every situation has its row in the guide, and every row its test where it says.
func TestEveryRowHasItsTest(t *testing.T) {
	text, err := os.ReadFile("../../docs/guide.md")
	require.NoError(t, err)
	found := guideRow.FindAllStringSubmatch(string(text), -1)
	require.Len(t, found, rows)
	for i, row := range found {
		number, name, file := i+1, row[2], filepath.Join("../../docs", row[3])
		assert.Equal(t, fmt.Sprint(number), row[1])
		assert.True(t, strings.HasPrefix(name, fmt.Sprintf("TestSeedS%02d", number)), "row %d has %s", number, name)
		if assert.FileExists(t, withTests(file)) {
			assert.Contains(t, testsIn(t, file), name, "in %s", file)
		}
	}
}

// withTests returns a file, or one of a folder.
func withTests(name string) string {
	if all, _ := filepath.Glob(filepath.Join(name, "*_test.go")); len(all) > 0 {
		return all[0]
	}
	return name
}

// testsIn returns the names of the tests in a file or a folder.
func testsIn(t *testing.T, name string) []string {
	var all []string
	require.NoError(t, filepath.WalkDir(name, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, m := range testFunc.FindAllStringSubmatch(string(text), -1) {
			all = append(all, m[1])
		}
		return err
	}))
	return all
}
