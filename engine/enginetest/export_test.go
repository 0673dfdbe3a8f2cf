package enginetest

import "github.com/ravelgo/ravel/engine/store"

// Check audits r again.
func (r *Recording) Check(st store.Store) { r.audit(st) }
