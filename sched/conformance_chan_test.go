package sched_test

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
)

func chanFIFO(t testing.TB) {
	c := sched.NewChan[int](2)
	sched.Go(func() {
		for i := range 5 {
			c.Send(i)
		}
	})
	for i := range 5 {
		v, ok := c.Recv()
		assert.Equal(t, i, v)
		assert.True(t, ok)
	}
}

func chanUnbuffered(t testing.TB) {
	c := sched.NewChan[string](0)
	n := 0
	sched.Go(func() {
		n = 1 // ordered by the receive before the send completes
		c.Recv()
	})
	c.Send("x")
	assert.Equal(t, 1, n)
}

func chanClosed(t testing.TB) {
	c := sched.NewChan[int](2)
	c.Send(7)
	c.Close()
	v, ok := c.Recv()
	assert.Equal(t, 7, v)
	assert.True(t, ok)
	for range 2 {
		v, ok = c.Recv()
		assert.Zero(t, v)
		assert.False(t, ok)
	}
	d := sched.NewChan[int](0)
	sched.Go(d.Close)
	_, ok = d.Recv()
	assert.False(t, ok)
}

func chanMisuse(t testing.TB) {
	c := sched.NewChan[int](1)
	c.Close()
	assert.PanicsWithError(t, "send on closed channel", func() { c.Send(1) })
	assert.PanicsWithError(t, "close of closed channel", c.Close)
	assert.PanicsWithError(t, "close of nil channel", sched.Chan[int]{}.Close)
	assert.PanicsWithError(t, "makechan: size out of range", func() { sched.NewChan[int](-1) })
	assert.PanicsWithError(t, "send on closed channel", func() { sched.Select(c.Sending(1)) })
}

func chanRange(t testing.TB) {
	c := sched.NewChan[int](1)
	sched.Go(func() {
		for i := range 4 {
			c.Send(i)
		}
		c.Close()
	})
	var got []int
	for v := range c.All() {
		got = append(got, v)
	}
	assert.Equal(t, []int{0, 1, 2, 3}, got)
	for range c.All() {
		t.Error("a value from a closed channel")
	}
}

func chanLenCap(t testing.TB) {
	c := sched.NewChan[int](3)
	c.Send(1)
	c.Send(2)
	assert.Equal(t, 2, c.Len())
	assert.Equal(t, 3, c.Cap())
	assert.Zero(t, sched.Chan[int]{}.Len())
	assert.Zero(t, sched.Chan[int]{}.Cap())
}

func chanEquality(t testing.TB) {
	c := sched.NewChan[int](0)
	d := c
	assert.True(t, c == d)
	assert.False(t, c == sched.NewChan[int](0))
	var e, f sched.Chan[int]
	assert.True(t, e == f)
}

func selectReady(t testing.TB) {
	a, b := sched.NewChan[int](1), sched.NewChan[int](1)
	b.Send(5)
	var v int
	var ok bool
	assert.Equal(t, 1, sched.Select(a.Receiving(&v, &ok), b.Receiving(&v, &ok)))
	assert.Equal(t, 5, v)
	assert.True(t, ok)
	assert.Equal(t, 0, sched.Select(a.Sending(6), b.Receiving(nil, nil)))
	v, _ = a.Recv()
	assert.Equal(t, 6, v)
}

func selectWaits(t testing.TB) {
	a, b := sched.NewChan[int](0), sched.NewChan[string](0)
	sched.Go(func() { b.Send("x") })
	var s string
	assert.Equal(t, 1, sched.Select(a.Receiving(nil, nil), b.Receiving(&s, nil)))
	assert.Equal(t, "x", s)
	sched.Go(func() { a.Recv() })
	assert.Equal(t, 0, sched.Select(a.Sending(1), b.Receiving(&s, nil)))
}

func selectDefault(t testing.TB) {
	a := sched.NewChan[int](1)
	assert.Equal(t, -1, sched.TrySelect(a.Receiving(nil, nil)))
	assert.Equal(t, -1, sched.TrySelect())
	assert.Equal(t, 0, sched.TrySelect(a.Sending(1)))
	assert.Equal(t, -1, sched.TrySelect(a.Sending(1)))
	assert.Equal(t, 0, sched.TrySelect(a.Receiving(nil, nil)))
}

func selectNil(t testing.TB) {
	var none sched.Chan[int]
	a := sched.NewChan[int](1)
	assert.Equal(t, -1, sched.TrySelect(none.Receiving(nil, nil), none.Sending(1)))
	assert.Equal(t, 1, sched.Select(none.Receiving(nil, nil), a.Sending(1), none.Sending(1)))
}

func selectMeetsSelect(t testing.TB) {
	a, b := sched.NewChan[int](0), sched.NewChan[int](0)
	got := sched.NewChan[int](1)
	sched.Go(func() {
		var v int
		sched.Select(a.Receiving(&v, nil), b.Receiving(&v, nil))
		got.Send(v)
	})
	i := sched.Select(a.Sending(10), b.Sending(11))
	v, _ := got.Recv()
	assert.Equal(t, 10+i, v)
}

func selectClosed(t testing.TB) {
	a, b := sched.NewChan[int](0), sched.NewChan[int](0)
	sched.Go(a.Close)
	v, ok := 1, true
	assert.Equal(t, 0, sched.Select(a.Receiving(&v, &ok), b.Receiving(nil, nil)))
	assert.Zero(t, v)
	assert.False(t, ok)
}

func manyPartners(t testing.TB) {
	c := sched.NewChan[int](0)
	var sum atomic.Int32
	var wg sched.WaitGroup
	for i := range 3 {
		wg.Go(func() { c.Send(1 << i) })
		wg.Go(func() {
			v, _ := c.Recv()
			sum.Add(int32(v))
		})
	}
	wg.Wait()
	assert.EqualValues(t, 7, sum.Load())
}

func pipelineOfChannels(t testing.TB) {
	in, out := sched.NewChan[int](0), sched.NewChan[int](2)
	var wg sched.WaitGroup
	for range 2 {
		wg.Go(func() {
			for v := range in.All() {
				out.Send(v * v)
			}
		})
	}
	sched.Go(func() {
		for i := range 4 {
			in.Send(i)
		}
		in.Close()
		wg.Wait()
		out.Close()
	})
	var got []int
	for v := range out.All() {
		got = append(got, v)
	}
	assert.ElementsMatch(t, []int{0, 1, 4, 9}, got)
}
