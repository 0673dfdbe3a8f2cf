package main

import "github.com/ravelgo/ravel/check/report"

// format is a kind of document: of one finding, or of all that was published.
type format struct {
	name string
	one  func(*report.Report) []byte
	all  func(*published) []byte
}

var formats = []format{
	{name: "sarif", all: func(p *published) []byte { return report.SARIF(p.reports) }},
	{name: "junit", all: func(p *published) []byte { return report.JUnit(p.searches, p.reports) }},
	{name: "github", all: func(p *published) []byte { return report.GitHub(p.reports) }},
	{name: "perfetto", one: (*report.Report).Perfetto},
	{name: "html", one: (*report.Report).HTML},
}

func formatNames() []string {
	var all []string
	for _, f := range formats {
		all = append(all, f.name)
	}
	return all
}
