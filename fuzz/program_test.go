package fuzz

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
	"github.com/ravelgo/ravel/sched/strategy"
)

// shared is what the tasks of a random program use.
type shared struct {
	mu   [2]sched.Mutex
	rw   sched.RWMutex
	wg   sched.WaitGroup
	c    [2]sched.Chan[int]
	x    [2]race.Var[int]
	list race.Slice[int]
	m    race.Map[int, int]
	g    sched.Guarded[int]
	cond sched.Cond // of mu[0]
	once sched.Once
	n    atomic.Int64
	tm   *sched.Timer
	sem  *sched.Semaphore
	sm   sched.Map
	pool sched.Pool
	grp  sched.Group
	ctx  context.Context
	stop context.CancelFunc
	calm struct{ n, m int } // frozen
}

// maxTasks bounds the tasks of a program.
const maxTasks = 6

// program runs code: each byte is an operation of one task, and a zero starts
// the code of the next one. Tasks are unwound when they misuse something.
func program(code []byte) {
	s := &shared{c: [2]sched.Chan[int]{sched.NewChan[int](0), sched.NewChan[int](1)}, tm: sched.NewTimer(1 << 10),
		sem: sched.NewSemaphore(2)}
	s.ctx, s.stop = sched.WithTimeout(context.Background(), 1<<15)
	s.grp.SetLimit(1)
	s.cond.L = &s.mu[0]
	race.Freeze(&s.calm)
	if len(code)%2 == 0 {
		race.Together(&s.x[0], &s.x[1], &s.m)
	}
	for i, ops := range slices.Collect(tasks(code)) {
		s.wg.Add(1)
		sched.Go(func() {
			defer s.wg.Done()
			for _, op := range ops {
				s.do(op, i)
			}
		})
	}
}

