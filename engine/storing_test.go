package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/store"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// A checkpoint is in the store before anything that follows it starts, and before
// anybody is told of it.
func TestCheckpointComesFirst(t *testing.T) {
	result := check.Config{Runs: 200, Strategy: strategy.POS(1)}.Search(t.Name(), func(t *check.T) {
		st := store.NewMemory()
		saved := func() store.Checkpoint {
			saved, err := st.Load(context.Background(), "r")
			require.NoError(t, err)
			return saved.Checkpoint
		}
		p := engine.New[kept]("p", engine.Options{})
		var last *engine.Node[kept]
		for i := range 3 {
			n := p.Step(string(rune('a'+i)), func(_ context.Context, s *kept) error {
				c := saved()
				var before kept
				require.NoError(t, json.Unmarshal(c.State, &before))
				assert.Equal(t, i, c.Number)
				assert.Len(t, before.Done, i)
				sched.Yield()
				s.Done = append(s.Done, i)
				return nil
			}, engine.NodeOptions{})
			if last != nil {
				last.To(n)
			}
			last = n
		}
		told := 0
		observer := observerFunc(func(e event.Event) {
			if d, ok := e.Data.(event.Checkpointed); ok {
				told++
				c := saved()
				assert.GreaterOrEqual(t, c.Number, d.Number)
				if c.Number == d.Number {
					assert.Equal(t, len(c.State)+len(c.Ledger), d.Bytes)
					assert.Equal(t, d.Cut, c.Cut)
					assert.Equal(t, "natural", d.Cut)
				}
				assert.Equal(t, told, d.Number)
			}
		})
		result, err := p.Run(t.Context(), &kept{}, engine.RunOptions{ID: "r", Store: st, Observers: []engine.Observer{observer}})
		require.NoError(t, err)
		assert.Equal(t, 3, told)
		assert.Equal(t, 3, result.Metrics.Checkpoints)
	})
	assert.Empty(t, result.Findings)
}

// The store has an event before the observers are told of it, each of these in their
// order, and the consumer comes last.
func TestDeliveryOrder(t *testing.T) {
	result := check.Config{Runs: 200, Strategy: strategy.POS(1)}.Search(t.Name(), func(t *check.T) {
		st := store.NewMemory()
		var first, second uint64
		p := engine.New[kept]("p", engine.Options{})
		engine.Map(p, "m", engine.Each[kept, int]{Items: numbers[kept](3), Do: func(ctx context.Context, _ *kept, item int) error {
			sched.Yield()
			return engine.Emit(ctx, item)
		}}, engine.MapOptions{})
		run, err := p.Stream(t.Context(), &kept{}, engine.RunOptions{ID: "r", Store: st, Observers: []engine.Observer{
			observerFunc(func(e event.Event) {
				rows, err := st.Events(context.Background(), "r")
				require.NoError(t, err)
				assert.GreaterOrEqual(t, uint64(len(rows)), e.Seq)
				assert.Equal(t, first, second)
				first = e.Seq
			}),
			observerFunc(func(e event.Event) { second = e.Seq; assert.Equal(t, first, second) }),
		}})
		require.NoError(t, err)
		for e := range run.Events() {
			assert.GreaterOrEqual(t, second, e.Seq)
		}
		_, err = run.Wait()
		assert.NoError(t, err)
	})
	assert.Empty(t, result.Findings)
}

// A store that refuses a batch fails the run: what runs is cancelled and nothing starts;
// the hooks are called, and the row stays that of a run.
func TestStoreFails(t *testing.T) {
	has := func(typ event.Type, node string) func(store.Batch) bool {
		return func(b store.Batch) bool {
			for _, e := range b.Events {
				if e.Type == string(typ) && e.Node == node {
					return true
				}
			}
			return false
		}
	}
	for name, refuse := range map[string]func(b store.Batch) bool{
		"an event":     has(event.StepEnd, "a"),
		"a checkpoint": func(b store.Batch) bool { return b.Checkpoint != nil },
	} {
		t.Run(name, func(t *testing.T) {
			inSim(t, func() {
				st := &picky{Memory: store.NewMemory()}
				finished := 0
				p := engine.New[kept]("p", engine.Options{MultiRoot: true})
				p.OnFinish(func(context.Context, *kept, engine.Result) error { finished++; return nil })
				if name == "an event" { // while another step runs there is no checkpoint
					p.Step("w", func(ctx context.Context, _ *kept) error {
						err := wait(ctx, nil)
						assert.ErrorIs(t, context.Cause(ctx), engine.ErrStore)
						return err
					}, engine.NodeOptions{})
				}
				p.Step("a", func(context.Context, *kept) error { sched.Sleep(time.Second); st.refuse = refuse; return nil }, engine.NodeOptions{}).
					To(p.Step("b", func(ctx context.Context, _ *kept) error { return wait(ctx, nil) }, engine.NodeOptions{}).
						To(p.Step("c", func(context.Context, *kept) error { panic("called") }, engine.NodeOptions{})))
				result, err := p.Run(context.Background(), &kept{}, engine.RunOptions{ID: "r", Store: st})
				require.ErrorIs(t, err, engine.ErrStore)
				require.ErrorIs(t, err, errDead)
				assert.Equal(t, engine.Failed, result.Status)
				f := result.Failure()
				assert.Equal(t, []any{engine.KindEngine, "store", engine.Engine}, []any{f.Kind, f.Reason, f.Source})
				assert.Equal(t, engine.CutOff, result.Nodes[len(result.Nodes)-1].Left)
				assert.Equal(t, 1, finished)
				saved, err := st.Load(context.Background(), "r")
				require.NoError(t, err)
				assert.Equal(t, store.Running, saved.Run.Status)
				assert.Zero(t, saved.Checkpoint.Number)
			})
		})
	}
}

