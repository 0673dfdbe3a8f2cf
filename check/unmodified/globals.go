package unmodified

import (
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"time"
)

// globals is what tests change of the process that is cheap to put back before the next
// run. Variables of packages keep their values.
type globals struct {
	args                  []string
	stdin, stdout, stderr *os.File
	local                 *time.Location
	prefix                string
	flags                 int
	output                io.Writer
	dir                   string
	env                   []string
	changes               bool // the first run has changed the folder or the environment
}

func takeGlobals() *globals {
	g := &globals{args: os.Args, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, local: time.Local,
		prefix: log.Prefix(), flags: log.Flags(), output: log.Writer(), env: os.Environ()}
	g.dir, _ = os.Getwd()
	return g
}

// restore puts everything back. Whether the folder and the environment have changed is
// only looked at after the first run: it would cost more than a small run does.
func (g *globals) restore(first bool) {
	os.Args, os.Stdin, os.Stdout, os.Stderr, time.Local = g.args, g.stdin, g.stdout, g.stderr, g.local
	log.SetPrefix(g.prefix)
	log.SetFlags(g.flags)
	log.SetOutput(g.output)
	if first {
		dir, _ := os.Getwd()
		g.changes = dir != g.dir || !slices.Equal(os.Environ(), g.env)
	}
	if !g.changes {
		return
	}
	_ = os.Chdir(g.dir) // it was there
	os.Clearenv()
	for _, pair := range g.env {
		i := strings.IndexByte(pair[1:], '=') + 1 // some names on Windows begin with it
		_ = os.Setenv(pair[:i], pair[i+1:])
	}
}
