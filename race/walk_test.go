package race

import (
	"context"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/strategy"
)

// What is made to be changed is left out, but for the data of our own types.
func TestFingerprintShared(t *testing.T) {
	type state struct {
		mu      sync.Mutex
		lock    sched.Mutex
		n       atomic.Int64
		ready   *sync.Once
		guarded sched.Guarded[[]int]
		ctx     context.Context
		v       Var[int]
		s       Slice[string]
		m       Map[string, int]
		c       sched.Chan[int]
		done    <-chan int
	}
	s := &state{ready: new(sync.Once), c: sched.NewChan[int](2)}
	s.m.Store("a", 1)
	closed := make(chan int)
	close(closed)
	for _, tt := range []struct {
		change func()
		want   []Change
	}{
		{s.mu.Lock, nil},
		{s.lock.Lock, nil},
		{func() { s.n.Add(1) }, nil},
		{func() { s.ready.Do(func() {}) }, nil},
		{func() { s.guarded.Do(func(v *[]int) { *v = append(*v, 1) }) }, nil},
		{func() { s.ctx = context.Background() }, nil},
		{func() { s.v.Store(5) }, []Change{{"s.v", "0", "5"}}},
		{func() { s.s.Append("x") }, []Change{{"s.s", "nil", "not nil"}, {"s.s[0]", "(absent)", `"x"`}}},
		{func() { s.s.Append("y") }, []Change{{"s.s[1]", "(absent)", `"y"`}}},
		{func() { s.m.Store("a", 2) }, []Change{{`s.m["a"]`, "1", "2"}}},
		{func() { s.m.item("zzz") }, nil},
		{func() { s.c.Send(1) }, []Change{{"s.c", "0 of 2 buffered", "1 of 2 buffered"}}},
		{func() { s.c = sched.Chan[int]{} }, []Change{{"s.c", "1 of 2 buffered", "nil"}}},
		{func() { s.done = closed }, []Change{{"s.done", "nil", "0 of 0 buffered"}}},
	} {
		got, noticed := difference("s", reflect.ValueOf(s).Elem(), tt.change)
		assert.Equal(t, tt.want, got)
		assert.Equal(t, tt.want != nil, noticed)
	}
	for _, c := range []reflect.Type{reflect.TypeFor[Var[int]](), reflect.TypeFor[Slice[int]](), reflect.TypeFor[Map[int, int]]()} {
		assert.Equal(t, "v", c.Field(valueField).Name, c)
	}
}

// In a simulation it is seen that a channel was closed, and not that a ticker
// ticks.
func TestFingerprintChan(t *testing.T) {
	sim := sched.NewSim(sched.Config{})
	defer sim.Close()
	r := sim.Run(strategy.RoundRobin(), 1, func() {
		s := struct{ C, T any }{sched.NewChan[int](1), sched.NewTicker(time.Second).C}
		v := reflect.ValueOf(&s).Elem()
		got, noticed := difference("s", v, func() { sched.Sleep(2 * time.Second) })
		assert.Empty(t, got)
		assert.False(t, noticed)
		got, noticed = difference("s", v, s.C.(sched.Chan[int]).Close)
		assert.Equal(t, []Change{{"s.C.(sched.Chan[int])", "0 of 1 buffered", "0 of 1 buffered, closed"}}, got)
		assert.True(t, noticed)
	})
	assert.NoError(t, r.End)
}

// Values of the standard library are told by what they mean.
func TestFingerprintConstants(t *testing.T) {
	type state struct {
		T    time.Time
		a, b netip.Addr
		re   *regexp.Regexp
		typ  reflect.Type
		n    *big.Int
		err  error
		loc  time.Location
	}
	now := time.Now()
	s := &state{T: now, a: netip.MustParseAddr("::1"), b: netip.MustParseAddr("::2"), n: big.NewInt(5)}
	re := regexp.MustCompile("a+")
	for _, tt := range []struct {
		change func()
		want   []string
	}{
		{func() { s.T = s.T.Round(0) }, nil},
		{func() { s.T = s.T.Add(1) }, []string{"s.T"}},
		{func() { s.T = s.T.UTC() }, []string{"s.T"}},
		{func() { s.a = netip.MustParseAddr("1.2.3.4") }, []string{"s.a"}},
		{func() { s.a = netip.Addr{} }, []string{"s.a"}},
		{func() { s.re = re }, []string{"s.re"}},
		{func() { re.MatchString("baab") }, nil},
		{func() { s.typ = reflect.TypeFor[int]() }, []string{"s.typ", "s.typ.(*reflect.rtype)"}},
		{func() { s.typ = reflect.TypeFor[state]() }, []string{"s.typ.(*reflect.rtype)"}},
		{func() { s.n.Add(s.n, s.n) }, []string{"s.n.abs[0]"}},
		{func() { s.loc = *time.FixedZone("A", 60) }, []string{"s.loc"}},
		{func() { s.err = context.Canceled }, []string{"s.err", "s.err.(*errors.errorString)", "s.err.(*errors.errorString).s"}},
	} {
		got, noticed := difference("s", reflect.ValueOf(s).Elem(), tt.change)
		assert.Equal(t, tt.want, pathsOf(got))
		assert.Equal(t, tt.want != nil, noticed, "%v", tt.want)
	}
}

