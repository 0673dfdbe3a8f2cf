package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/engine/store"
)

// Expense is the state of a run. The store keeps it as JSON.
type Expense struct {
	Who, What string
	Cents     int
	Approver  string // empty until somebody has approved
	Receipt   string // of the bank
	Steps     []string
}

// Bank pays. Who asks again with the same key gets the receipt of the first time.
type Bank interface {
	Pay(ctx context.Context, key, who string, cents int) (receipt string, err error)
}

// byInvocation is the key of a payment. It is the same when a step runs again in
// another process, as that goes on with the same invocation.
func byInvocation(i engine.StepInfo) string { return fmt.Sprintf("%s/%d", i.RunID, i.Invocation) }

// pipeline returns prepare → approve → pay → file.
func pipeline(bank Bank, key func(engine.StepInfo) string) *engine.Pipeline[Expense] {
	p := engine.New[Expense]("expense", engine.Options{})
	step := func(name string, fn engine.StepFunc[Expense]) *engine.Node[Expense] {
		return p.Step(name, func(ctx context.Context, e *Expense) error {
			err := fn(ctx, e)
			if err == nil {
				e.Steps = append(e.Steps, name)
			}
			return err
		}, engine.NodeOptions{})
	}
	prepare := step("prepare", func(_ context.Context, e *Expense) error {
		if e.Cents <= 0 {
			return fmt.Errorf("%d cents are no expense", e.Cents)
		}
		return nil
	})
	approve := step("approve", func(_ context.Context, e *Expense) error {
		if e.Approver == "" {
			return engine.Suspend("waits for approval")
		}
		return nil
	})
	pay := step("pay", func(ctx context.Context, e *Expense) (err error) {
		e.Receipt, err = bank.Pay(ctx, key(engine.Info(ctx)), e.Who, e.Cents)
		return err
	})
	file := step("file", func(context.Context, *Expense) error { return nil })
	prepare.To(approve)
	approve.To(pay)
	pay.To(file)
	return p
}

// Office takes expenses, and has them approved and paid.
type Office struct {
	Pipeline *engine.Pipeline[Expense]
	Store    Store
}

// Store keeps the runs, and shows them.
type Store interface {
	store.Store
	store.History
}

// Start begins a run, which is suspended when it waits for approval.
func (o Office) Start(ctx context.Context, e *Expense) (engine.Result, error) {
	return o.run(ctx, e, engine.RunOptions{Store: o.Store})
}

// Approve writes into the state of a run who has approved, and goes on with it. Of
// several at once one goes on; the others get engine.ErrRunActive or, if that one has
// come to its end, engine.ErrNotResumable.
func (o Office) Approve(ctx context.Context, id, approver string) (engine.Result, error) {
	e, err := o.Pipeline.Load(ctx, o.Store, id)
	if err != nil {
		return engine.Result{}, err
	}
	e.Approver = approver
	return o.run(ctx, e, engine.RunOptions{Store: o.Store, Resume: id})
}

// Resume goes on with a run from its last checkpoint, as it is there.
func (o Office) Resume(ctx context.Context, id string) (engine.Result, error) {
	return o.run(ctx, nil, engine.RunOptions{Store: o.Store, Resume: id})
}

// run is Run for which it is no error that a run is suspended.
func (o Office) run(ctx context.Context, e *Expense, opts engine.RunOptions) (engine.Result, error) {
	result, err := o.Pipeline.Run(ctx, e, opts)
	if errors.Is(err, engine.ErrSuspended) {
		err = nil
	}
	return result, err
}
