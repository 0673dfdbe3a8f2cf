package sched

// pick returns the task that runs next: one that has not come to its next
// point yet, else the one of the ready tasks that is chosen. When the run is
// over it is the host.
func (s *Sim) pick() *Task {
	if s.nfresh < len(s.fresh) {
		return s.nextFresh()
	}
	if s.clock != nil {
		s.setReady(s.clock, s.mayTick())
	}
	for s.options() == 0 {
		if s.pollContexts() {
			return s.pick()
		}
		if s.outlives() {
			return &s.host
		}
		s.ticks = 0
		if !s.advanceClock() {
			s.fail(s.stuck())
			return &s.host
		}
	}
	if s.result.Steps == s.cfg.MaxSteps {
		s.fail(s.limit())
		return &s.host
	}
	if s.overdue() {
		s.result.Forced++
		s.advanceClock()
	}
	var t *Task
	preempts := false
	n := s.options()
	s.result.Ready += n
	s.result.Peak = max(s.result.Peak, n)
	if n == 1 {
		t = s.option(0)
	} else if t = s.starved(n); t != nil {
		s.row = 0
		s.result.Forced++
	} else {
		if t, preempts = s.decide(n); t == nil {
			return &s.host
		}
	}
	s.cur = t
	s.count(t)
	if s.follower != nil {
		s.follow(t)
	}
	if s.result.Steps&255 == 0 {
		s.watch.beat.Add(1)
	}
	if s.rec != nil {
		s.rec.step(t, preempts)
	}
	switch {
	case t.timer != nil:
		t.timer.fire()
	case t == s.clock:
		s.tick()
	default:
		return t
	}
	return s.pick()
}

// decide lets the strategy choose among the n > 1 tasks that can go on, and
// reports whether that interrupts the one before. It returns nil if the strategy
// ends the run.
func (s *Sim) decide(n int) (t *Task, preempts bool) {
	s.followed()
	here := -1
	if s.cur != nil {
		here = s.optionOf(s.cur)
	}
	s.choice.Current, s.choice.Tired = here, s.row >= maxRow
	i := s.choose(TaskChoice, n)
	if s.end == ErrCut {
		return nil, false
	}
	t = s.option(i)
	if t == s.cur {
		s.row++
		return t, false
	}
	s.row = 0
	if preempts = here >= 0 && s.cur.op != opYield && !s.choice.Tired; preempts {
		s.result.Preemptions++
	}
	return t, preempts
}

// maxRow is how often in a row a task goes on before it is tired.
const maxRow = 1000

// Fairness of long runs: now and then it is looked whether a task has waited for its
// turn so long.
const (
	fairEvery = 256
	maxWait   = 2048
)

// starved returns the one of n tasks that has waited longest for its turn, if that is
// too long: a loop of others must not keep it from what would end the loop. It is
// no choice: Result.Forced counts these turns, as not all orders are tried then.
func (s *Sim) starved(n int) *Task {
	if s.result.Steps%fairEvery != 0 || s.result.Steps < maxWait {
		return nil
	}
	var oldest *Task
	for i := range n {
		t := s.option(i)
		if t.timer == nil && t != s.clock && s.result.Steps-t.asked > maxWait && (oldest == nil || t.asked < oldest.asked) {
			oldest = t
		}
	}
	return oldest
}

// count notes in the result that t does its pending operation.
func (s *Sim) count(t *Task) {
	what := uint64(t.id)<<40 ^ uint64(t.op)<<32 ^ uint64(uint32(t.loc+1))
	if t.obj != nil {
		what ^= uint64(t.obj.id+1) << 16
	}
	s.result.Hash = spread(s.result.Hash ^ what)
	s.result.Steps++
}

// choose makes one decision of the run: a number below n. Every decision is
// made here.
func (s *Sim) choose(kind ChoiceKind, n int) int {
	s.choice.Kind, s.choice.N = kind, n
	s.quiet = true
	i := s.strategy.Choose(&s.choice)
	s.quiet = false
	if i == Cut {
		s.fail(ErrCut)
		i = 0
	}
	if uint(i) >= uint(n) {
		s.fail(&Misuse{What: "strategy chose option " + itoa(i) + " of " + itoa(n)})
		i = 0
	}
	s.result.Log = append(s.result.Log, int32(i))
	if kind != TaskChoice {
		s.result.Hash = spread(s.result.Hash ^ uint64(i))
	}
	return i
}

// leaveTurn notes that t, if it did the last operation, has ended.
func (s *Sim) leaveTurn(t *Task) {
	if s.cur == t {
		s.cur = nil
		s.left = Moment{Task: t.key, ID: int(t.id), Op: int(t.ops) + 1}
		if s.rec != nil {
			s.rec.comes(t, wordEnd)
		}
	}
}

// setReady puts t into the ready tasks, or takes it out.
func (s *Sim) setReady(t *Task, ready bool) {
	if ready == (t.seat >= 0) {
		return
	}
	if ready {
		t.seat = int32(len(s.ready))
		s.ready = append(s.ready, t)
		return
	}
	s.disable(t)
	last := s.ready[len(s.ready)-1]
	s.ready[t.seat] = last
	last.seat = t.seat
	s.ready = s.ready[:len(s.ready)-1]
	t.seat = -1
}

// goOn lets t run to its next point before anything else is chosen.
func (s *Sim) goOn(t *Task) {
	s.led(t.id)
	s.setReady(t, false)
	s.fresh = append(s.fresh, t)
}

func (s *Sim) nextFresh() *Task {
	t := s.fresh[s.nfresh]
	s.nfresh++
	if s.nfresh == len(s.fresh) {
		s.fresh, s.nfresh = s.fresh[:0], 0
	}
	return t
}
