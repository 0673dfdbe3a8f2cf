package engine

// Concurrent returns the pairs of names of nodes that can run at the same time in
// one run, in the order of their declaration: those of which no path leads from one
// to the other. A map makes a pair with itself, unless it takes one item at a time
// and collects nothing. A linear pipeline without maps has none. It may be called
// at any time, also at once with runs; of a pipeline with mistakes it says nothing
// in particular.
func (p *Pipeline[S]) Concurrent() [][2]string {
	var pairs [][2]string
	after := make([][]bool, len(p.nodes))
	for i, n := range p.nodes {
		after[i] = p.reach(n, false)
	}
	for i, n := range p.nodes {
		if n.each != nil && (n.each.MaxConcurrency != 1 || n.gathers) {
			pairs = append(pairs, [2]string{n.name, n.name})
		}
		for j := i + 1; j < len(p.nodes); j++ {
			if !after[i][j] && !after[j][i] {
				pairs = append(pairs, [2]string{n.name, p.nodes[j].name})
			}
		}
	}
	return pairs
}
