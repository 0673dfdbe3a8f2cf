package main

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// State is what the steps of a run share.
type State struct {
	Dir fs.FS

	files []string // of list

	mu      sched.Mutex // guards the fields below, if keep is careful
	Files   race.Var[int]
	Parts   race.Slice[part]
	Skipped race.Slice[error]

	total part // of merge
}

// part is what is counted in a file, or in all of them.
type part struct {
	files, bytes int
	words        map[string]int
}

// careful keeps the counts of one file.
func careful(s *State, p part) {
	s.mu.Lock()
	defer s.mu.Unlock()
	careless(s, p)
}

// careless keeps them too, but forgets the lock: workers that call it at the
// same time overwrite each other's counts.
func careless(s *State, p part) {
	s.Files.Update(func(n int) int { return n + 1 })
	s.Parts.Append(p)
}

// pipeline returns the job: list the files, count the words of several at once,
// add the counts up. keep is careful or careless.
func pipeline(workers int, keep func(*State, part)) *engine.Pipeline[State] {
	p := engine.New[State]("wordcount", engine.Options{})
	list := p.Step("list", listFiles, engine.NodeOptions{})
	count := engine.Map(p, "count", engine.Each[State, string]{
		Items: engine.Slice(func(_ context.Context, s *State) ([]string, error) { return s.files, nil }),
		Do: func(_ context.Context, s *State, name string) error {
			found, err := countFile(s.Dir, name)
			if err != nil {
				s.skip(err)
				return nil
			}
			keep(s, found)
			return nil
		},
	}, engine.MapOptions{MaxConcurrency: workers})
	merge := p.Step("merge", mergeParts, engine.NodeOptions{})
	list.To(count)
	count.To(merge)
	return p
}

// skip notes that a file cannot be read.
func (s *State) skip(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Skipped.Append(err)
}

// listFiles finds the files to read.
func listFiles(ctx context.Context, s *State) error {
	return fs.WalkDir(s.Dir, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && name == ".":
			return err
		case err != nil:
			s.skip(err)
		case d.Type().IsRegular() && isText(name):
			s.files = append(s.files, name)
		}
		return nil
	})
}

func isText(name string) bool {
	return slices.Contains([]string{".go", ".md", ".txt", ""}, path.Ext(name))
}

// countFile counts the words of a file: of Go code those of the documentation
// comments. A file that is no text has none.
func countFile(dir fs.FS, name string) (part, error) {
	text, err := fs.ReadFile(dir, name)
	if err != nil {
		return part{}, err
	}
	p := part{files: 1, bytes: len(text), words: map[string]int{}}
	switch {
	case bytes.IndexByte(text, 0) >= 0:
	case path.Ext(name) == ".go":
		for _, comment := range docComments(name, text) {
			p.count(comment)
		}
	default:
		p.count(string(text))
	}
	return p, nil
}

// docComments returns the documentation in Go code, as far as it parses.
func docComments(name string, code []byte) []string {
	file, _ := parser.ParseFile(token.NewFileSet(), name, code, parser.ParseComments|parser.SkipObjectResolution)
	if file == nil {
		return nil
	}
	comments := []string{file.Doc.Text()}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			comments = append(comments, d.Doc.Text())
		case *ast.GenDecl:
			comments = append(comments, d.Doc.Text())
		}
	}
	return comments
}

// count counts the words of text, which are two or more letters.
func (p *part) count(text string) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if utf8.RuneCountInString(word) > 1 {
			p.words[strings.ToLower(word)]++
		}
	}
}

// mergeParts adds up what the workers have counted.
func mergeParts(_ context.Context, s *State) error {
	s.total.words = map[string]int{}
	for _, p := range s.Parts.Snapshot() {
		s.total.files += p.files
		s.total.bytes += p.bytes
		for word, n := range p.words {
			s.total.words[word] += n
		}
	}
	if n := s.Files.Load(); n != s.total.files {
		return fmt.Errorf("%d files were counted, but there are counts of %d", n, s.total.files)
	}
	return nil
}
