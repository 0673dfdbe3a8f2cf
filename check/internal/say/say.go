// Package say has what package check and the command say in the same way.
package say

import (
	"fmt"
	"regexp"
	"strings"
)

// Plural returns a number of things, such as "1 run" or "2 runs".
func Plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Pattern returns the -run pattern of a test.
func Pattern(test string) string {
	return "^" + strings.ReplaceAll(regexp.QuoteMeta(test), "/", "$/^") + "$"
}

// Quote makes text one word of a shell.
func Quote(text string) string {
	if text != "" && !strings.ContainsAny(text, " \t\n$'\"\\`!*?[](){}<>|&;#~^") {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