// ring is a value with cycles through pointers, slices, maps and interfaces.
type ring struct {
	Name       string
	next, prev *ring
	all        []*ring
	byName     map[string]*ring
	set        map[*ring]bool
	any        any
}

func newRing(names ...string) *ring {
	all, byName, set := make([]*ring, len(names)), map[string]*ring{}, map[*ring]bool{}
	for i, name := range names {
		all[i] = &ring{Name: name, all: all, byName: byName, set: set}
	}
	for i, r := range all {
		r.next = all[(i+1)%len(all)]
		r.next.prev = r
		r.any = []any{r, r.next}
	}
	for _, i := range slices.Backward(all) { // another order, another capacity
		byName[i.Name], set[i] = i, true
	}
	return all[0]
}

// Values with cycles end, are equal to copies, and a change is found by the
// shortest path.
func TestFingerprintCycles(t *testing.T) {
	names := strings.Split("abcdefghijklmnopqrst", "")
	r := newRing(names...)
	v := reflect.ValueOf(r)
	want, list := fingerprint(v), leaves("r", v)
	for range 20 {
		assert.Equal(t, want, fingerprint(reflect.ValueOf(newRing(names...))))
		assert.Equal(t, list, leaves("r", reflect.ValueOf(newRing(names...))))
	}
	got, noticed := difference("r", v, func() { r.next.next.Name = "new" })
	assert.True(t, noticed)
	assert.Equal(t, []Change{{"r.next.next.Name", `"c"`, `"new"`}}, got)
	got, noticed = difference("r", v, func() { r.all[9].prev = r })
	assert.True(t, noticed)
	assert.Equal(t, []Change{{"r.all[9].prev", "same as r.all[8]", "same as r"}}, got)

	type list1 []list1
	s := list1{nil, {}}
	s[0] = s
	assert.Equal(t, []leaf{{"s", "not nil"}, {"s[0]", "same as s"}, {"s[1]", "not nil"}}, leaves("s", reflect.ValueOf(s)))
	type dict map[string]dict
	m := dict{}
	m["m"] = m
	assert.Equal(t, []leaf{{"m", "not nil"}, {`m["m"]`, "same as m"}}, leaves("m", reflect.ValueOf(m)))
	type pointer *pointer
	var p pointer
	p = &p
	assert.Equal(t, []leaf{{"p", "not nil"}, {"*p", "same as p"}}, leaves("p", reflect.ValueOf(p)))
}

// A long list takes no deep stack.
func TestFingerprintLongList(t *testing.T) {
	type cell struct {
		n    int
		next *cell
	}
	first := &cell{}
	last := first
	for range 100_000 {
		last.next = &cell{}
		last = last.next
	}
	got, noticed := difference("s", reflect.ValueOf(first), func() { last.n++ })
	assert.True(t, noticed)
	assert.Empty(t, got, "beyond what is listed")
}

// Keys that are not equal to themselves, that have equal texts, and that are
// pointers.
func TestFingerprintKeys(t *testing.T) {
	nan := math.NaN()
	other := math.Float64frombits(math.Float64bits(nan) ^ 1)
	long := strings.Repeat("x", 1000)
	one, two, uno := 1, 2, 1
	for name, build := range map[string]func(order []int) any{
		"NaN": func(order []int) any {
			m := map[float64]*int{}
			for _, i := range order {
				m[[]float64{nan, other, nan, 1}[i]] = []*int{&one, &two, &one, &uno}[i]
			}
			return m
		},
		"long": func(order []int) any {
			m := map[any]int{}
			for _, i := range order {
				m[[]any{long + "a", long + "b", 1, [2]string{long, "c"}}[i]] = i
			}
			return m
		},
		"pointers": func(order []int) any {
			m := map[*int]*int{}
			for _, i := range order {
				m[[]*int{&one, &two, &uno, nil}[i]] = []*int{&two, &one, &one, &uno}[i]
			}
			return m
		},
	} {
		want := reflect.ValueOf(build([]int{0, 1, 2, 3}))
		for range 20 {
			got := reflect.ValueOf(build([]int{3, 1, 2, 0}))
			assert.Equal(t, fingerprint(want), fingerprint(got), name)
			assert.Equal(t, leaves("m", want), leaves("m", got), name)
		}
	}
	type chain struct {
		next *struct{ next *struct{ next *int } }
	}
	deep := map[*chain]int{}
	for _, n := range []*int{&one, &two} {
		deep[&chain{&struct{ next *struct{ next *int } }{&struct{ next *int }{n}}}] = 0
	}
	want, list := fingerprint(reflect.ValueOf(deep)), leaves("m", reflect.ValueOf(deep))
	for range 20 {
		assert.Equal(t, want, fingerprint(reflect.ValueOf(deep)), "although the map has another order each time")
		assert.Equal(t, list, leaves("m", reflect.ValueOf(deep)))
	}
	m := map[string]int{long + "a": 1, long + "b": 2}
	found, _ := difference("m", reflect.ValueOf(m), func() { m[long+"b"] = 3 })
	require.Len(t, found, 1)
	assert.Equal(t, "2", found[0].Old)
	key := map[*int]int{&one: 1}
	_, noticed := difference("m", reflect.ValueOf(key), func() { one = 5 })
	assert.True(t, noticed)
}

