package main

import (
	"os"

	"github.com/ravelgo/ravel/check/internal/toolexec"
)

func main() {
	// Once a tool of the go command: nothing else is to be set up.
	if len(os.Args) > 1 && os.Args[1] == "toolexec" {
		os.Exit(toolexec.Run(os.Args[2:]))
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}
