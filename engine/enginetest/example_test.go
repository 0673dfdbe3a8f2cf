package enginetest_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/enginetest"
	"github.com/ravelgo/ravel/engine/event"
)

// Bill is the state of a run.
type Bill struct{ Paid bool }

// A test asks a recording what has happened. Here the example stands in for the test,
// which has a *testing.T.
func ExampleRecord() {
	p := engine.New[Bill]("bill", engine.Options{})
	pay := p.Step("pay", func(ctx context.Context, b *Bill) error {
		if engine.Info(ctx).Attempt < 3 {
			return errors.New("the bank does not answer")
		}
		b.Paid = true
		return nil
	}, engine.NodeOptions{Retry: engine.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Minute}})
	pay.To(p.Step("thank", func(ctx context.Context, _ *Bill) error {
		return engine.Emit(ctx, "thank you")
	}, engine.NodeOptions{}))

	t := &example{}
	b := &Bill{}
	r := enginetest.Record(t, p, b, engine.RunOptions{})
	fmt.Println(r.Trace())
	fmt.Println(b.Paid, r.Result.Status, "after", r.Result.Duration)
	fmt.Println(r.Attempts("pay"), "attempts,", r.Count(event.StepRetry, "pay"), "of them repeated")
	fmt.Println(r.Before("pay", "thank"), r.Tokens("thank"))
	r.Attempts("thanks")
	// Output:
	// START S(pay) R(pay) S(pay)#2 R(pay)#2 S(pay)#3 E(pay)#3 S(thank) T(thank)=thank you E(thank) FINISH=success
	// true success after 3m0s
	// 3 attempts, 2 of them repeated
	// true [thank you]
	// enginetest: path "thanks": there is no node "thanks" in pipeline "bill"; did you mean "thank"?
}

// example is a test that prints how it fails.
type example struct{}

func (*example) Helper() {}

func (*example) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

func (e *example) Fatalf(format string, args ...any) { e.Errorf(format, args...) }

func (*example) Context() context.Context { return context.Background() }
