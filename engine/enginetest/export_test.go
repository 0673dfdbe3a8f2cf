package enginetest

// Check audits r again.
func (r *Recording) Check() { r.audit() }
