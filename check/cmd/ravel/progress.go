package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how much of a time is over: a bar on a terminal, else a line now
// and then.
type progress struct {
	out    io.Writer
	length time.Duration
	begun  time.Time
	bar    *progressbar.ProgressBar // nil without a terminal
	last   *time.Time               // of a line
	stop   func()
}

// lineEvery is how often there is a line without a terminal.
const lineEvery = 30 * time.Second

func (a *app) newProgress(length time.Duration) progress {
	now := time.Now()
	p := progress{out: a.err, length: length, begun: now, last: &now, stop: func() {}}
	if !terminal(a.err) {
		return p
	}
	p.bar = progressbar.NewOptions64(length.Milliseconds(),
		progressbar.OptionSetWriter(a.err), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(20),
		progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetTheme(progressbar.ThemeASCII), progressbar.OptionThrottle(100*time.Millisecond))
	over, ended := make(chan struct{}), make(chan struct{})
	go p.tick(over, ended)
	p.stop = func() {
		close(over)
		<-ended
		_ = p.bar.Finish() // nothing follows from a bar that cannot be drawn
	}
	return p
}

// tick moves the bar until it is over.
func (p progress) tick(over, ended chan struct{}) {
	defer close(ended)
	ticks := time.NewTicker(500 * time.Millisecond)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			_ = p.bar.Set64(min(time.Since(p.begun), p.length-time.Millisecond).Milliseconds())
		case <-over:
			return
		}
	}
}

// at says what is going on.
func (p progress) at(what, status string) {
	switch {
	case p.bar != nil:
		p.bar.Describe(clip(status+": "+what, 70))
	case time.Since(*p.last) >= lineEvery:
		p.line("%v of %v: %s", time.Since(p.begun).Round(time.Second), p.length, status)
	}
}

// line writes a line that does not disturb the bar.
func (p progress) line(format string, args ...any) {
	p.clear()
	*p.last = time.Now()
	fmt.Fprintf(p.out, "ravel: "+format+"\n", args...)
}

// clear makes room for a line.
func (p progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

func (p progress) end() { p.stop() }
