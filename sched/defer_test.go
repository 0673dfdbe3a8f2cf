package sched_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
)

func deferOne(mu *sched.Mutex, early bool) int {
	mu.Lock()
	defer mu.Unlock() // one
	if early {
		return 1
	}
	return 2
}

func deferTwo(a, b *sched.Mutex) { // two
	a.Lock()
	defer a.Unlock()
	b.Lock()
	defer b.Unlock()
}

func deferCancel() {
	_, cancel := sched.WithCancel(context.Background())
	defer cancel() // cancel
}

func deferNothing(mu *sched.Mutex) {
	mu.Lock()
	sched.Yield()
	mu.Unlock() // nothing
}

// A deferred call stands at its defer statement, or if there are several at the head
// of the function: where the compiler puts it is different with -race.
func TestDeferredCalls(t *testing.T) {
	var a, b sched.Mutex
	r := record(t, func() {
		deferOne(&a, true)
		deferOne(&a, false)
		deferTwo(&a, &b)
		deferCancel()
		deferNothing(&a)
	})
	var got []string
	for _, s := range r.Steps {
		if op := s.Op.String(); op == "unlock" || op == "cancel" {
			_, comment, _ := strings.Cut(s.Pos.Source(), "// ")
			got = append(got, op+" at "+comment)
		}
	}
	assert.Equal(t, []string{"unlock at one", "unlock at one", "unlock at two", "unlock at two", "cancel at cancel",
		"unlock at nothing"}, got)
}
