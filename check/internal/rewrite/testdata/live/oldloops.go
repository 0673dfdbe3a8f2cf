//go:build go1.21

package main

import "fmt"

// A file of an old language version shares its loop variables.
func oldLoops() {
	var fs []func() int
	for v := range three() {
		fs = append(fs, func() int { v++; return v })
	}
	for _, v := range map[int]int{1: 2, 3: 2} {
		fs = append(fs, func() int { v++; return v })
	}
	for _, f := range fs {
		fmt.Print(f(), " ")
	}
	fmt.Println()
}
