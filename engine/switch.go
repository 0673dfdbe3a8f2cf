package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/ravelgo/ravel/engine/event"
	"github.com/ravelgo/ravel/engine/internal/suggest"
)

// Choice is what a switch does.
type Choice[S any, K comparable] struct {
	// Key returns what to look up in Cases. Its errors and control values mean
	// what those of a step do; [Skip] skips all routes.
	Key func(ctx context.Context, s *S) (K, error)
	// Cases are compared with the key in this order. A key that cannot be
	// compared, as an interface with a slice in it, is a failure.
	Cases []Case[S, K]
	// Default is where all other keys lead. If it is nil they are a failure,
	// ErrNoRoute.
	Default *Node[S]
}

// Case is a case of a switch.
type Case[S any, K comparable] struct {
	Key K
	To  *Node[S]
}

// Switch adds a node that starts one of several nodes, by a key. What is behind
// the other routes only is left out, and holds up no join.
func Switch[S any, K comparable](p *Pipeline[S], name string, body Choice[S, K], opts NodeOptions) *Node[S] {
	n := p.add(event.Switch, name, opts)
	n.work = &switchWork[S, K]{n: n, body: body}
	if body.Key == nil {
		n.mistake("nil", "its Key is nil")
	}
	if len(body.Cases) == 0 {
		n.mistake("switch", "it has no case")
	}
	for i, c := range body.Cases {
		if _, ok := equal(c.Key, c.Key); !ok {
			n.mistake("switch", fmt.Sprintf("the key %s of a case cannot be compared", printed(c.Key)))
		}
		for _, d := range body.Cases[:i] {
			if same, _ := equal(c.Key, d.Key); same {
				n.mistake("switch", fmt.Sprintf("two cases have the key %s", printed(c.Key)))
			}
		}
		if c.To == nil {
			n.mistake("switch", fmt.Sprintf("the case of %s leads nowhere", printed(c.Key)))
			continue
		}
		n.route(c.To)
	}
	if body.Default != nil {
		n.route(body.Default)
	}
	return n
}

// route adds an edge to m unless there is one.
func (n *Node[S]) route(m *Node[S]) {
	if n.routeTo(m) == 0 {
		n.lead("a case", m)
	}
}

// routeTo returns the place of m in n.next, from 1, or 0.
func (n *Node[S]) routeTo(m *Node[S]) int {
	for i, e := range n.next {
		if e.to == m {
			return i + 1
		}
	}
	return 0
}

// switchWork is the work of a switch.
type switchWork[S any, K comparable] struct {
	n    *Node[S]
	body Choice[S, K]
}

func (w *switchWork[S, K]) run(ctx context.Context, _ *run[S], inv *invocation[S]) outcome {
	var route int
	var text string
	out := protectStage(fromStep, func() error {
		var key K
		err := inv.call(ctx, func(ctx context.Context, s *S) (err error) {
			key, err = w.body.Key(ctx, s)
			return err
		})
		if err == nil {
			route, err = w.look(key)
			text = fmt.Sprint(key)
		}
		return err
	})
	out.route, out.key = route, text
	return out
}

// look returns the route of a key.
func (w *switchWork[S, K]) look(key K) (route int, err error) {
	if _, ok := equal(key, key); !ok {
		return 0, fmt.Errorf("%w: the key %s cannot be compared", ErrNoRoute, printed(key))
	}
	for _, c := range w.body.Cases {
		if same, _ := equal(c.Key, key); same {
			return w.n.routeTo(c.To), nil
		}
	}
	if w.body.Default != nil {
		return w.n.routeTo(w.body.Default), nil
	}
	return 0, fmt.Errorf("%w: switch %q has none for %s; it has %s", ErrNoRoute, w.n.name, printed(key), w.keys(key))
}

// keys lists the keys of the cases, and which one may be meant.
func (w *switchWork[S, K]) keys(key K) string {
	var all, texts []string
	for _, c := range w.body.Cases {
		all = append(all, printed(c.Key))
		if text, ok := any(c.Key).(string); ok {
			texts = append(texts, text)
		}
	}
	list := strings.Join(all, ", ")
	if text, ok := any(key).(string); ok && len(texts) > 0 {
		list += "; " + suggest.Closest(text, texts)
	}
	return list
}

func (w *switchWork[S, K]) stubbed(fn any) (work[S], string) {
	key, ok := fn.(func(ctx context.Context, s *S) (K, error))
	if !ok || key == nil {
		return nil, fmt.Sprintf("%T", w.body.Key)
	}
	stub := *w
	stub.body.Key = key
	return &stub, ""
}

// equal reports whether two keys are equal, and whether they can be compared.
func equal[K comparable](a, b K) (same, ok bool) {
	defer func() {
		if recover() != nil {
			same, ok = false, false
		}
	}()
	return a == b, true
}

// printed is a key as messages show it.
func printed(key any) string {
	if text, ok := key.(string); ok {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(key)
}
