package enginetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/internal/suggest"
	"github.com/ravelgo/ravel/engine/plan"
)

// mistake says why no event of a run of p can have a path; empty if one can.
func mistake(p *plan.Plan, path string) string {
	if path == "" {
		return ""
	}
	before, rest := "", path
	for {
		segment, more, inside := strings.Cut(rest, "/")
		name, index, item := strings.Cut(segment, "[")
		i := slices.IndexFunc(p.Nodes, func(n plan.Node) bool { return n.Name == name })
		if i < 0 {
			return unknown(p, before, name)
		}
		n := &p.Nodes[i]
		isMap := n.Kind == string(event.Map)
		switch {
		case item && !isMap:
			return fmt.Sprintf("%q is a %s, which has no items; did you mean %q?", name, n.Kind, before+name)
		case item && !isIndex(index):
			return fmt.Sprintf("%q is no index of an item, want %q", "["+index, before+name+"[0]")
		case !inside:
			return ""
		case n.Inner == nil:
			return fmt.Sprintf("%q has no pipeline inside; did you mean %q?", name, before+segment)
		case isMap && !item:
			return fmt.Sprintf("%q is a map, whose items have the pipeline inside; did you mean %q?", name, before+name+"[0]/"+more)
		}
		p, rest, before = n.Inner, more, before+segment+"/"
	}
}

// isIndex reports whether text, up to a bracket, is the index of an item.
func isIndex(text string) bool {
	digits, closed := strings.CutSuffix(text, "]")
	i, err := strconv.Atoi(digits)
	return closed && err == nil && strconv.Itoa(i) == digits && i >= 0
}

// unknown says that p, which has the given part of a path before it, has no node of a
// name.
func unknown(p *plan.Plan, before, name string) string {
	text := fmt.Sprintf("there is no node %q in pipeline %q; ", name, p.Name)
	if path := deeper(p, before, name); path != "" {
		return text + fmt.Sprintf("did you mean %q?", path)
	}
	var names []string
	for _, n := range p.Nodes {
		names = append(names, n.Name)
	}
	return text + suggest.Closest(name, names)
}

// deeper returns the path of a node of a name in a pipeline inside p, or nothing.
func deeper(p *plan.Plan, before, name string) string {
	for _, n := range p.Nodes {
		path := before + n.Name
		if n.Kind == string(event.Map) {
			path += "[0]"
		}
		switch {
		case n.Inner == nil:
		case slices.ContainsFunc(n.Inner.Nodes, func(m plan.Node) bool { return m.Name == name }):
			return path + "/" + name
		default:
			if found := deeper(n.Inner, path+"/", name); found != "" {
				return found
			}
		}
	}
	return ""
}
