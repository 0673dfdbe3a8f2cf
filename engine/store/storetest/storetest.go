// Package storetest has the tests that every implementation of a store must pass.
//
//	func TestStore(t *testing.T) {
//		storetest.Test(t, storetest.Options{
//			Open: func(t *testing.T) storetest.Store { return store.NewMemory() },
//		})
//	}
package storetest

import (
	"testing"

	"github.com/ravelgo/ravel/engine/store"
)

// Store is what is tested: one that can be read too.
type Store interface {
	store.Store
	store.History
}

// Options say how to come by a store.
type Options struct {
	// Open returns an empty store, which is closed when t ends.
	Open func(t *testing.T) Store
	// Reopen returns a store with what the given one has acknowledged, as a
	// process that starts after a crash of this one finds it: the given one is
	// not closed before. Nil for a store that does not outlive its process.
	Reopen func(t *testing.T, crashed Store) Store
}

// Test runs all tests, each with a store of its own.
func Test(t *testing.T, o Options) {
	tests := []struct {
		name string
		test func(*testing.T, Store)
	}{
		{"claim/new", claimNew},
		{"claim/exists", claimExists},
		{"claim/resume by status", claimByStatus},
		{"claim/expired", claimExpired},
		{"claim/order of errors", claimOrder},
		{"claim/takes back the end", claimTakesBackEnd},
		{"claim/mistakes", claimMistakes},
		{"claim/inner run", claimInner},
		{"lease/fenced", leaseFenced},
		{"lease/renewed", leaseRenewed},
		{"lease/released", leaseReleased},
		{"lease/of a deleted run", leaseOfDeleted},
		{"append/atomic", appendAtomic},
		{"append/events", appendEvents},
		{"append/checkpoints", appendCheckpoints},
		{"append/items", appendItems},
		{"append/inner runs", appendInner},
		{"append/nothing", appendNothing},
		{"values/every field", valuesEveryField},
		{"values/nil and empty", valuesNilAndEmpty},
		{"values/large", valuesLarge},
		{"values/times", valuesTimes},
		{"values/texts", valuesTexts},
		{"values/copied", valuesCopied},
		{"history/selects", historySelects},
		{"history/order and limit", historyOrder},
		{"history/interrupted", historyInterrupted},
		{"history/root", historyRoot},
		{"history/events", historyEvents},
		{"history/plan", historyPlan},
		{"history/delete", historyDelete},
		{"context/done", contextDone},
		{"together/one claim wins", togetherClaim},
		{"together/one resume wins", togetherResume},
		{"together/runs", togetherRuns},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.test(t, o.Open(t)) })
	}
	t.Run("model", func(t *testing.T) { sameAsModel(t, o.Open(t)) })
	if o.Reopen != nil {
		t.Run("crash", func(t *testing.T) { crashAfterEveryWrite(t, o) })
	}
}
