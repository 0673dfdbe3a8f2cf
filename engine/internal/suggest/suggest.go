// Package suggest says which name was probably meant by one that does not exist.
package suggest

import "fmt"

// Closest returns the name that is closest to the given one, as the end of a
// sentence: as a question if it is within a third of its length in edits.
func Closest(name string, names []string) string {
	best, least := "", -1
	for _, n := range names {
		if d := edits(name, n); least < 0 || d < least {
			best, least = n, d
		}
	}
	if least <= len(best)/3 {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return fmt.Sprintf("the closest name is %q", best)
}

// edits is the Levenshtein distance of two names.
func edits(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1) // distances of the part of a so far
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			d := diagonal
			if x != y {
				d = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], d
		}
	}
	return row[len(to)]
}
