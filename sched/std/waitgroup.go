package std

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// waitgroup is the twin of a sync.WaitGroup, which counts what the twin does.
type waitgroup struct {
	sched.WaitGroup
	std    *sync.WaitGroup
	before int // the run
}

func waitgroupOf(t *sched.Task, std *sync.WaitGroup) *waitgroup {
	wg, ok := t.Twin(unsafe.Pointer(std)).(*waitgroup)
	if !ok {
		wg = &waitgroup{std: std, before: counter(std)}
		t.SetTwin(unsafe.Pointer(std), wg)
		if wg.before != 0 {
			wg.Begin(t, wg.before)
		}
	}
	return wg
}

// EndRun makes the counter what it was before the run.
func (wg *waitgroup) EndRun() {
	if changed := counter(wg.std) - wg.before; changed != 0 {
		wg.std.Add(-changed)
	}
}

// counter returns the counter of wg; that of a copy is not zero if that of the
// original was not. It is zero where the type is not laid out as this package knows it.
func counter(wg *sync.WaitGroup) int {
	if !counterKnown {
		return 0
	}
	return countOf(wg)
}

func countOf(wg *sync.WaitGroup) int {
	return int(int32(atomic.LoadUint64((*uint64)(unsafe.Pointer(wg))) >> 32))
}

var counterKnown = func() bool {
	var wg sync.WaitGroup
	if unsafe.Sizeof(wg) < 8 || unsafe.Alignof(wg) < 8 {
		return false
	}
	wg.Add(3)
	return countOf(&wg) == 3
}()

// WaitGroupAdd is [sync.WaitGroup.Add].
func WaitGroupAdd(wg *sync.WaitGroup, delta int) {
	if t := sched.Current(); t != nil {
		waitgroupOf(t, wg).Add(delta)
	}
	wg.Add(delta)
}

// WaitGroupDone is [sync.WaitGroup.Done].
func WaitGroupDone(wg *sync.WaitGroup) {
	if t := sched.Current(); t != nil {
		waitgroupOf(t, wg).Done()
	}
	wg.Done()
}

// WaitGroupWait is [sync.WaitGroup.Wait].
func WaitGroupWait(wg *sync.WaitGroup) {
	if t := sched.Current(); t != nil {
		waitgroupOf(t, wg).Wait()
		return
	}
	wg.Wait()
}

// WaitGroupGo is [sync.WaitGroup.Go].
func WaitGroupGo(wg *sync.WaitGroup, f func()) {
	if t := sched.Current(); t != nil {
		WaitGroupAdd(wg, 1)
		t.Start(f, func() {
			defer WaitGroupDone(wg)
			f()
		})
		return
	}
	wg.Go(f)
}
