package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"html"
	"strings"
)

// pageFiles are the parts of the page.
//
//go:embed page
var pageFiles embed.FS

// scripts are in the order in which they use each other.
var scripts = []string{"dom.js", "model.js", "rows.js", "arrows.js", "inspect.js", "view.js", "story.js", "page.js"}

// HTML returns r as a page that needs nothing else: no network, and no other file.
// All text of r is shown as text, whatever is in it. The page tells the browser
// to run no script but its own and to load nothing.
func (r *Report) HTML() []byte {
	style, script := part("page.css"), pageScript()
	title := r.Summary
	if title == "" {
		title = r.Kind
	}
	page := strings.NewReplacer(
		"{{title}}", html.EscapeString(title),
		"{{text}}", html.EscapeString(r.Text),
		"{{stylehash}}", hashOf(style), "{{style}}", style,
		"{{scripthash}}", hashOf(script), "{{script}}", script,
		"{{data}}", pageData(r),
	).Replace(part("page.html"))
	return []byte(page)
}

// part returns a file of the page.
func part(name string) string {
	text, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		panic(err) // it is built in
	}
	return string(text)
}

// pageScript returns all scripts as one that leaves no names behind.
func pageScript() string {
	var b strings.Builder
	b.WriteString("(() => {\n\"use strict\";\n")
	for _, name := range scripts {
		b.WriteString(part(name))
	}
	b.WriteString("})();\n")
	return b.String()
}

// hashOf returns what a content security policy calls a script or a style.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// pageData returns the JSON of a report without what would end a script or begin a
// comment in HTML: json writes <, >, & and the line ends of JavaScript as escapes.
func pageData(r *Report) string {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(r); err != nil {
		panic(err) // there is nothing in it that has no JSON
	}
	return b.String()
}
