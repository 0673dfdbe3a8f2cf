package check

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/ravelgo/ravel/sched"
)

// drawing is what a property draws from in a run.
type drawing interface {
	// cleanups takes the functions that are to be called when the body has returned.
	cleanups() []func()
	// drawn returns the values, if the run is recorded.
	drawn() []draw
	// end adds to the result of the run what the property has said of it.
	end(res *sched.Result)
}

// draw is a value that was drawn.
type draw struct{ name, value string }

// start is what a run starts from, besides the body: what tasks draw from
// sched.Rand follows from the seed, and what a property draws is the input.
type start struct {
	seed  uint64
	input input
}

// input is the words that a property draws from: those listed, or so many that
// follow from two numbers. After a list there are zeros, which draw what is simplest, so
// that an old list serves a property that draws more; unless it is exact.
type input struct {
	list   []uint64
	exact  bool
	seeds  [2]uint64
	random int
}

// Sizes of inputs, in words.
const (
	firstInput = 64      // of a search; a run that draws more is repeated with more
	maxInput   = 1 << 14 // after which it is skipped
	padding    = 64      // zeros after a list
)

// words returns what there is to draw.
func (in input) words() []uint64 {
	if in.exact {
		return in.list
	}
	if in.random == 0 {
		return append(in.list[:len(in.list):len(in.list)], make([]uint64, padding)...)
	}
	all := make([]uint64, in.random)
	source := rand.NewPCG(in.seeds[0], in.seeds[1])
	for i := range all {
		all[i] = source.Uint64()
	}
	return all
}

// listed returns an input with the same words, listed.
func (in input) listed() input {
	if in.exact {
		return in
	}
	return input{list: in.words()}
}

// bytes returns the words as rapid takes them.
func (in input) bytes() []byte {
	words := in.words()
	text := make([]byte, 0, 8*len(words))
	for _, w := range words {
		text = binary.LittleEndian.AppendUint64(text, w)
	}
	return text
}
