package report

import "net/url"

// spot is a place in the source: the path from the root of its module if it is
// known, else the name of the file. Line is 0 and path "" if nothing is known.
type spot struct {
	path string
	line int
}

// spotOf returns the place of a line of a file as steps name it.
func (r *Report) spotOf(file string, line int) spot {
	for _, s := range r.Sources {
		if s.File == file && s.Path != "" && line >= s.First && line < s.First+len(s.Lines) {
			return spot{s.Path, line}
		}
	}
	return spot{file, line}
}

// spots returns the places that the finding is about, each once: of steps, else
// of tasks that wait for ever, else of the last step that has one.
func (r *Report) spots() []spot {
	var all []spot
	seen := map[spot]bool{}
	add := func(file string, line int) {
		if at := r.spotOf(file, line); file != "" && !seen[at] {
			seen[at] = true
			all = append(all, at)
		}
	}
	steps := r.Failing.Steps
	for _, s := range steps {
		if s.About {
			add(s.File, s.Line)
		}
	}
	for i := 0; len(all) == 0 && i < len(r.Failing.Waits); i++ {
		add(r.Failing.Waits[i].File, r.Failing.Waits[i].Line)
	}
	for i := len(steps) - 1; len(all) == 0 && i >= 0; i-- {
		add(steps[i].File, steps[i].Line)
	}
	return all
}

// uri returns the place as a relative reference.
func (s spot) uri() string { return (&url.URL{Path: s.path}).String() }

// kind returns r.Kind, or a word for it.
func (r *Report) kind() string {
	if r.Kind == "" {
		return "finding"
	}
	return r.Kind
}

// sentence returns r.Summary, or what else is known.
func (r *Report) sentence() string {
	if r.Summary == "" {
		return r.kind()
	}
	return r.Summary
}

// webPage returns r.Page if it is a page of the web.
func (r *Report) webPage() string {
	if u, err := url.Parse(r.Page); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		return r.Page
	}
	return ""
}
