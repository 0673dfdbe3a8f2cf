package engine

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ravelgo/ravel/engine/internal/suggest"
)

// ErrDefinition is what every *DefinitionError wraps.
var ErrDefinition = errors.New("engine: definition")

// DefinitionError says what is wrong with the definition of a pipeline.
type DefinitionError struct {
	// Findings are all mistakes, in the order of declaration, each with the
	// pipeline, the node and a code in brackets.
	Findings []string
}

func (e *DefinitionError) Error() string { return strings.Join(e.Findings, "; ") }

// Unwrap returns ErrDefinition.
func (e *DefinitionError) Unwrap() error { return ErrDefinition }

type finding struct{ code, what string }

const maxName = 128

// Validate returns nil if the definition of p is complete, and freezes it, else
// a [*DefinitionError] with all mistakes:
//
//	name         empty, too long, not UTF-8, or with one of / [ ] # or control characters
//	duplicate    a name, or a handler, is there twice
//	nil          a function, node, handler, inner pipeline or middleware is missing
//	foreign      an edge leads to another pipeline
//	edge         an edge is there twice, or To is called on a switch
//	cycle        edges of To and routes form a cycle; loops are made by MayGoto
//	empty        there is no node
//	roots        there is no root or, without MultiRoot, more than one
//	switch       a switch has no case, one that leads nowhere, or a key twice
//	join         Join or BarrierTimeout mean nothing, or AtLeast wants too much or too little
//	per-arrival  a join is behind a node with PerArrival, whose tokens could not be paired
//	number       a field of options is out of range
//	recursion    a pipeline contains itself
//
// Mistakes of inner pipelines are among them.
func (p *Pipeline[S]) Validate() error { return p.validate(true) }

// validate is Validate, if roots are to start and not a node of the caller's choice.
func (p *Pipeline[S]) validate(roots bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.checked {
		p.checked = true
		p.findings, p.rootless = p.mistakes()
	}
	all := p.findings
	if roots {
		all = append(all[:len(all):len(all)], p.rootless...)
	}
	if len(all) > 0 {
		return &DefinitionError{Findings: all}
	}
	p.frozen = true
	return nil
}

// mistakes lists all mistakes, those about roots apart.
func (p *Pipeline[S]) mistakes() (all, rootless []string) {
	if path := recursion(p, nil); path != "" {
		return []string{p.said(nil, finding{"recursion", "the pipeline contains itself: " + path})}, nil
	}
	if what := badName(p.name); what != "" {
		all = append(all, p.said(nil, finding{"name", what}))
	}
	first := map[string]*Node[S]{}
	for _, n := range p.nodes {
		for _, f := range n.mistakes(first) {
			all = append(all, p.said(n, f))
		}
		if n.inner != nil {
			all = append(all, n.inside(n.inner.innerFindings())...)
		}
	}
	for _, f := range append(p.opts.mistakes(), p.bad...) {
		all = append(all, p.said(nil, f))
	}
	cycle := p.cycle()
	if cycle != "" {
		all = append(all, p.said(nil, finding{"cycle", "edges form a cycle: " + cycle}))
	} else {
		for _, n := range p.unpaired() {
			all = append(all, p.said(n, finding{"per-arrival", "it is a join behind a node with PerArrival, whose arrivals cannot be paired"}))
		}
	}
	roots, bad := p.findRoots()
	p.roots = roots
	for _, f := range bad {
		text := p.said(nil, f)
		if f.code == "roots" {
			rootless = append(rootless, text)
		} else {
			all = append(all, text)
		}
	}
	return all, rootless
}

// said writes a finding.
func (p *Pipeline[S]) said(n *Node[S], f finding) string {
	where := fmt.Sprintf("engine: pipeline %q", p.name)
	if n != nil {
		where += fmt.Sprintf(": node %q", n.name)
	}
	return fmt.Sprintf("%s: %s [%s]", where, f.what, f.code)
}

// mistakes lists those of a node, given the nodes before it by name.
func (n *Node[S]) mistakes(first map[string]*Node[S]) []finding {
	var all []finding
	if what := badName(n.name); what != "" {
		all = append(all, finding{"name", what})
	}
	if m := first[n.name]; m != nil {
		all = append(all, finding{"duplicate", fmt.Sprintf("declared at %s and at %s", m.site, n.site)})
	} else {
		first[n.name] = n
	}
	all = append(all, n.bad...)
	for _, m := range append(repeated(n.next), repeated(n.jumps)...) {
		all = append(all, finding{"edge", fmt.Sprintf("two edges to %q", m)})
	}
	all = append(all, n.joinMistakes()...)
	if len(all) == 0 {
		all = n.wrap()
	}
	return all
}

