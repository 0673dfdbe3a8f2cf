package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

type (
	junitSuites struct {
		XMLName  xml.Name      `xml:"testsuites"`
		Name     string        `xml:"name,attr"`
		Tests    int           `xml:"tests,attr"`
		Failures int           `xml:"failures,attr"`
		Time     seconds       `xml:"time,attr"`
		Suites   []*junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Time     seconds      `xml:"time,attr"`
		Cases    []*junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    seconds       `xml:"time,attr"`
		Failure *junitFailure `xml:"failure"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// seconds is a time in milliseconds that is written in seconds.
type seconds int64

func (s seconds) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	return xml.Attr{Name: name, Value: fmt.Sprintf("%.3f", float64(s)/1000)}, nil
}

// JUnit returns searches as a JUnit XML report: a suite a package, a case a test.
// A test with findings has one failure with the texts of all its reports, since
// most readers show one; without a report it has the summary of what was found.
// A report whose test is among no search makes a case of its own.
func JUnit(searches []*Search, reports []*Report) []byte {
	j := &junit{cases: map[[2]string]*junitCase{}, suites: map[string]*junitSuite{}}
	for _, r := range reports {
		j.fail(j.testCase(r.Package, r.Test), r.kind(), r.sentence(), cmp.Or(r.Text, r.sentence()))
	}
	for _, s := range searches {
		c := j.testCase(s.Package, s.Test)
		c.Time += seconds(s.Milliseconds)
		c.Out = strings.TrimPrefix(c.Out+"\n"+s.Summary, "\n")
		if c.Failure != nil {
			continue
		}
		for _, f := range s.Findings {
			j.fail(c, f.Kind, f.Summary, f.Summary)
		}
	}
	text, err := xml.MarshalIndent(j.all(), "", "\t")
	if err != nil {
		panic(err) // there is nothing in it that has no XML
	}
	return append([]byte(xml.Header), append(text, '\n')...)
}

// junit collects the cases.
type junit struct {
	cases  map[[2]string]*junitCase // by package and test
	suites map[string]*junitSuite   // by package
}

func (j *junit) testCase(pkg, test string) *junitCase {
	key := [2]string{pkg, test}
	if c := j.cases[key]; c != nil {
		return c
	}
	c := &junitCase{Name: test, Class: pkg}
	j.cases[key] = c
	s := j.suites[pkg]
	if s == nil {
		s = &junitSuite{Name: pkg}
		j.suites[pkg] = s
	}
	s.Cases = append(s.Cases, c)
	return c
}

// fail adds a finding to a case.
func (*junit) fail(c *junitCase, kind, summary, text string) {
	if c.Failure == nil {
		c.Failure = &junitFailure{Message: summary, Type: kind, Text: text}
		return
	}
	c.Failure.Message += "; " + summary
	c.Failure.Text += "\n" + text
}

// all returns the suites by name, counted.
func (j *junit) all() *junitSuites {
	all := &junitSuites{Name: "ravel"}
	for _, s := range j.suites {
		slices.SortFunc(s.Cases, func(a, b *junitCase) int { return cmp.Compare(a.Name, b.Name) })
		for _, c := range s.Cases {
			s.Tests++
			s.Time += c.Time
			if c.Failure != nil {
				s.Failures++
			}
		}
		all.Tests, all.Failures, all.Time = all.Tests+s.Tests, all.Failures+s.Failures, all.Time+s.Time
		all.Suites = append(all.Suites, s)
	}
	slices.SortFunc(all.Suites, func(a, b *junitSuite) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
