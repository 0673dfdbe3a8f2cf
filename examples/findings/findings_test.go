// Package findings holds the code of docs/findings.md: for each kind of finding a
// program that has it, and one that does the same and has not.
package findings

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
)

var cases = []struct {
	name  string
	kind  string // of what bad shows
	first string // what of it is reported first, if not kind
	bad   func(t *check.T)
	good  []func(t *check.T)
}{
	{name: "no lock", kind: "data race (no lock)", bad: readAtOnce, good: all(readAfterWait)},
	{name: "unlocked read", kind: "data race (unlocked read)", bad: readWithoutLock, good: all(readUnderLock)},
	{name: "inconsistent locks", kind: "data race (inconsistent locks)", bad: readUnderOtherLock, good: all(readUnderLock)},
	{name: "wrong instance", kind: "data race (wrong instance of a lock)", bad: lockPerCall, good: all(lockForAll)},
	{name: "read lock", kind: "data race (write under a read lock)", bad: writeUnderRLock, good: all(writeUnderLock)},
	{name: "append", kind: "data race (concurrent append)", first: "lost update", bad: appendAtOnce, good: all(appendInTurn)},
	{name: "map", kind: "data race (concurrent map access)", bad: mapAtOnce, good: all(mapInTurn)},
	{name: "lost update", kind: "lost update", bad: depositInTwoSections, good: all(depositInOneSection)},
	{name: "blind write", kind: "lost update", bad: storeAfterRead, good: all(setAfterRead)},
	{name: "late add", kind: "late add", bad: addInTask, good: all(addBeforeTask, addByGo)},
	{name: "unrepeatable read", kind: "atomicity violation (unrepeatable read)", bad: readTwice, good: all(readOnce)},
	{name: "overwritten write", kind: "atomicity violation (overwritten write)", bad: readBackLater, good: all(readBackUnderLock)},
	{name: "dirty read", kind: "atomicity violation (dirty read)", bad: publishHalf, good: all(publishWhole)},
	{name: "check-then-act", kind: "atomicity violation (check-then-act)", bad: claimInTwoSections, good: all(claimInOneSection, claimAtomically)},
	{name: "not serialisable", kind: "atomicity violation (not serialisable)", bad: leaveInTwoSections, good: all(leaveInOneSection)},
	{name: "torn snapshot", kind: "torn snapshot", bad: sumOfTwoMoments, good: all(sumOfOneMoment)},
	{name: "torn counters", kind: "torn snapshot", bad: takenTogether, good: all(declaredApart)},
	{name: "lock order", kind: "deadlock", bad: lockInBothOrders, good: all(lockInOneOrder)},
	{name: "deadlock", kind: "deadlock", bad: waitThenReceive, good: all(waitWhileReceiving)},
	{name: "left blocked", kind: "tasks left blocked", bad: firstAnswerOnly, good: all(roomForAll, untilTheEnd)},
	{name: "assertion", kind: "failed assertion", bad: countByLoadAndStore, good: all(countByAdd)},
	{name: "invariant", kind: "broken invariant", bad: reserveInTwoSections, good: all(reserveInOneSection)},
	{name: "always", kind: "broken invariant", bad: sellTooMany, good: all(sellWhatIsLeft)},
	{name: "panic", kind: "panic", bad: closeAtOnce, good: all(closeAfterWait)},
	{name: "misuse", kind: "misuse", bad: unlockTwice, good: all(unlockOnce)},
	{name: "no end", kind: "no end", bad: pollForEver, good: all(pollUntilTheEnd)},
	{name: "blocked", kind: "blocked outside the scheduler", bad: realChannel, good: all(simulatedChannel)},
	{name: "uncontrolled", kind: "uncontrolled goroutine", bad: goStatement, good: all(goAsTask)},
	{name: "not deterministic", kind: "not deterministic", bad: flushEverySecondRun, good: all(flushEverySecondCall, addSorted)},
	{name: "frozen", kind: "mutated immutable", bad: sortFrozen, good: all(sortCopy)},
	{name: "frozen entry", kind: "mutated immutable", bad: keepEntry, good: all(cloneEntry)},
}

func all(bodies ...func(t *check.T)) []func(t *check.T) { return bodies }

// Each bad program shows what it is there for, and nothing else; the good ones show
// nothing.
func TestFindings(t *testing.T) {
	runs := 10_000
	if testing.Short() {
		runs = 1_000
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, body := range c.good {
				assert.Empty(t, check.Config{Runs: runs}.Search(t.Name(), body).Findings)
			}
			found := check.Config{BlockedAfter: 200 * time.Millisecond}.Search(t.Name(), c.bad).Findings
			require.Len(t, found, 1)
			more := regexp.MustCompile(`findings\.md#([a-z-]+)`).FindStringSubmatch(found[0].Report)
			require.NotEmpty(t, more, "a link")
			assert.Contains(t, anchors(t), more[1])
			if c.first == "" {
				assert.Equal(t, c.kind, found[0].Kind)
				return
			}
			assert.Equal(t, c.first, found[0].Kind)
			require.Len(t, found[0].Also, 1)
			assert.True(t, strings.HasPrefix(found[0].Also[0], c.kind), found[0].Also[0])
		})
	}
}
