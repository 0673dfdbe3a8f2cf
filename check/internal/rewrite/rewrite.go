package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"strings"
)

// Import paths of what rewritten files call.
const (
	stdPath    = "github.com/ravelgo/ravel/sched/std"
	atomicPath = "github.com/ravelgo/ravel/sched/atomic"
	accessPath = "github.com/ravelgo/ravel/race/access"
)

// Package is a package that was parsed with comments and typechecked without
// an error, with an Info of [NewInfo].
type Package struct {
	Fset    *token.FileSet
	Files   []*ast.File
	Sources [][]byte // what each of Files was parsed from
	Types   *types.Package
	Info    *types.Info

	// FileName returns what a file of a position is called in the running
	// program. Nil means that its name is the same there.
	FileName func(string) string
}

// Refusal names an operation that stays what it was.
type Refusal struct {
	Pos       token.Position // zero if it is the whole package
	Construct string         // as the source has it, or what it is
	Reason    string         // why, as the end of a sentence
}

func (r Refusal) String() string {
	if !r.Pos.IsValid() {
		return r.Construct + ": " + r.Reason
	}
	return fmt.Sprintf("%s: %s: %s", r.Pos, r.Construct, r.Reason)
}

// NewInfo returns an Info with the maps that Rewrite reads.
func NewInfo() *types.Info {
	return &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Instances:    map[*ast.Ident]types.Instance{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Implicits:    map[ast.Node]types.Object{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		Scopes:       map[ast.Node]*types.Scope{},
		FileVersions: map[*ast.File]string{},
	}
}

// Rewrite returns the new text of each file, nil for one that needs no change,
// and what it had to leave. A package whose language version has no generics
// is refused as a whole. The error is about the arguments.
func (p Package) Rewrite() (sources [][]byte, refused []Refusal, err error) {
	if len(p.Files) != len(p.Sources) {
		return nil, nil, fmt.Errorf("rewrite: %d files, %d sources", len(p.Files), len(p.Sources))
	}
	sources = make([][]byte, len(p.Files))
	if v := p.Types.GoVersion(); v != "" && version.Compare(v, "go1.18") < 0 {
		return sources, []Refusal{{Construct: "package " + p.Types.Path(), Reason: "its language version, " + v + ", has no generics"}}, nil
	}
	u := &unit{Package: p, prefix: p.prefix()}
	u.planForwards()
	for i, f := range p.Files {
		tok := p.Fset.File(f.FileStart)
		if tok == nil || tok.Size() != len(p.Sources[i]) {
			return nil, nil, fmt.Errorf("rewrite: the source of file %d is not what was parsed", i)
		}
		r := newFile(u, f, p.Sources[i])
		r.render()
		if r.changed() {
			sources[i] = r.print()
		}
	}
	return sources, u.refused, nil
}

// prefix returns a start of names that no identifier of the package has.
func (p Package) prefix() string {
	prefix := "ravel__"
	for _, f := range p.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				for strings.HasPrefix(id.Name, prefix) {
					prefix += "_"
				}
			}
			return true
		})
	}
	return prefix
}

// unit is what the files of a package share.
type unit struct {
	Package
	prefix   string // starts all names that are added
	forwards map[*types.TypeName][]forward
	refused  []Refusal
	ifaces   []*types.Interface // of the package, once asked for
}

func (u *unit) refuse(pos token.Pos, construct, reason string) {
	u.refused = append(u.refused, Refusal{u.Fset.Position(pos), construct, reason})
}
