package access

import "sync/atomic"

// arrived is set when code that is compiled for it has run.
var arrived atomic.Bool

// Arrived reports whether code has run so far that tells of its accesses: if not,
// either there is none in the program, or its calls do not arrive.
func Arrived() bool { return Hooked() && arrived.Load() }
