package rewrite

import (
	"go/token"
	"sort"
	"strconv"
)

// insertImports puts the imports behind the package clause.
func (f *file) insertImports(at int, pos token.Pos) {
	names := map[string]string{stdPath: f.prefix, atomicPath: f.name("atomic"), accessPath: f.name("access"), "sync": f.name("sync")}
	var paths []string
	for path := range f.imports {
		paths = append(paths, path)
	}
	if len(paths) == 0 {
		return
	}
	sort.Strings(paths)
	text := ""
	for _, path := range paths {
		text += "; import " + names[path] + " " + strconv.Quote(path)
	}
	var pieces []piece
	for i, p := range f.pieces {
		if p.from.IsValid() && p.from < pos && pos <= p.to && i < at {
			pieces = append(pieces, piece{from: p.from, to: pos}, piece{text: text})
			if p.to > pos {
				pieces = append(pieces, piece{from: pos, to: p.to})
			}
			continue
		}
		pieces = append(pieces, p)
	}
	f.pieces = pieces
}

// appendices follow the last declaration.
func (f *file) appendices() {
	f.forwardMethods()
	f.keepImports()
	f.nameTables()
}

// keepImports refers to each import that lost a use, which may have been its last.
func (f *file) keepImports() {
	for _, spec := range f.ast.Imports {
		name := f.pkgName(spec)
		if name == nil || !f.dropped[name] {
			continue
		}
		text := "var _ "
		if name.Name() != "." {
			text += name.Name() + "."
		}
		f.text("\n", text+keepers[name.Imported().Path()])
	}
	if len(f.dropped) > 0 {
		f.text("\n")
	}
}
