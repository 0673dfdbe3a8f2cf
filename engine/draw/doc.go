// Package draw makes pictures of pipelines: text for Mermaid, which many viewers
// of Markdown show as a graph, and for the programs of Graphviz.
//
//	fmt.Print(draw.Mermaid(p.Describe(), draw.Options{}))
//
// A step is a box, a map a stack of boxes, a switch a diamond. A node with an
// inner pipeline is a frame around that. Lines are static edges; those from a
// switch have the key as their label, or default; dotted ones are what a Goto may
// take. Below its name a node says what it waits for, if that is not all, and
// whether it has a handler.
//
// Names are shown as they are, whatever characters they have; what cannot be seen,
// such as a line break in the key of a switch, is shown as Go would write it in a
// string. The same plan and options always give the same text. Nothing is checked:
// of a plan that no pipeline has, an edge to an unknown name is left out, and one
// to a name that is there twice leads to the first.
package draw