// A step that was left behind may still write the state, so there is no checkpoint after
// it; the run can be resumed from the one before.
func TestNoCheckpointAfterTheGrace(t *testing.T) {
	inSim(t, func() {
		st := store.NewMemory()
		p := engine.New[kept]("p", engine.Options{})
		slow := time.Hour
		p.Step("a", func(context.Context, *kept) error { return nil }, engine.NodeOptions{}).
			To(p.Step("b", func(context.Context, *kept) error { sched.Sleep(slow); return nil }, engine.NodeOptions{}))
		rec, again := &recorder{}, &recorder{}
		_, err := p.Run(context.Background(), &kept{}, engine.RunOptions{ID: "r", Store: st, Timeout: time.Second, Grace: time.Second, Observers: []engine.Observer{rec}})
		require.ErrorIs(t, err, engine.ErrAbandoned)
		assert.Equal(t, "START S(a) E(a) K S(b) TIMEOUT C(b) FINISH=timeout", trace(rec.events))
		sched.Sleep(2 * time.Hour)
		slow = 0
		_, err = p.Run(context.Background(), nil, engine.RunOptions{Store: st, Resume: "r", Observers: []engine.Observer{again}})
		require.NoError(t, err)
		assert.NotContains(t, trace(again.events), "S(a)")
	})
}

// Whatever a run has come to, it has failed if its last row cannot be written.
func TestLastWriteFails(t *testing.T) {
	for _, end := range []error{nil, engine.Stop, engine.Suspend("tea"), errBad} {
		st := &picky{Memory: store.NewMemory(), refuse: func(b store.Batch) bool { return b.Release }}
		p := engine.New[kept]("p", engine.Options{})
		p.Step("a", func(context.Context, *kept) error { return end }, engine.NodeOptions{})
		rec := &recorder{}
		result, err := p.Run(context.Background(), &kept{}, engine.RunOptions{ID: "r", Store: st, Observers: []engine.Observer{rec}})
		assert.ErrorIs(t, err, engine.ErrStore, "%v", end)
		assert.Equal(t, engine.Failed, result.Status, "%v", end)
		assert.Equal(t, "failed", rec.events[len(rec.events)-1].Data.(event.Finished).Status, "%v", end)
	}
}

// claimless is a store that gives no lease.
type claimless struct{ *store.Memory }

func (claimless) Claim(context.Context, store.Claim) (store.Lease, error) {
	return store.Lease{}, errDead
}

// A run that gets no lease does not begin.
func TestClaimFails(t *testing.T) {
	rec := &recorder{}
	p := engine.New[kept]("p", engine.Options{})
	p.OnStart(func(context.Context, *kept) error { panic("called") })
	p.OnFinish(func(context.Context, *kept, engine.Result) error { panic("called") })
	p.Step("a", func(context.Context, *kept) error { panic("called") }, engine.NodeOptions{})
	opts := engine.RunOptions{Store: claimless{store.NewMemory()}, Observers: []engine.Observer{rec}}
	_, err := p.Run(context.Background(), &kept{}, opts)
	assert.ErrorIs(t, err, engine.ErrStore)
	assert.ErrorIs(t, err, errDead)
	run, err := p.Stream(context.Background(), &kept{}, opts)
	assert.ErrorIs(t, err, errDead)
	assert.Nil(t, run)
	assert.Empty(t, rec.events)
}