// joinMistakes says which options of a join mean nothing.
func (n *Node[S]) joinMistakes() []finding {
	var all []finding
	in := len(n.prev)
	join, limit := n.opts.Join, n.opts.BarrierTimeout
	if in < 2 {
		if join != All {
			all = append(all, finding{"join", fmt.Sprintf("Join is %v, but there are not two predecessors", join)})
		}
		if limit > 0 {
			all = append(all, finding{"join", "BarrierTimeout is set, but there are not two predecessors to wait for"})
		}
		return all
	}
	switch {
	case join.kind == joinAtLeast && (join.n < 1 || join.n > in):
		all = append(all, finding{"join", fmt.Sprintf("Join is AtLeast(%d), want 1 to %d, the number of predecessors", join.n, in)})
	case join.kind == joinPerArrival && limit > 0:
		all = append(all, finding{"join", "BarrierTimeout is set, but PerArrival does not wait"})
	}
	return all
}

// inside says of findings of the pipeline inside n where that is.
func (n *Node[S]) inside(findings []string) []string {
	var all []string
	for _, text := range findings {
		all = append(all, fmt.Sprintf("engine: pipeline %q: node %q: %s", n.p.name, n.name, strings.TrimPrefix(text, "engine: ")))
	}
	return all
}

// unpaired returns the joins behind nodes with PerArrival.
func (p *Pipeline[S]) unpaired() []*Node[S] {
	behind := make([]bool, len(p.nodes))
	for _, n := range p.nodes {
		if n.opts.Join.kind == joinPerArrival {
			for i, yes := range p.reach(n, false) {
				behind[i] = behind[i] || yes && i != n.index
			}
		}
	}
	var all []*Node[S]
	for i, n := range p.nodes {
		if behind[i] && n.joins() {
			all = append(all, n)
		}
	}
	return all
}

// recursion returns the way from a pipeline to itself through those that it
// contains, as text, or nothing.
func recursion(p nested, above []nested) string {
	for i, q := range above {
		if q == p {
			var text strings.Builder
			for _, q := range above[i:] {
				text.WriteString(q.title() + " → ")
			}
			return text.String() + p.title()
		}
	}
	for _, q := range p.contained() {
		if path := recursion(q, append(above[:len(above):len(above)], p)); path != "" {
			return path
		}
	}
	return ""
}

// family is p and the pipelines inside it.
func family(p nested, all map[nested]bool) map[nested]bool {
	if !all[p] {
		all[p] = true
		for _, q := range p.contained() {
			family(q, all)
		}
	}
	return all
}

// checkOptions says what is wrong with the options of a run.
func (p *Pipeline[S]) checkOptions(opts RunOptions) error {
	all := negative(count("RunOptions.Buffer", opts.Buffer, fmt.Sprint(buffer)), span("RunOptions.Timeout", opts.Timeout, noLimit),
		span("RunOptions.Grace", opts.Grace, "wait for ever"), span("RunOptions.CheckpointEvery", opts.CheckpointEvery, "only when nothing runs"))
	if opts.Start != "" && p.named(opts.Start) == nil {
		all = append(all, finding{what: fmt.Sprintf("RunOptions.Start is %q, which no node is named; %s", opts.Start, suggest.Closest(opts.Start, p.names()))})
	}
	if len(opts.Stubs) > 0 {
		within := family(p, map[nested]bool{})
		for _, s := range opts.Stubs {
			if what := s.mistake(within); what != "" {
				all = append(all, finding{what: what})
			}
		}
	}
	bad := DefinitionError{Findings: p.checkStore(opts)}
	if len(all)+len(bad.Findings) == 0 {
		return nil
	}
	for _, f := range all {
		bad.Findings = append(bad.Findings, p.said(nil, finding{"option", f.what}))
	}
	return &bad
}

// repeated returns the names of nodes to which a second edge leads.
func repeated[S any](edges []edge[S]) []string {
	var names []string
	seen := map[*Node[S]]bool{}
	for _, e := range edges {
		if seen[e.to] {
			names = append(names, e.to.name)
		}
		seen[e.to] = true
	}
	return names
}

func badName(name string) string {
	switch {
	case name == "":
		return "its name is empty"
	case len(name) > maxName:
		return fmt.Sprintf("its name has %d bytes, want at most %d", len(name), maxName)
	case !utf8.ValidString(name):
		return "its name is not valid UTF-8"
	case strings.ContainsAny(name, "/[]#"):
		return "its name has one of / [ ] #"
	case strings.ContainsFunc(name, unicode.IsControl):
		return "its name has a control character"
	}
	return ""
}
