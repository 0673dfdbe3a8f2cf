package otel

import "github.com/ravelgo/ravel/engine"

// Kept returns how many runs an observer knows.
func Kept(o engine.Observer) int { return len(o.(*observer).streams) }

// KeptInvocations returns how many invocations an observer knows, ended or not.
func KeptInvocations(o engine.Observer) int {
	n := 0
	for _, s := range o.(*observer).streams {
		for _, r := range s.runs {
			n += len(r.invocations) + len(r.ended)
		}
	}
	return n
}
