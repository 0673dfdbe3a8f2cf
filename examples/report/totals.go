// Package report holds the two programs whose reports docs/report.md reads line by
// line, and the test that compares the document with what is printed.
package report

import (
	"context"
	"unicode/utf8"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Totals is what the workers of a map share.
type Totals struct {
	mu    sched.Mutex // guards Runes
	Runes race.Var[int]
}

// Count adds the length of a line. It lets go of the lock too early.
func (s *Totals) Count(_ context.Context, line string) error {
	s.mu.Lock()
	sum := s.Runes.Load()
	s.mu.Unlock()

	sum += utf8.RuneCountInString(line)

	s.mu.Lock()
	s.Runes.Store(sum)
	s.mu.Unlock()
	return nil
}

// Counting returns a pipeline that counts the runes of lines.
func Counting(lines ...string) *engine.Pipeline[Totals] {
	p := engine.New[Totals]("counting", engine.Options{})
	engine.Map(p, "count", engine.Each[Totals, string]{
		Items: engine.Slice(func(context.Context, *Totals) ([]string, error) { return lines, nil }),
		Do: func(ctx context.Context, s *Totals, line string) error {
			return s.Count(ctx, line)
		},
	}, engine.MapOptions{})
	return p
}
