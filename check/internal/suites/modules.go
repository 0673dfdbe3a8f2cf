package main

import "strings"

// module is one whose tests are run.
type module struct {
	version    string // its path and version
	exceptions []exception
}

// exception are tests that do not pass under control, and why.
type exception struct {
	tests []string // as -skip has them
	why   string
}

// skip returns the pattern of the tests that are left out.
func (m module) skip() string {
	var all []string
	for _, e := range m.exceptions {
		for _, t := range e.tests {
			parts := strings.Split(t, "/")
			for i := range parts {
				parts[i] = "^" + parts[i] + "$"
			}
			all = append(all, strings.Join(parts, "/"))
		}
	}
	return strings.Join(all, "|")
}

// beforeWait is the subtest of a test of package pool that has found a leak.
const beforeWait = "/panics_on_configuration_after_init/before_wait"

var modules = []module{
	{version: "golang.org/x/sync@v0.25.0"},
	{version: "github.com/sourcegraph/conc@v0.3.0", exceptions: []exception{{
		tests: []string{"TestPool" + beforeWait, "TestErrorPool" + beforeWait, "TestContextPool" + beforeWait,
			"TestResultGroup" + beforeWait, "TestResultErrorGroup" + beforeWait, "TestResultContextPool" + beforeWait,
			"TestResultGroup/panics_on_configuration_after_init/after_wait"},
		why: "tasks left blocked: the subtests start a pool and never wait for it",
	}}},
	{version: "go.etcd.io/raft/v3@v3.7.0", exceptions: []exception{{
		tests: []string{"TestNodeStart"},
		why:   "tasks left blocked: it starts two nodes and stops one",
	}, {
		tests: []string{"TestBasicProgress", "TestRestart", "TestPause"},
		why:   "they ask in a loop, without a pause, until enough time has passed",
	}}},
	{version: "go.uber.org/goleak@v1.3.0", exceptions: []exception{{
		tests: []string{"TestAll", "TestCurrent", "TestFind", "TestFindRetry", "TestVerifyNone", "TestIgnoreCurrent", "TestOptionsFilters",
			"TestVerifyTestMain", "TestNoLeaks"},
		why: "they look at the stacks of all goroutines, where those of the simulation are",
	}}},
	{version: "github.com/hashicorp/golang-lru/v2@v2.0.7", exceptions: []exception{{
		tests: []string{"TestLoadingExpired"},
		why:   "it asks in a loop, without a pause, until enough time has passed",
	}}},
	{version: "github.com/patrickmn/go-cache@v2.1.0+incompatible"},
}