// What differs has other sums: nil and empty, the types in interfaces, where a
// string ends, which pointers are the same.
func TestFingerprintDiffers(t *testing.T) {
	one, uno := 1, 1
	type celsius int
	values := []any{nil, 0, int8(0), "", celsius(0), false, []int(nil), []int{}, []int{0}, []int{0, 0}, [2]int{},
		map[int]int(nil), map[int]int{}, map[int]int{0: 0}, (*int)(nil), new(int), new(any),
		[]string{"a", "bc"}, []string{"ab", "c"}, []string{"abc", ""}, []byte("a"), []any{1, "a"}, []any{"a", 1},
		[]*int{&one, &one}, []*int{&one, &uno}, []*int{&one, nil}, struct{ A, B int }{1, 0}, struct{ A, B int }{0, 1},
		0.0, math.Copysign(0, -1), math.NaN(), float32(0), complex(0, 1), complex(0, 2), complex(1, 0), (func())(nil), func() {},
		(chan int)(nil), make(chan int), make(chan int, 1), []struct{}{{}}, []struct{}{{}, {}},
		map[string]struct{}{"a": {}}, map[string]struct{}{"b": {}}, map[string]struct{}{"a": {}, "b": {}},
		make([]byte, 8), make([]byte, 9), [][]int{{1}, {}}, [][]int{{}, {1}}, [][]int{{1}, nil}}
	for i := range values {
		for j := range i {
			a, b := reflect.ValueOf(&values[i]).Elem(), reflect.ValueOf(&values[j]).Elem()
			assert.NotEqual(t, fingerprint(a), fingerprint(b), "%T and %T: %v, %v", values[i], values[j], values[i], values[j])
			assert.NotEmpty(t, changes(leaves("s", a), leaves("s", b)), "%T and %T: %v, %v", values[i], values[j], values[i], values[j])
		}
	}
	assert.Zero(t, fingerprint(reflect.Value{})-fingerprint(reflect.ValueOf(nil)))
	none := [2]struct {
		_ int
		A [0]int
	}{}
	assert.Equal(t, fingerprint(reflect.ValueOf([]*[0]int{&none[0].A, &none[0].A})),
		fingerprint(reflect.ValueOf([]*[0]int{&none[0].A, &none[1].A})), "what has no size may have any address")
	long := strings.Repeat("x", 1000)
	found := changes(leaves("s", reflect.ValueOf(long+"a")), leaves("s", reflect.ValueOf(long+"b")))
	assert.Equal(t, []string{"s"}, pathsOf(found))
	payload := math.Float64frombits(math.Float64bits(math.NaN()) ^ 1)
	assert.Equal(t, fingerprint(reflect.ValueOf(math.NaN())), fingerprint(reflect.ValueOf(payload)))
}

// The sum is the same in every process and on every machine.
func TestFingerprintStable(t *testing.T) {
	n := 0
	assert.Equal(t, uint64(0x29dda580db981104), fingerprint(reflect.ValueOf(newState(&n)).Elem()))
}

type plainState struct {
	ID       int
	Name     string
	Limits   [4]float64
	Tags     []string
	Counts   []int
	Deadline time.Time
	nested   struct {
		on   bool
		rate float32
		buf  []byte
	}
}

func newPlain() *plainState {
	s := &plainState{ID: 1, Name: "a pipeline", Tags: []string{"a", "b", "c"}, Counts: []int{1, 2, 3, 4}, Deadline: time.Now()}
	s.nested.buf = make([]byte, 64)
	return s
}

var sum uint64

// What a comparison costs.
func BenchmarkFingerprint(b *testing.B) {
	n := 0
	nested := make([]plainState, 4)
	for i := range nested {
		nested[i] = *newPlain()
	}
	items := map[string]*plainState{}
	for _, k := range strings.Split("abcdefgh", "") {
		items[k] = newPlain()
	}
	for _, bb := range []struct {
		name  string
		value any
	}{
		{"basic", &struct{ A, B, C, D int }{}}, {"plain", newPlain()}, {"nested", &nested}, {"pointers", newRing("a")},
		{"O8", newState(&n)}, {"map", &items},
	} {
		b.Run(bb.name, func(b *testing.B) {
			v := reflect.ValueOf(bb.value).Elem()
			b.ReportAllocs()
			for b.Loop() {
				sum = fingerprint(v)
			}
		})
	}
}

// Of values of the usual kind it allocates nothing.
func TestFingerprintAllocates(t *testing.T) {
	nested := []plainState{*newPlain(), *newPlain()}
	v := reflect.ValueOf(&struct {
		A *plainState
		B []plainState
		C *time.Location
	}{newPlain(), nested, nil}).Elem()
	assert.Zero(t, testing.AllocsPerRun(100, func() { sum = fingerprint(v) }))
}
