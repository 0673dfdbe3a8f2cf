package strategy

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ravelgo/ravel/sched"
)

// named are the strategies by name, with what the number after the name means
// and its usual value.
var named = []struct {
	name   string
	number int // -1 if there is none
	make   func(seed uint64, n int) sched.Strategy
}{
	{"portfolio", -1, func(seed uint64, _ int) sched.Strategy { return Portfolio(seed, 0) }},
	{"random", -1, func(seed uint64, _ int) sched.Strategy { return Random(seed) }},
	{"sticky", -1, func(seed uint64, _ int) sched.Strategy { return Sticky(seed) }},
	{"pct", 3, func(seed uint64, n int) sched.Strategy { return PCT(seed, n) }},
	{"pos", -1, func(seed uint64, _ int) sched.Strategy { return POS(seed) }},
	{"urw", -1, func(seed uint64, _ int) sched.Strategy { return URW(seed) }},
	{"surw", -1, func(seed uint64, _ int) sched.Strategy { return SURW(seed) }},
	{"readsfrom", -1, func(seed uint64, _ int) sched.Strategy { return ReadsFrom(seed) }},
	{"roundrobin", -1, func(uint64, int) sched.Strategy { return RoundRobin() }},
	{"delays", 2, func(_ uint64, n int) sched.Strategy { return DelayBounded(n) }},
	{"preemptions", 2, func(_ uint64, n int) sched.Strategy { return PreemptionBounded(n) }},
	{"dfs", -1, func(uint64, int) sched.Strategy { return DFS() }},
	{"dpor", -1, func(uint64, int) sched.Strategy { return DPOR() }},
}

// Parse returns the strategy that text names: random, sticky, pct, pos, urw,
// surw, readsfrom, portfolio, roundrobin, delays, preemptions, dfs or dpor. The depth of pct
// and the bound of delays and preemptions may follow, as in pct:4. The error
// lists the names.
func Parse(text string, seed uint64) (sched.Strategy, error) {
	name, number, given := strings.Cut(text, ":")
	var names []string
	for _, s := range named {
		names = append(names, s.name)
		n, err := s.number, error(nil)
		if given {
			n, err = strconv.Atoi(number)
		}
		if s.name == name && err == nil && (!given || s.number > 0 && n > 0) {
			return s.make(seed, n), nil
		}
	}
	return nil, fmt.Errorf("strategy: %q, want one of %s; pct, delays and preemptions may have a number from 1, as in pct:4",
		text, strings.Join(names, ", "))
}
