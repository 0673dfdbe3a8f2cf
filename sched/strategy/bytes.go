package strategy

import "github.com/ravelgo/ravel/sched"

// Bytes returns the strategy that makes choices as bytes say, for fuzzers. The upper
// six bits of a byte are how many choices those of the plain schedule are, in which a
// task goes on until it waits or ends. The lower two say what the next one is: 0 that
// of the plain schedule too, 1 or 2 the first or second option after it, and 3 the one
// after these that the next byte says. When the bytes are used up, all choices are
// those of the plain schedule.
//
// So any bytes are a schedule, fewer and lower ones are closer to the plain one, and
// each byte is at most one preemption. The strategy may be used for any number of
// runs, which are the same.
func Bytes(text []byte) sched.Strategy { return &byteWise{text: text} }

type byteWise struct {
	text []byte
	rest []byte
	skip int // choices of the plain schedule that are left
	then int // what comes after these, if there is more: the option
	more bool
}

const (
	byteOption = 3 // its bits
	byteFar    = 3 // the option is in the next byte
)

func (b *byteWise) Next() bool {
	b.rest, b.more = b.text, false
	return true
}

func (b *byteWise) Choose(c *sched.Choice) int {
	usual := plain(c)
	if !b.more && len(b.rest) > 0 {
		b.read()
	}
	switch {
	case !b.more:
		return usual
	case b.skip > 0:
		b.skip--
		return usual
	}
	b.more = false
	return (usual + b.then) % c.N
}

// read takes the next byte, or two.
func (b *byteWise) read() {
	b.skip, b.then, b.more = int(b.rest[0]>>2), int(b.rest[0]&byteOption), true
	b.rest = b.rest[1:]
	if b.then == byteFar && len(b.rest) > 0 {
		b.then += int(b.rest[0])
		b.rest = b.rest[1:]
	}
}
