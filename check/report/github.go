package report

import (
	"bytes"
	"fmt"
	"strings"
)

// GitHub returns reports as workflow commands, a line each: GitHub Actions shows
// what a step prints so as an error at the place in the source. Paths are from
// the root of the module, so they fit where that is the root of the repository.
func GitHub(reports []*Report) []byte {
	var b bytes.Buffer
	for _, r := range reports {
		title := r.kind()
		if r.Test != "" {
			title += " in " + r.Test
		}
		text := append([]string{r.sentence()}, r.Details...)
		if r.Replay != "" {
			text = append(text, "Replay: "+r.Replay)
		}
		place := ""
		if at := r.spots(); len(at) > 0 {
			place = fmt.Sprintf("file=%s,line=%d,", forProperty.Replace(at[0].path), max(at[0].line, 1))
		}
		fmt.Fprintf(&b, "::error %stitle=%s::%s\n", place, forProperty.Replace(title), forMessage.Replace(strings.Join(text, "\n")))
	}
	return b.Bytes()
}

// What actions/toolkit, packages/core/src/command.ts, escapes.
var (
	forMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	forProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
