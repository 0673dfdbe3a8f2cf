package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"
)

// Variables of a CI with several jobs: GitLab's, which count from 1.
const (
	ciIndex = "CI_NODE_INDEX"
	ciTotal = "CI_NODE_TOTAL"
)

func (a *app) shardCommand() *cobra.Command {
	var i, n int
	cmd := &cobra.Command{
		Use:   "shard [-i 3 -n 64] [packages] [-- flags of go test]",
		Short: "Search with the seeds of one of several machines",
		Long: `Shard runs go test for the packages, ./... by default, so that machine -i of -n, from 0
to n-1, searches with seeds of its own: it sets RAVEL_SHARD. Without -i and -n they are
those of GitLab's parallel jobs, CI_NODE_INDEX, from 1, and CI_NODE_TOTAL.` + codesHelp,
		Example: `  ravel shard -i 3 -n 64 ./...
  RAVEL_TIME=5m ravel shard -i "$JOB" -n 8 ./bank -- -run '^TestDeposit$' -v`,
		RunE: func(cmd *cobra.Command, given []string) error {
			if !cmd.Flags().Changed("index") && !cmd.Flags().Changed("of") {
				var err error
				if i, n, err = shardOfCI(); err != nil {
					return err
				}
			}
			if n < 1 || i < 0 || i >= n {
				return fmt.Errorf("shard -i %d -n %d, want -i from 0 to n-1", i, n)
			}
			packages, flags := split(cmd, given)
			if len(packages) == 0 {
				packages = []string{"./..."}
			}
			p := goTest("", packages, nil, flags)
			p.env = []string{fmt.Sprintf("RAVEL_SHARD=%d/%d", i, n)}
			return a.goTest(p, "no tests ran")
		},
	}
	cmd.Flags().IntVarP(&i, "index", "i", 0, "number of this machine, from 0")
	cmd.Flags().IntVarP(&n, "of", "n", 0, "how many machines there are")
	return cmd
}

// shardOfCI returns the shard that the environment of a CI names.
func shardOfCI() (i, n int, err error) {
	if os.Getenv(ciIndex) == "" || os.Getenv(ciTotal) == "" {
		return 0, 0, errors.New("shard: which one? Give -i and -n, or set " + ciIndex + " and " + ciTotal)
	}
	if i, err = strconv.Atoi(os.Getenv(ciIndex)); err == nil {
		n, err = strconv.Atoi(os.Getenv(ciTotal))
	}
	if err != nil || i < 1 || i > n {
		return 0, 0, fmt.Errorf("shard: %s=%q and %s=%q, want a number from 1 and how many there are",
			ciIndex, os.Getenv(ciIndex), ciTotal, os.Getenv(ciTotal))
	}
	return i - 1, n, nil
}
