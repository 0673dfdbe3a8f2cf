package main

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/ravelgo/ravel/check/report"
)

// isSearch reports whether package check writes a search to a file of that name.
func isSearch(name string) bool {
	ok, _ := filepath.Match("search*.json", filepath.Base(name))
	return ok
}

// published is what package check has written into a folder.
type published struct {
	searches []*report.Search
	reports  []*report.Report
}

// readFolder reads all searches and reports below a folder, in the order of their
// names. Other files of JSON are left out; a folder that is not there has none.
func readFolder(folder string) (*published, error) {
	p := &published{}
	err := filepath.WalkDir(folder, func(name string, e fs.DirEntry, err error) error {
		if name == folder && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return named(name, err)
		}
		if e.IsDir() || !strings.HasSuffix(name, ".json") {
			return nil
		}
		return p.add(name)
	})
	return p, err
}

// add reads one file.
func (p *published) add(name string) error {
	text, err := readText(name, maxReport)
	if err != nil {
		return err
	}
	if isSearch(name) {
		s, err := report.ParseSearch(text)
		if err != nil {
			return named(name, errors.New(strings.TrimPrefix(err.Error(), "report: ")))
		}
		p.searches = append(p.searches, s)
		return nil
	}
	if !bytes.Contains(text, []byte(`"kind"`)) { // somebody else's
		return nil
	}
	r, err := parseReport(name, text)
	if err == nil {
		p.reports = append(p.reports, r)
	}
	return err
}
