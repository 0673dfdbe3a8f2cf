package report

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What of SARIF is used here, by the names of its properties.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string    `json:"id"`
		Short   sarifText `json:"shortDescription"`
		HelpURI string    `json:"helpUri,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations,omitempty"`
		CodeFlows    []sarifFlow       `json:"codeFlows,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Message  *sarifText     `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId"`
	}
	sarifRegion struct {
		Line int `json:"startLine"`
	}
	sarifFlow struct {
		Threads []sarifThread `json:"threadFlows"`
	}
	sarifThread struct {
		ID        string           `json:"id,omitempty"`
		Locations []sarifFlowPoint `json:"locations"`
	}
	sarifFlowPoint struct {
		Location   sarifLocation `json:"location"`
		Order      int           `json:"executionOrder"`
		Importance string        `json:"importance"`
	}
)

// SARIF returns reports as one run of the tool ravel in SARIF 2.1.0, which code
// scanning services read. Each kind of finding is a rule, each report a result at
// the places that it is about. Its code flow has a thread for each task, with the
// steps that the finding is about and the preemptions; the execution order is the
// number of the operation. Paths are from the root of the module. The fingerprint
// stays the same when lines move.
func SARIF(reports []*Report) []byte {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "ravel", InformationURI: "https://github.com/ravelgo/ravel", Rules: []sarifRule{}}
	rules := &run.Tool.Driver.Rules
	for _, r := range reports {
		id := ruleID(r.kind())
		at := slices.IndexFunc(*rules, func(rule sarifRule) bool { return rule.ID == id })
		if at < 0 {
			at = len(*rules)
			*rules = append(*rules, sarifRule{ID: id, Short: sarifText{r.kind()}, HelpURI: r.webPage()})
		}
		run.Results = append(run.Results, r.result(id, at))
	}
	return encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

var noWord = regexp.MustCompile(`[^a-z0-9]+`)

// ruleID returns a kind as one word, such as data-race-no-lock.
func ruleID(kind string) string {
	if id := strings.Trim(noWord.ReplaceAllString(strings.ToLower(kind), "-"), "-"); id != "" {
		return id
	}
	return "finding"
}

func (r *Report) result(rule string, index int) sarifResult {
	text := append([]string{r.sentence()}, r.Details...)
	if r.Replay != "" {
		text = append(text, "Replay: "+r.Replay)
	}
	res := sarifResult{RuleID: rule, RuleIndex: index, Level: "error", Message: sarifText{strings.Join(text, "\n")},
		Fingerprints: map[string]string{"ravel/v1": r.fingerprint()}}
	for _, at := range r.spots() {
		res.Locations = append(res.Locations, sarifLocation{Physical: at.physical()})
	}
	if threads := r.threads(); len(threads) > 0 {
		res.CodeFlows = []sarifFlow{{threads}}
	}
	return res
}

// threads returns the steps that matter, by task in the order of their first one.
func (r *Report) threads() []sarifThread {
	var all []sarifThread
	index := map[int]int{} // of a task, in all
	for _, s := range r.Failing.Steps {
		if !s.About && !s.Preempts {
			continue
		}
		at, known := index[s.Task]
		if !known {
			at = len(all)
			index[s.Task] = at
			all = append(all, sarifThread{ID: r.Failing.Tasks[s.Task].Name})
		}
		all[at].Locations = append(all[at].Locations, r.point(s))
	}
	return all
}

func (r *Report) point(s Step) sarifFlowPoint {
	text := r.Failing.Tasks[s.Task].Name + ": " + s.Text
	if s.Preempts {
		text += " (the task before could have gone on)"
	}
	p := sarifFlowPoint{Location: sarifLocation{Message: &sarifText{text}}, Order: s.N, Importance: "important"}
	if s.About {
		p.Importance = "essential"
	}
	if s.File != "" {
		p.Location.Physical = r.spotOf(s.File, s.Line).physical()
	}
	return p
}

func (s spot) physical() *sarifPhysical {
	p := &sarifPhysical{Artifact: sarifArtifact{URI: s.uri(), Base: "%SRCROOT%"}}
	if s.line > 0 {
		p.Region = &sarifRegion{s.line}
	}
	return p
}

var lineNumber = regexp.MustCompile(`:\d+`)

// fingerprint identifies a finding across edits that move lines.
func (r *Report) fingerprint() string {
	about := r.Object
	if about == "" {
		about = lineNumber.ReplaceAllString(r.Summary, "")
	}
	h := sha256.New()
	for _, part := range []string{r.Package, r.Test, r.Kind, about} {
		h.Write([]byte(strconv.Quote(part)))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
