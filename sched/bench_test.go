package sched_test

import (
	"iter"
	"testing"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

// BenchmarkSchedules compares, for 3 tasks that come to 10 points each, the
// simulator with the least that any scheduler on coroutines must do (bare:
// choose at random, note the choice in a hash, switch) and with the usual way to
// control goroutines (channels: the same without the hash).
func BenchmarkSchedules(b *testing.B) {
	const tasks, points = 3, 10
	perSecond := func(b *testing.B, run func()) {
		b.ReportAllocs()
		run()
		for b.Loop() {
			run()
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "schedules/s")
	}
	b.Run("bare", func(b *testing.B) {
		s := newBare(tasks, points)
		defer s.close()
		perSecond(b, s.run)
	})
	b.Run("channels", func(b *testing.B) {
		s := newHandOver(tasks, points)
		defer s.close()
		perSecond(b, s.run)
	})
	b.Run("sched", func(b *testing.B) {
		s := sched.NewSim(sched.Config{})
		defer s.Close()
		st := strategy.Random(1)
		task := func() {
			for range points {
				sched.Yield()
			}
		}
		body := func() {
			for range tasks {
				sched.Go(task)
			}
		}
		perSecond(b, func() {
			st.Next()
			s.Run(st, 1, body)
		})
	})
}

// dice is the generator of the two baselines.
type dice uint64

func (d *dice) below(n int) int {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z >> 32) * uint64(n) >> 32)
}

// bare switches between pooled coroutines and does nothing else.
type bare struct {
	dice
	points int
	steps  int
	hash   uint64
	all    []*bareTask
	ready  []*bareTask
	host   bareTask
	closed bool
}

type bareTask struct {
	id    int
	seat  int
	slot  *bareSlot
	ended bool
}

type bareSlot struct {
	next  func() (struct{}, bool)
	yield func(struct{}) bool
	out   bool
}

func newBare(tasks, points int) *bare {
	s := &bare{points: points}
	for i := range tasks {
		t := &bareTask{id: i, slot: &bareSlot{}}
		sl := t.slot
		sl.next, _ = iter.Pull(func(yield func(struct{}) bool) {
			sl.yield = yield
			for !s.closed {
				s.task(t)
			}
			t.ended = true
		})
		s.all = append(s.all, t)
	}
	return s
}

func (s *bare) task(t *bareTask) {
	for range s.points {
		s.transfer(t, s.pick())
	}
	last := s.ready[len(s.ready)-1]
	s.ready[t.seat], last.seat = last, t.seat
	s.ready = s.ready[:len(s.ready)-1]
	if len(s.ready) == 0 {
		s.transfer(t, &s.host)
		return
	}
	s.transfer(t, s.pick())
}

func (s *bare) pick() *bareTask {
	t := s.ready[s.below(len(s.ready))]
	s.steps++
	s.hash = (s.hash ^ uint64(t.id)) * 0x100000001b3
	return t
}

func (s *bare) transfer(from, to *bareTask) {
	if from == to {
		return
	}
	sl := to.slot
	to.slot, from.slot = nil, sl
	if sl.out = !sl.out; sl.out {
		sl.next()
	} else {
		sl.yield(struct{}{})
	}
}

func (s *bare) run() {
	s.ready = append(s.ready[:0], s.all...)
	for i, t := range s.ready {
		t.seat = i
	}
	s.transfer(&s.host, s.pick())
}

// close ends the coroutines: each one that ends resumes another or the caller.
func (s *bare) close() {
	s.closed = true
	for _, t := range s.all {
		if !t.ended {
			s.transfer(&s.host, t)
		}
	}
}

// handOver controls pooled goroutines by a channel each.
type handOver struct {
	dice
	points int
	wake   []chan struct{}
	ready  []int
	done   chan struct{}
}

func newHandOver(tasks, points int) *handOver {
	s := &handOver{points: points, done: make(chan struct{})}
	for i := range tasks {
		s.wake = append(s.wake, make(chan struct{}, 1))
		go s.task(i)
	}
	return s
}

func (s *handOver) task(i int) {
	for range s.wake[i] {
		for range s.points {
			if next := s.ready[s.below(len(s.ready))]; next != i {
				s.wake[next] <- struct{}{}
				<-s.wake[i]
			}
		}
		for j, r := range s.ready {
			if r == i {
				s.ready = append(s.ready[:j], s.ready[j+1:]...)
				break
			}
		}
		if len(s.ready) == 0 {
			s.done <- struct{}{}
			continue
		}
		s.wake[s.ready[s.below(len(s.ready))]] <- struct{}{}
	}
}

func (s *handOver) run() {
	s.ready = s.ready[:0]
	for i := range s.wake {
		s.ready = append(s.ready, i)
	}
	s.wake[s.ready[s.below(len(s.ready))]] <- struct{}{}
	<-s.done
}

func (s *handOver) close() {
	for _, c := range s.wake {
		close(c)
	}
}
