package fuzz

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
)

// longest is how many runes of a value reports show at most.
const longest = 160

// canBeShown checks the text of the values that bytes stand for, and their order.
func canBeShown(t *testing.T, text []byte) {
	a, b := values(text), values(text)
	for i := range a {
		shown := sched.FormatValue(a[i])
		assert.Equal(t, shown, sched.FormatValue(b[i]), "the same value made again")
		assert.LessOrEqual(t, utf8.RuneCountInString(shown), longest)
		assert.True(t, utf8.ValidString(shown), "%q", shown)
		assert.NotContains(t, shown, "\n")
	}
	sched.SortKeys(a)
	slices.Reverse(b)
	sched.SortKeys(b)
	assert.Equal(t, texts(a), texts(b), "the order of keys")
}

func texts(all []any) []string {
	var out []string
	for _, v := range all {
		out = append(out, sched.FormatValue(v))
	}
	return out
}

// values returns up to eight values that bytes stand for.
func values(text []byte) (all []any) {
	m := &maker{text: text}
	for len(m.text) > 0 && len(all) < 8 {
		all = append(all, m.value(0))
	}
	return all
}

// maker makes values of bytes.
type maker struct{ text []byte }

func (m *maker) next() int {
	if len(m.text) == 0 {
		return 0
	}
	b := m.text[0]
	m.text = m.text[1:]
	return int(b)
}

// word takes up to n bytes.
func (m *maker) word(n int) string {
	n = min(n, len(m.text))
	w := string(m.text[:n])
	m.text = m.text[n:]
	return w
}

type (
	ring  struct{ next, prev *ring }
	mixed struct {
		Name   string
		hidden any
		p      *mixed
		f      func()
		list   []any
	}
	named   string
	errText string
	rude    struct{ v any }
	loud    struct{ n int }
)

func (e errText) Error() string { return string(e) }
func (r *rude) Error() string   { return fmt.Sprint(r.v, r.v.(string)) } // panics for most
func (loud) String() string     { panic("no method but Error may be called") }
func (loud) Format(fmt.State, rune) {
	panic("no method but Error may be called")
}

// value makes a value, of others down to a depth.
func (m *maker) value(depth int) any {
	kind := m.next()
	if depth < 6 {
		switch kind % 24 {
		case 0:
			return m.list(depth)
		case 1:
			v := m.value(depth + 1)
			return &v
		case 2:
			inner, _ := m.value(depth + 1).(*mixed)
			return &mixed{Name: m.word(3), hidden: m.value(depth + 1), p: inner, list: m.list(depth)}
		case 3:
			return map[string]any{m.word(2): m.value(depth + 1)}
		case 4:
			return [2]any{m.value(depth + 1), m.value(depth + 1)}
		case 5:
			return mixed{hidden: m.value(depth + 1), f: func() {}}
		case 6:
			return &rude{m.value(depth + 1)}
		case 7:
			return errors.Join(errText(m.word(kind)), errors.New(m.word(4)))
		}
	}
	return m.leaf(kind)
}

func (m *maker) list(depth int) []any {
	all := make([]any, m.next()%12)
	for i := range all {
		all[i] = m.value(depth + 1)
	}
	if len(all) == 11 {
		all[0] = all
	}
	return all
}

func (m *maker) leaf(kind int) any {
	switch kind % 24 {
	case 8:
		return nil
	case 9:
		return m.next() - 128
	case 10:
		return uint8(m.next())
	case 11:
		return math.Float64frombits(uint64(m.next()) << 52)
	case 12:
		return []float32{float32(math.NaN()), float32(math.Inf(-1))}[m.next()%2]
	case 13:
		return complex(float64(m.next()), math.Inf(1))
	case 14:
		return m.word(kind)
	case 15:
		return sched.Text(m.word(kind))
	case 16:
		return named(m.word(kind))
	case 17:
		return errText(m.word(kind))
	case 18:
		r := &ring{}
		r.next, r.prev = r, &ring{next: r}
		return r
	case 19:
		return (*rude)(nil)
	case 20:
		return loud{m.next()}
	case 21:
		return make(chan int, 1)
	case 22:
		return []byte(m.word(kind))
	}
	return kind%48 == 23
}
