package rewrite_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const headline = `package bank

import "sync"

type State struct {
	Counter int
	Results []int
	byName  map[string]*State
}

var total int

func (s *State) run() {
	var wg sync.WaitGroup
	local, captured := 0, 0
	for i := range 10 {
		wg.Go(func() {
			s.Counter++
			s.Results = append(s.Results, s.Counter)
			s.Results[i] = total
			captured += len(s.byName["x"].Results)
			s.byName["y"] = nil
		})
	}
	wg.Wait()
	local++
	other := State{}
	other.Counter = local
	p := &captured
	*p = other.Counter
	delete(s.byName, "x")
}

func (s *State) again() { s.run() }
`

// A table names what may be shared, and not what only a function sees.
func TestNames(t *testing.T) {
	texts, _ := rewritten(t, "go1.22", source{"/src/bank.go", headline})
	_, call, ok := strings.Cut(texts[0].text, `var _ = ravel__access.Names("/src/bank.go", `)
	require.True(t, ok)
	table, err := strconv.QuotedPrefix(call)
	require.NoError(t, err)
	table, err = strconv.Unquote(table)
	require.NoError(t, err)
	assert.Equal(t, `15 w captured - :int
18 r s.Counter State.Counter :int
18 w s.Counter State.Counter :int
19 w s.Results State.Results
19 r s.Results State.Results
19 r s.Counter State.Counter :int
20 w s.Results[i] State.Results[…] :int
20 r s.Results State.Results
20 r total bank.total :int
21 r captured - :int
21 w captured - :int
21 r s.byName["x"].Results State.Results
21 r s.byName["x"] State.byName[…]
21 r s.byName State.byName
22 w s.byName["y"] State.byName[…]
22 r s.byName State.byName
30 w *p - :int
31 w s.byName State.byName
31 r s.byName State.byName
`, table)
}

// Files are named as the running program names them.
func TestFileName(t *testing.T) {
	p, err := load(t, "go1.22", source{"/src/bank.go", headline})
	require.NoError(t, err)
	p.FileName = func(name string) string { return "example.com" + name }
	sources, _, err := p.Rewrite()
	require.NoError(t, err)
	assert.Contains(t, string(sources[0]), `Names("example.com/src/bank.go", `)
	assert.True(t, strings.HasPrefix(string(sources[0]), "//line /src/bank.go:1:1\npackage bank; import "))
}

func TestUnchanged(t *testing.T) {
	p, err := load(t, "go1.22", source{"/src/a.go", "package p\n\nfunc F(x int) int { return x + 1 }\n"}, source{"/src/b.go", "package p\n\nfunc g(ch chan int) { <-ch }"})
	require.NoError(t, err)
	sources, refused, err := p.Rewrite()
	require.NoError(t, err)
	assert.Empty(t, refused)
	assert.Nil(t, sources[0])
	assert.NotNil(t, sources[1])

	p.Sources[1] = p.Sources[1][1:]
	_, _, err = p.Rewrite()
	require.ErrorContains(t, err, "the source of file 1 is not what was parsed")
	p.Sources = p.Sources[:1]
	_, _, err = p.Rewrite()
	require.ErrorContains(t, err, "2 files, 1 sources")
}

// Forms of source text. Places are compared by rewritten.
func TestText(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"byte order mark", "\xef\xbb\xbfpackage p; func f(ch chan int) { <-ch }", "//line /src/f.go:1:1\n/*line :1:4*/package p; import"},
		{"no newline, a comment", "package p\nimport \"time\"\nfunc f() { time.Sleep(1) } // end", "// end\nvar _ time.Duration\n"},
		{"covered", "//line /src/g.go:1:1\npackage p\n\nfunc f(ch chan int) {C[0]++;/*line :9:3*/ <-ch; ch<-1 }\nvar C [2]int\n", "//line /src/g.go:1:1\npackage p; import"},
		{"lines without columns", "package p\n\n//line /src/f.y:7\nfunc f(ch chan int) { select {\n case v := <-ch: _ = v\n case ch <- 1: } }\n//line /src/f.y:80\nfunc g(ch chan int) { for range ch {} }\n", "/*line /src/f.y:8*/ravel__.RecvCase(ch)"},
		{"our own names", "package p\nfunc f(ch chan int) { ravel__ := <-ch; ravel__0 := ravel__; _ = ravel__0 }\n", "ravel___.Recv("},
		{"names like ours", "package p\nfunc f(ch chan int) { ravel___0 := <-ch; select { case ch <- ravel___0: } }\n", "ravel____0 := ravel____.To("},
		{"directives", "//go:build go1.18\n\npackage p\n\nimport _ \"embed\"\n\n//go:embed f.go\nvar s string\n\n//go:noinline\nfunc f(ch chan int) { <-ch }\n\n//go:generate x\n", "\n//go:noinline\nfunc"},
		{"shadowed", "package p\nimport \"sync\"\nfunc f() { type int32 = string; var m sync.Mutex; { sync := m.Lock; sync() }; m.Unlock() }\n", "ravel__.MutexUnlock(&"},
		{"parentheses", "package p\nfunc f(ch chan int) { v, ok := ((<-(ch))); (ch) <- (v); _ = ok; (close)(ch); for (v) = range (ch) {}; select { case (v) = (<-ch): } }\n", "ravel__.Recv2("},
		{"unused import", "package p\nimport r \"math/rand\"\nvar x = r.Int\n", "var _ r.Source"},
		{"dot import", "package p\nimport . \"time\"\nfunc f() { go Sleep(1) }\n", "var _ Duration"},
		{"a value before a write", "package p\nfunc f(m map[int]int, g func() int) {\nm[1] = g() }\n", "{ ravel__0 := /*line :3:8*/g(); ravel__.MapWrite(/*line :3:1*/m)/*line :3:2*/[1] = ravel__0 }"},
		{"a key before a read", "package p\nfunc f(m map[int]int, g func() int) {\n_ = m[g()] }\n", "_ = ravel__.MapOf(/*line :3:5*/m).At(/*line :3:7*/g())"},
		{"a key before a deletion", "package p\nfunc f(m map[int]int, g func() int) {\ndelete(m, g()) }\n", "ravel__.MapOf(/*line :3:8*/m).Delete(/*line :3:11*/g())"},
		{"a read and a write", "package p\nfunc f(m map[int]int) {\nm[1]++ }\n", "ravel__.MapWrite(ravel__.MapRead(/*line :3:1*/m))/*line :3:2*/[1]++"},
		{"a deferred deletion", "package p\nfunc f(m map[int]int) {\ndefer delete(m, 1) }\n", "{ ravel__0 := /*line :3:14*/m; defer func() { /*line :3:7*/delete(ravel__.MapWrite(ravel__0), /*line :3:17*/1) }() }"},
		{"blank import", "package p\nimport _ \"time\"\nfunc f(ch chan int) { <-ch }\n", "Recv"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			texts, refused := rewritten(t, "go1.22", source{"/src/f.go", test.text})
			assert.Empty(t, refused)
			assert.Contains(t, texts[0].text, test.want)
		})
	}
}

