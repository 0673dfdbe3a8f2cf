package sched_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/schedtest"
)

// Each behaviour is that of golang.org/x/sync/errgroup.
func TestGroup(t *testing.T) {
	bad := errors.New("bad")
	for name, test := range map[string]func(t testing.TB){
		"empty": func(t testing.TB) { assert.NoError(t, new(sched.Group).Wait()) },
		"first error": func(t testing.TB) {
			g, ctx := sched.NewGroup(context.Background())
			g.Go(func() error { return bad })
			g.Go(func() error { sched.Done(ctx).Recv(); return ctx.Err() })
			assert.Equal(t, bad, g.Wait())
			assert.Equal(t, bad, context.Cause(ctx))
		},
		"no error": func(t testing.TB) {
			g, ctx := sched.NewGroup(context.Background())
			g.Go(func() error { return nil })
			assert.NoError(t, g.Wait())
			assert.Error(t, ctx.Err(), "cancelled by Wait")
		},
		"limit": func(t testing.TB) {
			var g sched.Group
			g.SetLimit(2)
			var running sched.Guarded[int]
			for range 5 {
				g.Go(func() error {
					running.Do(func(n *int) { *n++; assert.LessOrEqual(t, *n, 2) })
					defer running.Do(func(n *int) { *n-- })
					sched.Yield()
					return nil
				})
			}
			assert.NoError(t, g.Wait())
			g.SetLimit(-1)
			assert.True(t, g.TryGo(func() error { return bad }))
			assert.Equal(t, bad, g.Wait())
		},
		"try": func(t testing.TB) {
			var g sched.Group
			g.SetLimit(1)
			hold := sched.NewChan[bool](0)
			assert.True(t, g.TryGo(func() error { hold.Recv(); return nil }))
			assert.False(t, g.TryGo(func() error { return bad }))
			assert.Panics(t, func() { g.SetLimit(2) })
			hold.Send(true)
			assert.NoError(t, g.Wait())
			g.SetLimit(0)
			assert.False(t, g.TryGo(func() error { return bad }))
		},
	} {
		t.Run(name, func(t *testing.T) { schedtest.RealAndSimulated(t, test) })
	}
}