// tasks cuts code at zeros.
func tasks(code []byte) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		start, n := 0, 0
		for i, b := range code {
			if b == 0 {
				if n++; n == maxTasks || !yield(code[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(code[start:])
	}
}

// do is one operation of task i.
func (s *shared) do(op byte, i int) {
	k := int(op>>5) % 2
	actions := []func(){
		s.mu[k].Lock, s.mu[k].Unlock, s.rw.Lock, s.rw.Unlock, s.rw.RLock, s.rw.RUnlock, s.wg.Wait, sched.Yield,
		func() { s.c[k].Send(i) },
		func() { s.c[k].Recv() },
		func() { s.x[k].Update(func(n int) int { return n + 1 }) },
		func() { s.list.Append(i) },
		func() { s.m.Update(k, func(n int) int { return n + 1 }) },
		func() { s.g.Do(func(n *int) { *n++; s.x[k].Load() }) },
		func() { sched.Select(s.c[0].Sending(i), s.c[1].Receiving(nil, nil), s.c[k].Receiving(nil, nil)) },
		func() {
			sched.Sleep(1 << (sched.Rand().IntN(3) * 10))
			if k == 1 && sched.TrySelect(s.c[0].Receiving(nil, nil)) == 0 {
				s.c[k].Close()
			}
		},
		func() { s.mu[0].Lock(); s.cond.Wait(); s.mu[0].Unlock() },
		s.cond.Signal, s.cond.Broadcast,
		func() { s.once.Do(func() { s.x[k].Store(i) }) },
		func() { s.n.CompareAndSwap(s.n.Load(), int64(i)) },
		func() { s.tm.Reset(time.Duration(k << 10)) },
		func() { sched.AfterFunc(time.Duration(k<<10), func() { s.do(op/8, i) }) },
		func() {
			sched.Select(s.tm.C.Receiving(nil, nil), s.c[0].Receiving(nil, nil), sched.Tick(1<<9).Receiving(nil, nil))
		},
		func() { _ = s.sem.Acquire(s.ctx, int64(1+k)) },
		func() { s.sem.Release(int64(1 + k)) },
		func() { s.sm.LoadOrStore(i, k) },
		func() { s.sm.Range(func(key, _ any) bool { s.sm.Delete(key); return k == 0 }) },
		func() { s.pool.Put(i) },
		func() { s.pool.Get() },
		func() { s.grp.TryGo(func() error { return s.ctx.Err() }) },
		func() { _ = s.grp.Wait() },
		s.stop,
		func() { sched.AfterDone(s.ctx, func() { s.do(op/8, i) }) },
		func() { sched.Select(sched.Done(s.ctx).Receiving(nil, nil), s.c[k].Receiving(nil, nil)) },
		func() { race.Atomic(func() { s.do(op/8, i); s.x[0].Load(); s.x[1].Load() }) },
		func() { s.mu[k].Lock(); s.mu[1-k].Lock(); s.mu[k].Unlock(); s.mu[1-k].Unlock() },
		func() {
			if _, ok := s.m.Lookup(k); !ok {
				s.m.Set(k, i)
			}
			s.m.Delete(i)
		},
		func() { s.x[k].Set(i); s.list.Snapshot(); s.m.Len() },
		func() { s.calm.n++ },
	}
	actions[int(op)%len(actions)]()
}

// FuzzProgram runs random programs on random schedules. Whatever they do, a
// run ends in an orderly way; the same seed gives the same run; the log of a
// run and its trace repeat it; and what the tracker says is the same each time.
func FuzzProgram(f *testing.F) {
	f.Add([]byte("\x00\x0a\x0a\x00\x0a"), uint64(1))
	f.Add([]byte("\x20\x30\x31\x21\x00\x30\x20\x21\x31\x00\x08\x19\x0e"), uint64(2))
	f.Add([]byte("\x08\x00\x09\x0e\x1e\x00\x1f\x0f\x18\x00\x06"), uint64(3))
	f.Add([]byte("\x00\x23\x24\x25\x00\x44\x25\x26\x27\x00\x24\x23\x27"), uint64(4))
	f.Fuzz(func(t *testing.T, code []byte, seed uint64) {
		if len(code) <= 32 {
			apart(t, func(v *verdict) { repeats(v, code, seed) })
		}
	})
}

// repeats checks that a run of a program can be repeated by its seed, by its log and by
// its trace.
func repeats(t *verdict, code []byte, seed uint64) {
	run := runner(t, func() { program(code) }, seed)
	pos := strategy.POS(seed)
	pos.Next()
	first := run(pos)
	pos = strategy.POS(seed)
	pos.Next()
	assert.Equal(t, first, run(pos), "the same seed")

	repeat := strategy.Repeat(first.log)
	repeat.Next()
	assert.Equal(t, first, run(repeat), "the log")

	tr, err := sched.ParseTrace((&sched.Trace{Deviations: repeat.Deviations()}).Bytes())
	require.NoError(t, err)
	replay, err := strategy.Replay(tr)
	require.NoError(t, err)
	replay.Next()
	assert.Equal(t, first, run(replay), "the trace")
	assert.Empty(t, replay.Missed())
	assert.Equal(t, first.hash, inWords(t, tr, func() { program(code) }, seed), "the trace in words")
}

// inWords writes a trace so that it survives edits, replays what was written
// and returns the hash of that.
func inWords(t *verdict, tr *sched.Trace, body func(), seed uint64) uint64 {
	tracker := &race.Tracker{Detailed: true}
	cfg := config(seed)
	cfg.Record, cfg.Observer = true, tracker
	sim := sched.NewSim(cfg)
	defer sim.Close()
	hash := uint64(0)
	for range 2 {
		replay, err := strategy.Replay(tr)
		require.NoError(t, err)
		replay.Next()
		r := sim.Run(replay, seed, body)
		require.Nil(t, replay.Drift(r.Record), "%s", tr.Bytes())
		for _, f := range tracker.Findings() {
			e := f.Explain(r.Record)
			assert.NotEmpty(t, e.Summary)
			assert.NotEmpty(t, e.Why)
			assert.NotEmpty(t, e.Fix)
		}
		for _, s := range tracker.Suspicions() {
			if !s.Refuted {
				assert.NotEmpty(t, s.Explain(r.Record).Summary)
			}
		}
		hash = r.Hash
		written := replay.Trace(r.Record)
		tr, err = sched.ParseTrace(written.Bytes())
		require.NoError(t, err)
		require.Equal(t, written, tr)
	}
	return hash
}

// config has more choices for some seeds.
func config(seed uint64) sched.Config {
	return sched.Config{MaxSteps: 2000, AnyTime: seed&1 == 0, AnyWaiter: seed&2 == 0}
}

// outcome is what is compared of a run.
type outcome struct {
	hash     uint64
	log      []int32
	end      string
	findings []race.Finding
	suspects []race.Suspicion
}

// runner returns a function that runs body under a strategy, all in one
// simulation.
func runner(t *verdict, body func(), seed uint64) func(sched.Strategy) outcome {
	tracker := &race.Tracker{}
	cfg := config(seed)
	cfg.Observer = tracker
	sim := sched.NewSim(cfg)
	t.Cleanup(sim.Close)
	return func(st sched.Strategy) outcome {
		r := sim.Run(st, seed, body)
		o := outcome{hash: r.Hash, log: slices.Clone(r.Log), findings: append([]race.Finding(nil), tracker.Findings()...),
			suspects: append([]race.Suspicion(nil), tracker.Suspicions()...)}
		if r.End != nil {
			o.end = r.End.Error()
		}
		return o
	}
}
