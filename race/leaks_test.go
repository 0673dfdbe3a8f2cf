package race_test

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"reflect"
	"regexp"
	"sync"
	"testing"
	"time"
	"unique"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
)

// State is the struct of the oracle O8.
type State struct {
	UserID int
	Config map[string]int
	Items  []int
	P      *int
	C      chan int
	F      func()
}

type (
	empty   struct{}
	tags    struct{ Tags []string }
	nodes   map[string]*node
	node    struct{ Children nodes }
	chain   []chain
	address *address

	box[T any] struct{ Value T }

	nested struct {
		tags
		List   []tags
		Array  [2]tags
		ByName map[string]tags
		Ptr    *tags
		Pptr   **tags
		Slices *[]tags
		Arrays *[3]*int
		Keys   map[*tags][2]chan int
	}
	constants struct {
		T      time.Time
		Loc    *time.Location
		Addr   netip.Addr
		Prefix netip.Prefix
		Typ    reflect.Type
		Re     *regexp.Regexp
		Handle unique.Handle[[1]string]
		D      time.Duration
		U      uintptr
		None   [0]func()
		_      func()
	}
	shareable struct {
		Mu     sync.Mutex
		Pmu    *sync.RWMutex
		Locks  []sync.Mutex
		Locker sync.Locker
		Once   *sync.Once
		N      atomic.Int64
		Ptr    atomic.Pointer[[]int]
		Wg     *sched.WaitGroup
		Data   sched.Guarded[[]int]
		Ctx    context.Context
		Cancel context.CancelFunc
	}
	ours struct {
		V    race.Var[int]
		Tags race.Var[[]string]
		List race.Slice[*int]
		M    race.Map[string, []int]
		P    *race.Var[int]
		C    sched.Chan[[]int]
	}
	others struct {
		A      any
		Unsafe unsafe.Pointer
		In     <-chan int
		At     *time.Time
		Mus    []*sync.Mutex
		Buf    bytes.Buffer
	}
)

func TestLeaks(t *testing.T) {
	const (
		slice   = ": slice, elements are shared"
		dict    = ": map, entries are shared"
		pointer = ": pointer, what it points to is shared"
		channel = ": chan, its buffer is shared"
		iface   = ": interface, what it holds may be shared"
	)
	for name, tt := range map[string]struct {
		typ  reflect.Type
		want []string
	}{
		"O8": {reflect.TypeFor[State](), []string{
			"State.Config" + dict, "State.Items" + slice, "State.P" + pointer, "State.C" + channel,
			"State.F: func, variables it captured are shared"}},
		"nested": {reflect.TypeFor[nested](), []string{
			"nested.tags.Tags" + slice,
			"nested.List" + slice, "nested.List[].Tags" + slice,
			"nested.Array[].Tags" + slice,
			"nested.ByName" + dict, "nested.ByName[key].Tags" + slice,
			"nested.Ptr" + pointer, "nested.Ptr.Tags" + slice,
			"nested.Pptr" + pointer, "*nested.Pptr" + pointer, "(*nested.Pptr).Tags" + slice,
			"nested.Slices" + pointer, "*nested.Slices" + slice, "(*nested.Slices)[].Tags" + slice,
			"nested.Arrays" + pointer, "nested.Arrays[]" + pointer,
			"nested.Keys" + dict, "key(nested.Keys)" + pointer, "key(nested.Keys).Tags" + slice, "nested.Keys[key][]" + channel}},
		"constants": {reflect.TypeFor[constants](), nil},
		"shareable": {reflect.TypeFor[shareable](), nil},
		"ours": {reflect.TypeFor[ours](), []string{
			"ours.Tags" + slice, "ours.List" + slice, "ours.List[]" + pointer,
			"ours.M" + dict, "ours.M[key]" + slice, "ours.P" + pointer, "ours.C" + channel}},
		"others": {reflect.TypeFor[others](), []string{
			"others.A" + iface, "others.Unsafe: pointer, unsafe, what it points to is shared", "others.In" + channel,
			"others.At" + pointer, "others.Mus" + slice, "others.Buf.buf" + slice}},
		"recursive":   {reflect.TypeFor[node](), []string{"node.Children" + dict, "node.Children[key]" + pointer}},
		"itself":      {reflect.TypeFor[chain](), []string{"chain" + slice, "chain[]" + slice}},
		"to itself":   {reflect.TypeFor[address](), []string{"address" + pointer, "*address" + pointer}},
		"pointer":     {reflect.TypeFor[*tags](), []string{"tags" + pointer, "tags.Tags" + slice}},
		"generic":     {reflect.TypeFor[box[box[State]]](), []string{"box[box[State]].Value.Value.Config" + dict}},
		"no name":     {reflect.TypeFor[[]*[]int](), []string{"state" + slice, "state[]" + pointer, "*state[]" + slice}},
		"basic":       {reflect.TypeFor[string](), nil},
		"empty":       {reflect.TypeFor[empty](), nil},
		"nothing":     {nil, nil},
		"local":       {localType(), []string{"box[local].Value" + slice}},
		"dot in args": {reflect.TypeFor[box[[]struct{ A int }]](), []string{"box[[]struct { A int }].Value" + slice}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, l := range race.Leaks(tt.typ) {
				got = append(got, l.String())
			}
			if name == "generic" {
				require.Len(t, got, 5)
				got = got[:1]
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func ExampleLeaks() {
	type Config struct {
		Name string
		Tags []string
	}
	type State struct {
		UserID int
		Config Config
		Limits [3]float64
		Cache  *sched.Guarded[map[string]int]
	}
	for _, l := range race.Leaks(reflect.TypeFor[State]()) {
		fmt.Println(l)
	}
	// Output:
	// State.Config.Tags: slice, elements are shared
}

func localType() reflect.Type {
	type local []int
	return reflect.TypeFor[box[local]]()
}

// twice has two paths to a T.
type twice[T any] struct{ A, B *T }

// Types can have paths without number.
func TestLeaksLimit(t *testing.T) {
	type four[T any] = twice[twice[twice[twice[T]]]]
	assert.Equal(t, 2+4+8+16, len(race.Leaks(reflect.TypeFor[four[int]]())))
	assert.Equal(t, 1000, len(race.Leaks(reflect.TypeFor[four[four[four[four[four[four[int]]]]]]]())))
}
