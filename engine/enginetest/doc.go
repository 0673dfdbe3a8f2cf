// Package enginetest records what a pipeline does in a test, and asks it.
//
// [Record] runs a pipeline in a simulation, on one schedule that is always the same, and
// checks that its events are such as can be: that each attempt has one end, limits hold,
// joins wait. A test compares the line of [Recording.Trace], or asks what it wants to know:
//
//	r := enginetest.Record(t, orders(), &Order{}, engine.RunOptions{})
//	assert.Equal(t, 3, r.Attempts("pay"))
//	assert.True(t, r.Before("pay", "pages[0]/parse"))
//
// In the body of a check the same lines run on the schedules of a search. [Trace] and
// [Audit] are for events that come from elsewhere.
package enginetest
