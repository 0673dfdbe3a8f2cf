package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The arguments of go test are handed on as they are; those of ravel are taken out.
func TestParseTest(t *testing.T) {
	for args, want := range map[string]testRun{
		"":                              {},
		"./...":                         {rest: []string{"./..."}, packages: []string{"./..."}},
		"-run X -v ./a ./b":             {rest: []string{"-run", "X", "-v", "./a", "./b"}, packages: []string{"./a", "./b"}},
		"--run=X -short -count 2 .":     {rest: []string{"--run=X", "-short", "-count", "2", "."}, packages: []string{"."}},
		"-with a/b,c/... -with=d .":     {with: []string{"a/b", "c/...", "d"}, rest: []string{"."}, packages: []string{"."}},
		"-flags -tags x,y ./...":        {print: true, rest: []string{"-tags", "x,y", "./..."}, packages: []string{"./..."}, build: []string{"-tags", "x,y"}},
		"-trimpath -mod=vendor .":       {rest: []string{"-trimpath", "-mod=vendor", "."}, packages: []string{"."}, build: []string{"-trimpath", "-mod=vendor"}},
		"-cover -coverprofile c.out .":  {rest: []string{"-cover", "-coverprofile", "c.out", "."}, packages: []string{"."}},
		"-gcflags=-N -gcflags all=-l .": {rest: []string{"."}, packages: []string{"."}, gcflags: []string{"-N", "all=-l"}},
		"-C dir -with=x .":              {dir: "dir", with: []string{"x"}, rest: []string{"."}, packages: []string{"."}},
		". -args -with x -run y":        {rest: []string{".", "-args", "-with", "x", "-run", "y"}, packages: []string{"."}},
	} {
		got, err := parseTest(strings.Fields(args))
		require.NoError(t, err, args)
		assert.Equal(t, &want, got, args)
	}
	for args, want := range map[string]string{
		"-race .":       "leave it away",
		"-toolexec x .": "-toolexec",
		". -run":        "-run has no value",
		"-with":         "-with has no value",
	} {
		_, err := parseTest(strings.Fields(args))
		assert.ErrorContains(t, err, want, args)
	}
}

// What the user gives to the compiler for the tested packages still reaches them.
func TestPlainGcflags(t *testing.T) {
	for given, want := range map[string]string{
		"":                    "",
		"-N":                  "-N",
		"all=-N;-l":           "-N -l",
		"example.com/x=-N;-m": "-m",
	} {
		r := testRun{gcflags: strings.Split(given, ";")}
		assert.Equal(t, want, r.plainGcflags(), given)
	}
}

func TestArchiveFlags(t *testing.T) {
	r := testRun{build: []string{"-tags", "a,b", "-mod=vendor", "-trimpath"}}
	flags, tags := r.archiveFlags(false)
	assert.Equal(t, []string{"-trimpath"}, flags)
	assert.Equal(t, []string{"a", "b"}, tags)
	flags, _ = r.archiveFlags(true)
	assert.Equal(t, []string{"-mod=vendor", "-trimpath"}, flags)
	assert.Equal(t, "-trimpath -tags=x", withoutModFlags("-mod=vendor -trimpath -tags=x --modfile=y"))
}

func TestIsOurs(t *testing.T) {
	for path, want := range map[string]bool{
		module + "/sched": true, module + "/sched/std": true, module + "/engine": true,
		module + "/examples/wordcount": false, module + "/schedule": false, "example.com/sched": false, module: false,
	} {
		assert.Equal(t, want, isOurs(path), path)
	}
}
