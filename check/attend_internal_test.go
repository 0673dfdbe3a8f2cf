package check

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
)

// screen is a terminal.
type screen struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

// A long search shows its progress on a terminal, and clears the line.
func TestProgress(t *testing.T) {
	body := func(*T) { sched.Go(sched.Yield); sched.Yield() }
	s := newSearch("TestLong", Config{Strategy: endless{}, Time: progressEvery * 3 / 2}.filled("x"), body)
	defer s.close()
	var out screen
	stop := s.attend(&out, true)
	s.explore()
	stop()
	assert.Regexp(t, `^\rravel: TestLong: \d+ schedules\r +\r$`, out.text.String())

	s = newSearch("TestShort", Config{Runs: 10}.filled("x"), body)
	defer s.close()
	assert.Equal(t, "ravel: TestShort: 0 of 10 schedules", s.progress())
	out.text.Reset()
	stop = s.attend(&out, false)
	time.Sleep(time.Millisecond)
	stop()
	assert.Empty(t, out.text.String())
}

// endless always takes the first option.
type endless struct{}

func (endless) Next() bool               { return true }
func (endless) Choose(*sched.Choice) int { return 0 }
