package draw_test

import (
	"fmt"

	"github.com/ravelgo/ravel/engine/draw"
	"github.com/ravelgo/ravel/engine/plan"
)

// checkout returns a plan. Describe gives that of a pipeline.
func checkout() plan.Plan {
	return plan.Plan{Name: "checkout", Roots: []string{"decide"}, Nodes: []plan.Node{
		{Name: "decide", Kind: "switch", Cases: []plan.Case{{Key: "yes", To: "pay"}}, Default: "refuse"},
		{Name: "pay", Kind: "step", Jumps: []string{"decide"}},
		{Name: "refuse", Kind: "step", Handler: true},
	}}
}

func ExampleMermaid() {
	fmt.Print(draw.Mermaid(checkout(), draw.Options{Direction: draw.Right}))
	// Output:
	// ---
	// title: "checkout"
	// ---
	// flowchart LR
	//   n0{"decide"}
	//   n1["pay"]
	//   n2["refuse<br>handler"]
	//   n0 -->|"yes"| n1
	//   n0 -->|"default"| n2
	//   n1 -.-> n0
}

func ExampleDOT() {
	fmt.Print(draw.DOT(checkout(), draw.Options{}))
	// Output:
	// digraph {
	//   graph [label="checkout", labelloc=t, rankdir=TB, compound=true, fontname="sans-serif"]
	//   node [shape=box, fontname="sans-serif"]
	//   edge [fontname="sans-serif"]
	//   n0 [label="decide", shape=diamond]
	//   n1 [label="pay"]
	//   n2 [label="refuse\nhandler"]
	//   n0 -> n1 [label="yes"]
	//   n0 -> n2 [label="default"]
	//   n0 -> n1 [style=dotted, dir=back]
	// }
}
