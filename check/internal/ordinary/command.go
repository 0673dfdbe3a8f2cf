package ordinary

import (
	"cmp"
	"os"
	"strings"
)

// Command returns what runs ordinary tests under control: RAVEL_COMMAND, which ravel
// test sets so that it has the flags that count.
func Command() string { return cmp.Or(os.Getenv("RAVEL_COMMAND"), "ravel test") }

const by = "It is of a test that knows nothing of ravel, run by: "

// Note returns a note for the traces of ordinary tests, which tells how to run them:
// with which flags, but not where the program is here.
func Note() string {
	_, flags, _ := strings.Cut(Command(), " test")
	return by + "ravel test" + flags
}

// NotedCommand returns the command of [Note], and whether one of the notes of a trace
// is such a note.
func NotedCommand(notes []string) (command string, ok bool) {
	for _, n := range notes {
		if command, ok = strings.CutPrefix(n, by); ok {
			return command, true
		}
	}
	return "", false
}