// The row of a run is there before its first event, with the plan and the state at the
// start, and says at the end how it ended; inner runs have rows that lead to it.
func TestRows(t *testing.T) {
	inSim(t, func() {
		st := store.NewMemory()
		ctx := context.Background()
		inner := engine.New[state]("inner", engine.Options{})
		inner.Step("c", func(context.Context, *state) error { return nil }, engine.NodeOptions{})
		p := engine.New[kept]("p", engine.Options{})
		sub := engine.Sub(p, "s", engine.Bind[kept, state]{Inner: inner,
			In: func(context.Context, *kept) (*state, error) { return &state{}, nil }}, engine.NodeOptions{})
		sub.To(p.Step("f", func(context.Context, *kept) error { sched.Sleep(time.Second); return errBad }, engine.NodeOptions{}))
		p.OnStart(func(context.Context, *kept) error {
			saved, err := st.Load(ctx, "r")
			require.NoError(t, err)
			assert.Equal(t, store.Running, saved.Run.Status)
			assert.Equal(t, []any{0, "start", `{"Approved":true,"Done":null}`, "json"},
				[]any{saved.Checkpoint.Number, saved.Checkpoint.Cut, string(saved.Checkpoint.State), saved.Checkpoint.Codec})
			plan, err := st.Plan(ctx, p.Describe().Hash)
			require.NoError(t, err)
			want, err := json.Marshal(p.Describe())
			require.NoError(t, err)
			assert.Equal(t, string(want), string(plan))
			return nil
		})
		result, err := p.Run(ctx, &kept{Approved: true}, engine.RunOptions{ID: "r", Store: st, Labels: []slog.Attr{slog.Int("n", 7), slog.Group("g", slog.String("k", "v"))}})
		require.ErrorIs(t, err, errBad)
		runs, err := st.Runs(ctx, store.Query{Root: "r"})
		require.NoError(t, err)
		require.Len(t, runs, 2)
		row, in := runs[0], runs[1]
		if row.ID != "r" {
			row, in = in, row
		}
		assert.Equal(t, []any{"r", "r", "", "p", p.Describe().Hash, store.Failed, time.Second, "step f: bad", "bad", "step", "user", "f", `{"n":7,"g":{"k":"v"}}`},
			[]any{row.ID, row.RootID, row.ParentID, row.Pipeline, row.PlanHash, row.Status, row.Duration, row.Reason, row.Error, row.ErrorKind, row.ErrorSource, row.ErrorPath, string(row.Labels)})
		assert.Equal(t, row.Started.Add(time.Second), row.Ended)
		assert.NotZero(t, row.Seed)
		var metrics event.Metrics
		require.NoError(t, json.Unmarshal(row.Metrics, &metrics))
		assert.Equal(t, result.Metrics.Nodes, metrics.Nodes)
		assert.Equal(t, []any{"r", "r", 1, "inner", store.Success}, []any{in.RootID, in.ParentID, in.ParentInvocation, in.Pipeline, in.Status})
	})
}

// Rows of events have their data as JSON, cut short where it is long, and a value that
// was emitted is as it was when Emit returned; one that cannot be kept is not emitted.
func TestEventRows(t *testing.T) {
	st := store.NewMemory()
	p := engine.New[kept]("p", engine.Options{})
	p.Step("a", func(ctx context.Context, _ *kept) error {
		v := []int{1}
		err := engine.Emit(ctx, v)
		v[0] = 2
		assert.ErrorContains(t, engine.Emit(ctx, func() {}), "Codec.Encode of a func()")
		engine.Note(ctx, slog.Int("n", 7), slog.Any("err", errBad))
		return errors.Join(err, engine.Emit(ctx, strings.Repeat("x", 64<<10)))
	}, engine.NodeOptions{})
	result, err := p.Run(context.Background(), &kept{}, engine.RunOptions{ID: "r", Store: st})
	require.NoError(t, err)
	assert.Equal(t, 2, result.Metrics.Tokens)
	rows, err := st.Events(context.Background(), "r", string(event.Token))
	require.NoError(t, err)
	require.Len(t, rows, 2)
	assert.Equal(t, `{"Value":[1]}`, string(rows[0].Data))
	var long struct {
		Truncated int
		Begin     string
	}
	require.NoError(t, json.Unmarshal(rows[1].Data, &long))
	assert.Equal(t, 64<<10+len(`{"Value":""}`), long.Truncated)
	assert.True(t, strings.HasPrefix(long.Begin, `{"Value":"xxx`))
	assert.Less(t, len(rows[1].Data), 64<<10)
	ends, err := st.Events(context.Background(), "r", string(event.StepEnd))
	require.NoError(t, err)
	require.Len(t, ends, 1)
	assert.Equal(t, `{"n":7,"err":"bad"}`, string(ends[0].Notes))
}
