package main

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"time"
)

// process is something to run.
type process struct {
	dir  string   // empty means here
	env  []string // beyond that of this process
	args []string // the first is the program
}

// goTool returns the process of a go command.
func goTool(dir string, args ...string) process {
	return process{dir: dir, args: append([]string{"go"}, args...)}
}

// killDelay is how long a process may still write after it was killed.
const killDelay = 2 * time.Second

// start runs p until it ends and returns its exit code, -1 if a signal ended it.
// The first interrupt is handed on to p and all that it has started, the second
// kills them. The error is about a program that cannot be started.
func (a *app) start(p process, out, errOut io.Writer) (code int, err error) {
	cmd := exec.CommandContext(a.hard, p.args[0], p.args[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.dir, out, errOut
	cmd.Env = append(cmd.Environ(), p.env...)
	ownGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd) }
	cmd.WaitDelay = killDelay
	if err := cmd.Start(); err != nil {
		return 0, goFailed("%v", err)
	}
	defer context.AfterFunc(a.soft, func() { interruptGroup(cmd) })()
	err = cmd.Wait()
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) || a.hard.Err() != nil {
		return cmd.ProcessState.ExitCode(), nil
	}
	return 0, goFailed("%s: %v", p.args[0], err)
}
