package std

import (
	"math"
	"time"
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// never is as good as for ever: how long the timer of package time runs that has a
// twin. Nothing waits for it, so that it costs nothing.
const never = time.Duration(math.MaxInt64)

// Now is [time.Now].
func Now() time.Time { return sched.Now() }

// Since is [time.Since].
func Since(u time.Time) time.Duration { return sched.Since(u) }

// Until is [time.Until].
func Until(u time.Time) time.Duration {
	if sched.Current() != nil {
		return u.Sub(sched.Now())
	}
	return time.Until(u)
}

// Sleep is [time.Sleep].
func Sleep(d time.Duration) {
	if sched.Current() != nil {
		sched.Sleep(d)
		return
	}
	time.Sleep(d)
}

// NewTimer is [time.NewTimer]. In a simulation the timer is to be used by
// [TimerStop] and [TimerReset].
func NewTimer(d time.Duration) *time.Timer {
	if t := sched.Current(); t != nil {
		return timerOf(t, sched.NewTimer(d))
	}
	return time.NewTimer(d)
}

// AfterFunc is [time.AfterFunc], with a timer as that of [NewTimer].
func AfterFunc(d time.Duration, f func()) *time.Timer {
	if t := sched.Current(); t != nil {
		return timerOf(t, sched.AfterFunc(d, f))
	}
	return time.AfterFunc(d, f)
}

// timerOf returns the timer of package time whose twin is twin.
func timerOf(t *sched.Task, twin *sched.Timer) *time.Timer {
	std := time.NewTimer(never)
	std.C = twin.Std()
	t.SetTwin(unsafe.Pointer(std), twin)
	return std
}

// After is [time.After].
func After(d time.Duration) <-chan time.Time {
	if sched.Current() != nil {
		return sched.NewTimer(d).Std()
	}
	return time.After(d)
}

// TimerStop is [time.Timer.Stop].
func TimerStop(tm *time.Timer) bool {
	if t := sched.Current(); t != nil {
		if twin, ok := t.Twin(unsafe.Pointer(tm)).(*sched.Timer); ok {
			return twin.Stop()
		}
	}
	return tm.Stop()
}

// TimerReset is [time.Timer.Reset].
func TimerReset(tm *time.Timer, d time.Duration) bool {
	if t := sched.Current(); t != nil {
		if twin, ok := t.Twin(unsafe.Pointer(tm)).(*sched.Timer); ok {
			return twin.Reset(d)
		}
	}
	return tm.Reset(d)
}

// NewTicker is [time.NewTicker]. In a simulation the ticker is to be used by
// [TickerStop] and [TickerReset].
func NewTicker(d time.Duration) *time.Ticker {
	t := sched.Current()
	if t == nil || d <= 0 {
		return time.NewTicker(d)
	}
	twin, std := sched.NewTicker(d), time.NewTicker(never)
	std.C = twin.Std()
	t.SetTwin(unsafe.Pointer(std), twin)
	return std
}

// Tick is [time.Tick].
func Tick(d time.Duration) <-chan time.Time {
	if sched.Current() != nil && d > 0 {
		return sched.NewTicker(d).Std()
	}
	return time.Tick(d)
}

// TickerStop is [time.Ticker.Stop].
func TickerStop(tk *time.Ticker) {
	if t := sched.Current(); t != nil {
		if twin, ok := t.Twin(unsafe.Pointer(tk)).(*sched.Ticker); ok {
			twin.Stop()
			return
		}
	}
	tk.Stop()
}

// TickerReset is [time.Ticker.Reset].
func TickerReset(tk *time.Ticker, d time.Duration) {
	if t := sched.Current(); t != nil && d > 0 {
		if twin, ok := t.Twin(unsafe.Pointer(tk)).(*sched.Ticker); ok {
			twin.Reset(d)
			return
		}
	}
	tk.Reset(d)
}
