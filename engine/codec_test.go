package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/store"
)

// keeps runs a pipeline of one step on a state, with a store, and returns the error.
func keeps[S any](codec engine.Codec, s *S) error {
	p := engine.New[S]("p", engine.Options{Codec: codec})
	p.Step("a", func(context.Context, *S) error { return nil }, engine.NodeOptions{})
	_, err := p.Run(context.Background(), s, engine.RunOptions{ID: "r", Store: store.NewMemory()})
	return err
}

type (
	hidden struct {
		Name  string
		count int
	}
	locked struct {
		mu sync.Mutex
		N  int
	}
	deep struct {
		List []map[string]*hidden
		Call func()
		Done chan int
	}
	fine struct {
		When    time.Time // is encoded as text
		Note    string    `json:"note"`
		Call    func()    `json:"-"`
		secret  int       `json:"-"`
		Pointer *fine
		Raw     json.RawMessage
		_       struct{}
	}
)

// A state that a store would lose fields of is a mistake, which names them all, unless
// they are marked or there is another codec.
func TestCodecFindings(t *testing.T) {
	lost := func(fields string) string {
		return `engine: pipeline "p": a store would lose fields of the state: ` + fields +
			"; set Options.Codec, or the tag json:\"-\" on what may be lost [codec]"
	}
	for want, err := range map[string]error{
		lost("hidden.count is unexported"):                                                keeps(nil, &hidden{count: 1}),
		lost("locked.mu is unexported"):                                                   keeps(nil, &locked{mu: sync.Mutex{}}),
		lost("deep.List[].count is unexported, deep.Call is a func, deep.Done is a chan"): keeps(nil, &deep{}),
	} {
		assert.ErrorIs(t, err, engine.ErrDefinition)
		assert.EqualError(t, err, want)
	}
	assert.NoError(t, keeps(nil, &fine{secret: 1}))
	assert.NoError(t, keeps(plain{}, &hidden{count: 1}))
	p := engine.New[hidden]("p", engine.Options{})
	p.Step("a", func(context.Context, *hidden) error { return nil }, engine.NodeOptions{})
	_, err := p.Run(context.Background(), &hidden{}, engine.RunOptions{})
	assert.NoError(t, err, "without a store")
}

// plain is a codec of bytes that are no JSON.
type plain struct{ fail func(encode bool) error }

func (c plain) Encode(v any) ([]byte, error) {
	if c.fail != nil {
		if err := c.fail(true); err != nil {
			return nil, err
		}
	}
	text, _ := json.Marshal(v)
	return append([]byte("plain "), text...), nil
}

func (c plain) Decode(data []byte, v any) error {
	if c.fail != nil {
		if err := c.fail(false); err != nil {
			return err
		}
	}
	return json.Unmarshal(data[len("plain "):], v)
}

// The codec of a pipeline makes what is kept of the state, of results of items and of
// values that are emitted, and reads it.
func TestCodecIsUsed(t *testing.T) {
	st := store.NewMemory()
	approved := false
	make1 := func() *engine.Pipeline[kept] {
		p := engine.New[kept]("p", engine.Options{Codec: plain{}})
		engine.MapGather(p, "m", engine.Gather[kept, int, int]{Items: numbers[kept](2),
			Do: func(ctx context.Context, _ *kept, item int) (int, error) {
				if item == 1 && !approved {
					return 0, engine.Suspend("tea")
				}
				return 7 + item, engine.Emit(ctx, item)
			},
			Collect: func(_ context.Context, s *kept, _, result int) error { s.Done = append(s.Done, result); return nil },
		}, engine.MapOptions{MaxConcurrency: 1})
		return p
	}
	ctx := context.Background()
	_, err := make1().Run(ctx, &kept{}, engine.RunOptions{ID: "r", Store: st})
	require.ErrorIs(t, err, engine.ErrSuspended)
	saved, err := st.Load(ctx, "r")
	require.NoError(t, err)
	assert.Equal(t, `plain {"Approved":false,"Done":[7]}`, string(saved.Checkpoint.State))
	assert.Equal(t, "engine_test.plain", saved.Checkpoint.Codec)
	require.Len(t, saved.Items, 1)
	assert.Equal(t, "plain 7", string(saved.Items[0].Result))
	rows, err := st.Events(ctx, "r", "TOKEN")
	require.NoError(t, err)
	assert.Equal(t, `{"Value":"cGxhaW4gMA=="}`, string(rows[0].Data), "plain 0, in base 64")

	approved = true
	_, err = make1().Run(ctx, nil, engine.RunOptions{Store: st, Resume: "r"})
	require.NoError(t, err)
	s, err := make1().Load(ctx, st, "r")
	require.NoError(t, err)
	assert.Equal(t, []int{7, 8}, s.Done)
}

// A codec that fails, or panics, fails the run: at the start nothing has happened, and
// later the run ends with ErrStore.
func TestCodecFails(t *testing.T) {
	for name, fail := range map[string]func() error{
		"error": func() error { return errBad }, "panic": func() error { panic("bad") },
	} {
		for at := 1; at <= 2; at++ {
			calls := 0
			codec := plain{fail: func(encode bool) error {
				if calls++; calls == at {
					return fail()
				}
				return nil
			}}
			err := keeps(codec, &kept{})
			require.ErrorIs(t, err, engine.ErrStore, name)
			assert.ErrorContains(t, err, "engine: Codec.Encode of a *engine_test.kept: ", name)
			assert.ErrorContains(t, err, "bad", name)
			var failed *engine.RunError
			assert.Equal(t, at > 1, errors.As(err, &failed), "%s at %d", name, at)
		}
		st := store.NewMemory()
		p := engine.New[kept]("p", engine.Options{Codec: plain{fail: func(encode bool) error {
			if encode {
				return nil
			}
			return fail()
		}}})
		p.Step("a", func(context.Context, *kept) error { return engine.Suspend("tea") }, engine.NodeOptions{})
		_, err := p.Run(context.Background(), &kept{}, engine.RunOptions{ID: "r", Store: st})
		require.ErrorIs(t, err, engine.ErrSuspended)
		_, err = p.Load(context.Background(), st, "r")
		assert.ErrorContains(t, err, "engine: Codec.Decode of a engine_test.kept: ", name)
		rec := &recorder{}
		for range 2 { // the lease is given back
			_, err = p.Run(context.Background(), nil, engine.RunOptions{Store: st, Resume: "r", Observers: []engine.Observer{rec}})
			assert.ErrorContains(t, err, "engine: Codec.Decode of a engine_test.kept: ", name)
		}
		assert.Empty(t, rec.events)
	}
}
