package sched

import "sync"

// Pool is a [sync.Pool]. Get and Put are scheduling points.
//
// In a simulation Get returns what was put last in this run, which brings to
// light those who go on using what they have put; nothing is ever dropped.
type Pool struct {
	// New makes a value for a Get that finds none. If it is nil such a Get
	// returns nil. It must not be changed while the pool is used.
	New func() any

	std sync.Pool
	obj Object
}

// Get takes a value out of the pool, any of them, or makes one by New.
func (p *Pool) Get() any {
	t := Current()
	var v any
	if t == nil {
		v = p.std.Get()
	} else {
		v = p.get(t)
	}
	if v == nil && p.New != nil {
		v = p.New()
	}
	return v
}

// Put adds v to the pool; nil is ignored.
func (p *Pool) Put(v any) {
	if v == nil {
		return
	}
	t := Current()
	if t == nil {
		p.std.Put(v)
		return
	}
	o, held := p.in(t)
	t.point(opPut, o, -1)
	slot := int32(len(*held))
	*held = append(*held, v)
	t.effect(EventReplace, o, slot, false)
	t.Value(v)
}

func (p *Pool) get(t *Task) any {
	o, held := p.in(t)
	t.point(opGet, o, -1)
	last := len(*held) - 1
	if last < 0 {
		return nil
	}
	v := (*held)[last]
	*held = (*held)[:last]
	t.effect(EventAcquire, o, int32(last), false)
	t.Value(v)
	return v
}

// in binds p, and returns the values of this run.
func (p *Pool) in(t *Task) (*object, *[]any) {
	o := p.obj.in(t, kindPool)
	if !o.flag {
		o.flag, o.data = true, &[]any{}
	}
	return o, o.data.(*[]any)
}
