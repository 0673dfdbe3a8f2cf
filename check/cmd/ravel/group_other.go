//go:build !unix

package main

import "os/exec"

// ownGroup does nothing: an interrupt from the terminal comes to all processes.
func ownGroup(*exec.Cmd) {}

func interruptGroup(*exec.Cmd) error { return nil }

func killGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }
