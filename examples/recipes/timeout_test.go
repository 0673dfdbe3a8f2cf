package recipes

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// asking returns the body of a check: call something that takes half a second, and
// wait a second for it.
func asking(within func(context.Context, time.Duration, func(context.Context) (string, error)) (string, error)) func(*check.T) {
	return func(t *check.T) {
		v, err := within(t.Context(), time.Second, func(context.Context) (string, error) {
			sched.Sleep(time.Second / 2)
			return "hello", nil
		})
		if err != nil {
			require.ErrorIs(t, err, context.DeadlineExceeded)
			return
		}
		require.Equal(t, "hello", v)
	}
}

func TestTimeout(t *testing.T) {
	silent(t, check.Config{AnyTime: true}, asking(Within[string]))
}

// A call that takes longer than the limit loses to it on every schedule.
func TestTimeoutTooSlow(t *testing.T) {
	r := silent(t, check.Config{}, func(t *check.T) {
		start := sched.Now()
		_, err := Within(t.Context(), time.Second, func(context.Context) (int, error) {
			sched.Sleep(time.Minute)
			return 1, nil
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, sched.Since(start))
	})
	assert.True(t, r.Complete)
}

// carelessWithin has no room for an answer that nobody waits for.
func carelessWithin[T any](ctx context.Context, limit time.Duration, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := sched.WithTimeout(ctx, limit)
	defer cancel()
	answers := sched.NewChan[answer[T]](0)
	sched.Go(func() {
		v, err := call(ctx)
		answers.Send(answer[T]{v, err})
	})
	var a answer[T]
	if sched.Select(answers.Receiving(&a, nil), sched.Done(ctx).Receiving(nil, nil)) != 0 {
		a.err = context.Cause(ctx)
	}
	return a.value, a.err
}

// As time goes, half a second is less than a second, and nothing is found.
func TestTimeoutNeverComes(t *testing.T) {
	r := silent(t, check.Config{}, asking(carelessWithin[string]))
	assert.True(t, r.Complete)
	assert.Len(t, r.Never, 1)
}

func TestTimeoutLeavesCall(t *testing.T) {
	finds(t, check.Config{AnyTime: true}, "tasks left blocked", asking(carelessWithin[string]))
}

// sharingWithin has the call write what it returns. A call that is late writes it when
// the caller has gone on to read it.
func sharingWithin(ctx context.Context, limit time.Duration, call func(context.Context) (string, error)) (string, error) {
	ctx, cancel := sched.WithTimeout(ctx, limit)
	defer cancel()
	var value race.Var[string]
	var err race.Var[error]
	done := sched.NewChan[struct{}](0)
	sched.Go(func() {
		v, e := call(ctx)
		value.Set(v)
		err.Set(e)
		done.Close()
	})
	if sched.Select(done.Receiving(nil, nil), sched.Done(ctx).Receiving(nil, nil)) != 0 {
		err.Set(context.Cause(ctx))
	}
	return value.Load(), err.Load()
}

func TestTimeoutSharesAnswer(t *testing.T) {
	f := finds(t, check.Config{AnyTime: true}, "failed assertion", asking(sharingWithin))
	require.Len(t, f.Also, 2)
	assert.Contains(t, f.Also[0], "data race (no lock) on value")
}
