package main

import (
	"errors"

	"github.com/ravelgo/ravel/check/report"
)

// format is a kind of document: of one finding, or of all that was published.
type format struct {
	name string
	one  func(*report.Report) ([]byte, error)
	all  func(*published) ([]byte, error)
}

var formats = []format{
	{name: "sarif", all: sarif},
	{name: "junit", all: junit},
	{name: "github", all: github},
	{name: "perfetto", one: perfetto},
	{name: "html", one: html},
}

func formatNames() []string {
	var all []string
	for _, f := range formats {
		all = append(all, f.name)
	}
	return all
}

var errFormat = errors.New("this format is not there yet")

func html(*report.Report) ([]byte, error)     { return nil, errFormat }
func perfetto(*report.Report) ([]byte, error) { return nil, errFormat }
func sarif(*published) ([]byte, error)        { return nil, errFormat }
func junit(*published) ([]byte, error)        { return nil, errFormat }
func github(*published) ([]byte, error)       { return nil, errFormat }
