package sched_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// Whatever the name and the index, a renewed task has a path of its own, which
// is one word and leads to its key.
func TestPathOfAnyName(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	rapid.Check(t, func(r *rapid.T) {
		names := rapid.SliceOfN(rapid.String(), 1, 4).Draw(r, "names")
		indexes := rapid.SliceOfN(rapid.IntRange(-3, 12), 1, 4).Draw(r, "indexes")
		seen := map[string]uint64{}
		end := sim.Run(strategy.RoundRobin(), 1, func() {
			for _, name := range names {
				for _, index := range indexes {
					sched.Renew(name, index)
					task := sched.Current()
					assert.NotContains(r, seen, task.Path())
					seen[task.Path()] = task.Key()
				}
			}
		}).End
		require.NoError(r, end)
		for path, want := range seen {
			key, err := sched.PathKey(path)
			require.NoError(r, err)
			assert.Equal(r, want, key, path)
			assert.Len(r, strings.Fields(path), 1, path)
		}
	})
}

// What is no path of a task is refused, and a path is written in one way only.
func TestPathErrors(t *testing.T) {
	for path, want := range map[string]string{
		"":                                `task path "" begins with neither main nor /`,
		"Main":                            `task path "Main" begins with neither main nor /`,
		"main/x":                          `begins with neither main nor /`,
		"start.1":                         `begins with neither main nor /`,
		"main.":                           `task path "main.": "" is not the number of a child`,
		"main..1":                         `"" is not the number of a child`,
		"main.-1":                         `"-1" is not the number of a child`,
		"main.+1":                         `"+1" is not the number of a child`,
		"main.01":                         `"01" is not the number of a child`,
		"main.99999999999999999999":       `"99999999999999999999" is not the number of a child`,
		"/a.x":                            `"x" is not the number of a child`,
		"/a[x]":                           `task path "/a[x]": "a[x]" is not a name, name[index] or name[index]#number`,
		"/a[1":                            `"a[1" is not a name`,
		"/a[-1]":                          `"a[-1]" is not a name`,
		"/a[1]x":                          `"a[1]x" is not a name`,
		"/a]":                             `"a]" is not a name`,
		"/a#x":                            `"a#x" is not a name`,
		"/a#0":                            `"a#0" is not a name`,
		"/a#1[2]":                         `"a#1[2]" is not a name`,
		"/a b":                            `"a b" is not a name`,
		"/a%zz":                           `"a%zz" is not a name`,
		"/a/b":                            `"a/b" is not a name`,
		"main" + strings.Repeat("x", 9e5): `task path "mainxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" begins`,
	} {
		_, err := sched.PathKey(path)
		assert.ErrorContains(t, err, want)
	}
}

// The path of no task has the key 0.
func TestPathOfNobody(t *testing.T) {
	key, err := sched.PathKey("start")
	assert.NoError(t, err)
	assert.Zero(t, key)
}
