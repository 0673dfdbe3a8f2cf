package main

import (
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ravelgo/ravel/check/report"
	"github.com/ravelgo/ravel/sched"
)

const module = "github.com/ravelgo/ravel"

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the versions of ravel, of Go and of the formats",
		Example: "  ravel version",
		Args:    args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			a.printf("ravel %s\n%s %s/%s\n%s, report %d\n", ravelVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH,
				traceFormat(), report.Version)
			return nil
		},
	}
}

// ravelVersion returns that of the module, or "(devel)".
func ravelVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == module && m.Version != "" {
			return m.Version
		}
	}
	return "(devel)"
}

// traceFormat returns the first line of a trace, which names its format.
func traceFormat() string {
	first, _, _ := strings.Cut(string((&sched.Trace{}).Bytes()), "\n")
	return strings.TrimPrefix(first, "ravel ")
}