const oldest = `package p

import (
	"sync"
	"sync/atomic"
)

type named chan int

type box[T any] struct {
	sync.RWMutex
	sync.Map
	*sync.Cond
	ch chan T
}

type L interface{ sync.Locker; TryLock() bool }

func f[T any, C ~chan T, M ~map[string]T](n named, r <-chan int, s chan<- int, c C, m M, b *box[T], l L) T {
	n <- 1
	<-n
	<-r
	s <- len(r)
	b.Lock()
	go b.Unlock()
	defer l.Unlock()
	lock, load := l.Lock, b.Load
	lock()
	load(1)
	var i atomic.Int32
	i.Store(1)
	add := i.Add
	add(2)
	var v atomic.Value
	v.Store(1)
	var p atomic.Pointer[int]
	p.Store(nil)
	p.CompareAndSwap(nil, new(int))
	for v := range c {
		m["a"] = v
	}
	for k, v := range m {
		m[k] = v
	}
	for k := range m {
		delete(m, k)
	}
	select {
	case c <- m["b"]:
	case v, ok := <-b.ch:
		_, _ = v, ok
	default:
	}
	copy([]T{}, []T{})
	copy([]byte{}, "s")
	go func(x int) {}(1 << len(m))
	return <-c
}
`

// The oldest language version that is rewritten needs nothing that came later.
func TestOldest(t *testing.T) {
	_, refused := rewritten(t, "go1.18", source{"/src/f.go", oldest})
	assert.Empty(t, refused)
}

// What stays as it was is named.
func TestRefusals(t *testing.T) {
	tests := []struct{ name, version, text, want string }{
		{"old language", "go1.17", "func f(ch chan int) { <-ch }", "package example.com/user: its language version, go1.17, has no generics"},
		{"hidden field", "go1.22", "import \"example.com/dep\"\nfunc f(d *dep.D) { d.Lock() }",
			"/src/f.go:4:22: d.Lock: it goes through the field inner of another package"},
		{"hidden type", "go1.22", "type B bool\nfunc f(ch chan int) { var b B; { type B int; _, b = <-ch }; _ = b }",
			"/src/f.go:4:53: <-ch: the type of its second result cannot be written here"},
		{"shadowed type", "go1.22", "import \"sync/atomic\"\nfunc f(a *atomic.Int32) { type int32 string; a.Store(1) }",
			"/src/f.go:4:54: 1: the name int32 means something else here"},
		{"method expression", "go1.22", "import \"sync\"\ntype W struct { *sync.WaitGroup; n int }\nvar x = W.Add",
			"/src/f.go:5:11: W.Add: a method expression of a promoted method or an interface, with results or parameters"},
		{"embedded pointer", "go1.22", "import \"sync\"\ntype T struct { *sync.Mutex; n int }\nvar l sync.Locker = T{}",
			"/src/f.go:4:23: calls of T.Lock through an interface: a method of the type itself would copy its other fields"},
		{"local type", "go1.22", "import \"sync\"\nfunc f() sync.Locker { type T struct { sync.Mutex }; return &T{} }",
			"/src/f.go:4:29: calls of T.Lock through an interface: a type that is declared in a function can have no method"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, refused := rewritten(t, test.version, source{"/src/f.go", "package p\n\n" + test.text + "\n"})
			require.NotEmpty(t, refused)
			assert.Equal(t, test.want, refused[0].String())
		})
	}
}

// A type that needs no method of its own is not named.
func TestHarmless(t *testing.T) {
	_, refused := rewritten(t, "go1.22", source{"/src/f.go", `package p

import "sync"

type pointing struct {
	*sync.Mutex
	n int
}

func f(p pointing) {
	type local struct{ sync.Mutex }
	var l local
	l.Lock()
	p.Lock()
}
`})
	assert.Empty(t, refused)
}

// Each case of a select is on its own line, by which reports name its channel.
func TestCasesOnTheirLines(t *testing.T) {
	texts, _ := rewritten(t, "go1.22", source{"/src/a.go", "package p\n\nfunc f(a, b chan int) {\n\tselect {\n\tcase <-a:\n\tcase <-b:\n\t}\n}\n"})
	assert.Contains(t, texts[0].text, "/*line :5:7*/ravel__.RecvCase(/*line :5:9*/a), /*line :6:7*/ravel__.RecvCase(/*line :6:9*/b)")
}
