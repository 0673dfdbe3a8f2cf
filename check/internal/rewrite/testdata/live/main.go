// Command live uses the constructs that are rewritten and prints what they do.
package main

import "fmt"

func main() { all() }

func all() {
	for _, part := range []struct {
		name string
		run  func()
	}{
		{"chans", chans}, {"ranges", ranges}, {"selects", selects}, {"gos", gos}, {"syncs", syncs},
		{"values", values}, {"atomics", atomics}, {"functions", functions}, {"maps", maps}, {"embeds", embeds},
		{"generics", generics}, {"odd", odd}, {"old loops", oldLoops}, {"places", places},
	} {
		fmt.Println("==", part.name)
		part.run()
	}
}
