package check

import (
	"fmt"
	"strings"

	"github.com/ravelgo/ravel/race"
)

// Plan is what [Strict] needs to know of a pipeline; an engine.Pipeline is one.
type Plan interface {
	// Concurrent returns the pairs of names of nodes that can run at the same
	// time.
	Concurrent() [][2]string
}

// Strict fails t, a [testing.TB] or a [T], if two nodes of a pipeline can run at
// the same time and its state, of type S, has paths that both can write without a
// lock: it lists the nodes and the paths ([race.Writable]). It does not look at
// what the nodes do: that is for checks. It is for those who want a state in which
// nothing can go wrong, such as one of [sched.Guarded] fields and of values that are
// set before the run; these are allowed as in [Immutable].
func Strict[S any](t reporter, p Plan, allowed ...string) {
	t.Helper()
	pairs := p.Concurrent()
	if len(pairs) == 0 {
		return
	}
	typ := stateType[S]()
	c := complaint{function: "Strict", name: race.TypeName(typ), advice: strictAdvice}
	c.head = fmt.Sprintf("check: %s can be written by %s at once,", c.name, nodePairs(pairs))
	if text := c.text(race.Writable(typ), allowed); text != "" {
		t.Errorf("%s", text)
	}
}

// nodePairs names the first few pairs of nodes.
func nodePairs(pairs [][2]string) string {
	var all []string
	for _, p := range pairs {
		if p[0] == p[1] {
			all = append(all, "two items of "+p[0])
		} else {
			all = append(all, p[0]+" and "+p[1])
		}
	}
	if more := len(all) - maxWaits; more > 0 {
		all = append(all[:maxWaits:maxWaits], fmt.Sprintf("%d more pairs of nodes", more))
	}
	return strings.Join(all, ", or by ")
}

const strictAdvice = `Put what changes into a sched.Guarded, or give each node its own; allow a path that is only
set before the run, or that you guard by other means.
See https://github.com/ravelgo/ravel/blob/main/docs/findings.md#shallow-immutability
`
