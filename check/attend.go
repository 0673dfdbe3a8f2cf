package check

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// deadline returns when to stop so that there is time to report before the
// test's deadline; zero if it has none.
func deadline(t testing.TB) time.Time {
	d, ok := t.(interface{ Deadline() (time.Time, bool) })
	if !ok {
		return time.Time{}
	}
	end, ok := d.Deadline()
	if !ok {
		return time.Time{}
	}
	return end.Add(-max(time.Until(end)/10, time.Second))
}

// interrupted is set for ever by the first interrupt during a search.
var interrupted atomic.Bool

// progressEvery is how often a search tells on a terminal how far it is.
const progressEvery = time.Second

// attend makes an interrupt end the search, and shows its progress if out is a
// terminal, until the function that it returns is called. A second interrupt ends
// the process.
func (s *search) attend(out io.Writer, terminal bool) (stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	ticks := time.NewTicker(progressEvery)
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		line := ""
		for {
			select {
			case <-signals:
				signal.Stop(signals)
				interrupted.Store(true)
				s.interrupted.Store(true)
			case <-ticks.C:
				if terminal {
					line = s.progress()
					fmt.Fprint(out, "\r", line)
				}
			case <-over:
				if line != "" {
					fmt.Fprint(out, "\r", strings.Repeat(" ", len(line)), "\r")
				}
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		ticks.Stop()
		close(over)
		<-ended
	}
}

// progress says how far the search is.
func (s *search) progress() string {
	text := fmt.Sprintf("ravel: %s: %d", s.name, s.done.Load())
	if n := s.cfg.Runs; n < 1<<40 {
		text += fmt.Sprintf(" of %d", n)
	}
	return text + " schedules"
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
