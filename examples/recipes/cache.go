package recipes

import (
	"errors"
	"time"

	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// Cache keeps what Load returns for a key until TTL has passed since. Callers that
// want the same key at once share one call of Load. An error is not kept.
type Cache[V any] struct {
	Load func(key string) (V, error)
	TTL  time.Duration

	mu      sched.Mutex // guards entries
	entries race.Map[string, *entry[V]]
}

// entry is a value that is there, or on its way.
type entry[V any] struct {
	done  sched.Chan[struct{}] // closed when the fields below are set
	value race.Var[V]
	err   race.Var[error]
	until race.Var[time.Time]
}

var errPanicked = errors.New("cache: Load panicked")

// Get returns the value of key.
func (c *Cache[V]) Get(key string) (V, error) {
	e, mine := c.claim(key)
	if mine {
		c.fill(key, e)
	}
	e.done.Recv()
	return e.value.Load(), e.err.Load()
}

// claim returns the entry of key, and whether the caller has made it and must fill it.
func (c *Cache[V]) claim(key string) (e *entry[V], mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries.Lookup(key); ok && !e.expired() {
		return e, false
	}
	e = &entry[V]{done: sched.NewChan[struct{}](0)}
	c.entries.Store(key, e)
	return e, true
}

// fill loads the value of an entry and tells those who wait for it.
func (c *Cache[V]) fill(key string, e *entry[V]) {
	defer e.done.Close()
	e.err.Set(errPanicked)
	v, err := c.Load(key)
	e.value.Set(v)
	e.err.Set(err)
	e.until.Set(sched.Now().Add(c.TTL))
	if err != nil {
		c.drop(key, e)
	}
}

// drop removes e, if it is still there.
func (c *Cache[V]) drop(key string, e *entry[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries.Load(key) == e {
		c.entries.Delete(key)
	}
}

// expired reports whether the value is there, but no longer to be used.
func (e *entry[V]) expired() bool {
	if sched.TrySelect(e.done.Receiving(nil, nil)) < 0 {
		return false // on its way
	}
	return !sched.Now().Before(e.until.Load())
}

// Sweep removes what has expired.
func (c *Cache[V]) Sweep() {
	c.mu.Lock()
	defer c.mu.Unlock()
	var old []string
	for key, e := range c.entries.All() {
		if e.expired() {
			old = append(old, key)
		}
	}
	for _, key := range old {
		c.entries.Delete(key)
	}
}
