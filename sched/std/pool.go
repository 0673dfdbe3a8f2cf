package std

import (
	"sync"
	"unsafe"

	"github.com/ravelgo/ravel/sched"
)

// poolOf returns the twin of a sync.Pool. It makes nothing: its New is nil.
func poolOf(t *sched.Task, std *sync.Pool) *sched.Pool {
	p, ok := t.Twin(unsafe.Pointer(std)).(*sched.Pool)
	if !ok {
		p = &sched.Pool{}
		t.SetTwin(unsafe.Pointer(std), p)
	}
	return p
}

// PoolGet is [sync.Pool.Get]. In a simulation it returns what the run has put last.
func PoolGet(p *sync.Pool) any {
	t := sched.Current()
	if t == nil {
		return p.Get()
	}
	v := poolOf(t, p).Get()
	if v == nil && p.New != nil {
		v = p.New()
	}
	return v
}

// PoolPut is [sync.Pool.Put].
func PoolPut(p *sync.Pool, v any) {
	if t := sched.Current(); t != nil {
		poolOf(t, p).Put(v)
		return
	}
	p.Put(v)
}
