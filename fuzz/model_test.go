package fuzz

import "slices"

// effect is what the end of a function comes to: nothing special, a control value, or
// the reason of a failure.
type effect string

const (
	none      effect = ""
	skipped   effect = "skip"
	stopped   effect = "stop"
	suspended effect = "suspend"
	again     effect = "retry"
	jumped    effect = "goto"
)

// failed reports whether it is a failure.
func (e effect) failed() bool {
	return !slices.Contains([]effect{none, skipped, stopped, suspended, again, jumped}, e)
}

// early reports whether it ends the run.
func (e effect) early() bool { return e == stopped || e == suspended || e.failed() }

// place is where a function is called.
type place uint8

const (
	inStep place = iota
	inItem
	inItems
	inCollect
)

// means are the control values that mean something in a place.
var means = map[place][]answer{
	inStep:    {retry, jump, skip, stop, suspend},
	inItem:    {retry, skip, stop, suspend},
	inItems:   {skip, stop},
	inCollect: {stop},
}

// effect returns what the answer to the given attempt comes to.
func (a answer) effect(at place, attempt, retries int) effect {
	switch a {
	case fine, linger:
		return none
	case fail:
		return "error"
	case panics:
		return "panic"
	case exits:
		return "goexit"
	case astray:
		if at == inStep {
			return "unknown_node"
		}
		return "control"
	}
	switch {
	case !slices.Contains(means[at], a):
		return "control"
	case a == retry && attempt > retries:
		return "retries"
	}
	return map[answer]effect{retry: again, jump: jumped, skip: skipped, stop: stopped, suspend: suspended}[a]
}

// effect returns what the calls for one invocation come to, from one of them on.
func (s script) effect(at place, call, retries int) effect {
	for attempt := 1; ; attempt++ {
		if e := s.at(call+attempt-1).effect(at, attempt, retries); e != again {
			return e
		}
	}
}

// effect returns what node i comes to if nothing else ends the run, in its
// invocation that begins with the given call.
func (p *plan) effect(i, call int) effect {
	n := &p.nodes[i]
	if n.kind == step {
		return n.calls.effect(inStep, call, p.retries)
	}
	if e := n.calls.effect(inItems, call, p.retries); e != none {
		return e
	}
	for _, s := range n.items {
		if e := s.effect(inItem, 0, p.retries); e.early() {
			return e
		}
	}
	if n.kind == gather && slices.Contains(n.results(p.retries), n.at) {
		return n.collect.effect(inCollect, 1, p.retries)
	}
	return none
}

// results returns the items that have a result.
func (n *node) results(retries int) []int {
	var all []int
	for k, s := range n.items {
		if s.effect(inItem, 0, retries) == none {
			all = append(all, k)
		}
	}
	return all
}

// model is what must come of a plan if nobody ends the run from outside.
type model struct {
	runs    []int    // how often each node runs if nothing ends the run early
	effects []effect // of the nodes, what the last run comes to
	behind  []bool   // nodes that cannot start before one that ends the run
}

// early reports whether the run ends early.
func (m *model) early() bool {
	for i, e := range m.effects {
		if m.runs[i] > 0 && e.early() {
			return true
		}
	}
	return false
}

func (p *plan) model() *model {
	m := &model{runs: make([]int, len(p.nodes)), effects: make([]effect, len(p.nodes)), behind: make([]bool, len(p.nodes))}
	if p.chain {
		m.walk(p)
		return m
	}
	for i := range p.nodes {
		n := &p.nodes[i]
		m.effects[i] = p.effect(i, 0)
		if !m.begins(p, i) {
			continue
		}
		m.runs[i] = 1
		if m.effects[i] == jumped && n.target == i {
			m.runs[i] += n.calls.jumps
			m.effects[i] = p.effect(i, n.calls.retries+n.calls.jumps)
		}
	}
	return m
}

// walk follows a chain: one node runs at a time.
func (m *model) walk(p *plan) {
	calls, jumps := make([]int, len(p.nodes)), 0
	for i := 0; i < len(p.nodes); {
		n := &p.nodes[i]
		e := p.effect(i, calls[i])
		if e == jumped {
			if jumps++; jumps > p.jumps {
				e = "jumps"
			}
		}
		m.runs[i]++
		m.effects[i] = e
		calls[i] = max(calls[i], n.calls.retries) + 1
		switch e {
		case none:
			i++
		case jumped:
			i = n.target
		default:
			return
		}
	}
}

// begins reports whether node i runs, as those before it are known, and notes
// whether one that ends the run is before it.
func (m *model) begins(p *plan, i int) bool {
	root, ok, skip := true, false, false
	for k := range i {
		n := &p.nodes[k]
		edge, goes := slices.Contains(p.nodes[i].from, k), n.target == i
		if !edge && !goes {
			continue
		}
		root = false
		m.behind[i] = m.behind[i] || m.behind[k] || m.runs[k] > 0 && m.effects[k].early()
		switch {
		case m.runs[k] == 0 && m.effects[k] == absent:
		case m.runs[k] == 0 || m.effects[k] == skipped:
			skip = skip || edge
		case m.effects[k] == jumped:
			ok = ok || goes
		default:
			ok = ok || edge
		}
	}
	if !root && !ok && !skip {
		m.effects[i] = absent
	}
	return root || ok && !skip
}

// absent is the effect of a node that no token comes to.
const absent effect = "absent"
