package recipes

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/atomic"
)

// origin is where the values come from: a load takes a second, and is counted.
type origin struct{ loads atomic.Int64 }

func (o *origin) load(key string) (string, error) {
	sched.Sleep(time.Second)
	o.loads.Add(1)
	return "value of " + key, nil
}

func loadsOnce(t *check.T) {
	var from origin
	c := &Cache[string]{Load: from.load, TTL: time.Minute}
	var wg sched.WaitGroup
	for range 3 {
		wg.Go(func() {
			v, err := c.Get("a")
			require.NoError(t, err)
			require.Equal(t, "value of a", v)
		})
	}
	wg.Wait()
	require.Equal(t, int64(1), from.loads.Load())
}

func TestCacheLoadsOnce(t *testing.T) { silent(t, check.Config{}, loadsOnce) }

// Within the minute nothing is loaded, and after it once for all.
func loadsAgain(t *check.T) {
	var from origin
	c := &Cache[string]{Load: from.load, TTL: time.Minute}
	get := func() { _, _ = c.Get("a") }
	get()
	sched.Sleep(time.Minute - 1)
	get()
	require.Equal(t, int64(1), from.loads.Load())
	sched.Sleep(1)
	var wg sched.WaitGroup
	wg.Go(get)
	wg.Go(c.Sweep)
	wg.Go(get)
	wg.Wait()
	require.Equal(t, int64(2), from.loads.Load())
}

func TestCacheLoadsAgain(t *testing.T) { silent(t, check.Config{}, loadsAgain) }

// An error goes to all who wait for it and to nobody else; a panic goes to who loads.
func TestCacheKeepsNoError(t *testing.T) {
	silent(t, check.Config{}, func(t *check.T) {
		broken := errors.New("broken")
		var loads atomic.Int64
		c := &Cache[string]{TTL: time.Minute, Load: func(string) (string, error) {
			sched.Sleep(time.Second)
			switch loads.Add(1) {
			case 1:
				return "", broken
			case 2:
				panic(broken)
			}
			return "good", nil
		}}
		for _, want := range []error{broken, errPanicked, nil} {
			var wg sched.WaitGroup
			for range 2 {
				wg.Go(func() {
					defer func() { _ = recover() }()
					_, err := c.Get("a")
					require.ErrorIs(t, err, want)
				})
			}
			wg.Wait()
		}
	})
}

// carelessCache looks under the lock and stores under the lock, and lets go of it to
// load, which must not be done under it.
type carelessCache struct {
	load    func(string) (string, error)
	mu      sched.Mutex
	entries race.Map[string, string]
}

func (c *carelessCache) Get(key string) (string, error) {
	c.mu.Lock()
	v, ok := c.entries.Lookup(key)
	c.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := c.load(key)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	c.entries.Store(key, v)
	c.mu.Unlock()
	return v, nil
}

func loadsTwice(*check.T) {
	var from origin
	c := &carelessCache{load: from.load}
	var wg sched.WaitGroup
	for range 3 {
		wg.Go(func() { _, _ = c.Get("a") })
	}
	wg.Wait()
}

func TestCacheLoadsTwice(t *testing.T) {
	f := finds(t, check.Config{}, "atomicity violation (check-then-act)", loadsTwice)
	assert.Contains(t, f.Summary, "c.entries")
}

// carelessSweep notes what has expired in one section and removes it in another one. A
// value that was loaded in between is removed as well.
func (c *Cache[V]) carelessSweep() {
	var old []string
	c.mu.Lock()
	for key, e := range c.entries.All() {
		if e.expired() {
			old = append(old, key)
		}
	}
	c.mu.Unlock()
	for _, key := range old {
		c.mu.Lock()
		c.entries.Delete(key)
		c.mu.Unlock()
	}
}

func sweepsFresh(t *check.T) {
	var from origin
	c := &Cache[string]{Load: from.load, TTL: time.Minute}
	_, _ = c.Get("a")
	sched.Sleep(time.Minute)
	var wg sched.WaitGroup
	wg.Go(c.carelessSweep)
	wg.Go(func() { _, _ = c.Get("a") })
	wg.Wait()
	_, _ = c.Get("a")
	require.Equal(t, int64(2), from.loads.Load())
}

func TestCacheSweepsFresh(t *testing.T) {
	finds(t, check.Config{}, "failed assertion", sweepsFresh)
}
