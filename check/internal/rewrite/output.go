package rewrite

import (
	"bytes"
	"fmt"
	"go/token"
)

// piece is a part of the new text: a range of the source, or text.
type piece struct {
	from, to token.Pos // of the source, if from is valid
	text     string
	at       token.Pos // the line that text is said to be on; none: where it falls
}

// output collects the new text in order.
type output struct{ pieces []piece }

// source appends a range of the source.
func (o *output) source(from, to token.Pos) {
	if from >= to {
		return
	}
	if n := len(o.pieces); n > 0 && o.pieces[n-1].from.IsValid() && o.pieces[n-1].to == from {
		o.pieces[n-1].to = to
		return
	}
	o.pieces = append(o.pieces, piece{from: from, to: to})
}

// text appends text, which has no newline.
func (o *output) text(parts ...string) {
	for _, s := range parts {
		o.pieces = append(o.pieces, piece{text: s})
	}
}

// textAt appends text that is on the line of pos.
func (o *output) textAt(pos token.Pos, s string) {
	o.pieces = append(o.pieces, piece{text: s, at: pos})
}

// printer writes pieces and knows which position a compiler gives to what
// comes next.
type printer struct {
	fset *token.FileSet
	src  []byte
	base token.Pos // of src
	buf  bytes.Buffer
	now  token.Position
}

const byteOrderMark = "\xef\xbb\xbf"

func (p *printer) print(pieces []piece) []byte {
	start := p.fset.PositionFor(p.base, false)
	p.now = start
	if !bytes.HasPrefix(p.src, []byte("//line ")) {
		fmt.Fprintf(&p.buf, "//line %s:1:1\n", start.Filename)
	}
	for _, e := range pieces {
		if e.from.IsValid() {
			p.source(e.from, e.to)
			continue
		}
		if e.at.IsValid() {
			if want := p.fset.Position(e.at); want.Filename != p.now.Filename || want.Line != p.now.Line {
				p.move(want)
			}
		}
		p.raw([]byte(e.text))
	}
	return p.buf.Bytes()
}

func (p *printer) source(from, to token.Pos) {
	src := p.src[from-p.base : to-p.base]
	if from == p.base && bytes.HasPrefix(src, []byte(byteOrderMark)) {
		src, from = src[len(byteOrderMark):], from+token.Pos(len(byteOrderMark))
	}
	// The end of a line needs no column.
	blank := len(src) - len(bytes.TrimLeft(src, " \t"))
	rest := src[blank:]
	if want := p.fset.Position(from); want.Filename == p.now.Filename && want.Line == p.now.Line &&
		(len(rest) == 0 || bytes.HasPrefix(rest, []byte("\n")) || bytes.HasPrefix(rest, []byte("\r\n"))) {
		p.raw(src[:blank])
		if len(rest) == 0 {
			return
		}
		src = rest
	} else {
		p.move(want)
	}
	p.buf.Write(src)
	p.now = p.fset.Position(to)
}

// raw writes text that has no line directive.
func (p *printer) raw(text []byte) {
	p.buf.Write(text)
	if i := bytes.LastIndexByte(text, '\n'); i >= 0 {
		p.now.Line += bytes.Count(text, []byte("\n"))
		if p.now.Column > 0 {
			p.now.Column = len(text) - i
		}
	} else if p.now.Column > 0 {
		p.now.Column += len(text)
	}
}

// move makes what comes next be at a position.
func (p *printer) move(to token.Position) {
	to.Offset = p.now.Offset
	if to == p.now {
		return
	}
	switch {
	case to.Column == 0:
		fmt.Fprintf(&p.buf, "/*line %s:%d*/", to.Filename, to.Line)
	case to.Filename == p.now.Filename:
		fmt.Fprintf(&p.buf, "/*line :%d:%d*/", to.Line, to.Column)
	default:
		fmt.Fprintf(&p.buf, "/*line %s:%d:%d*/", to.Filename, to.Line, to.Column)
	}
	p.now = to
}
