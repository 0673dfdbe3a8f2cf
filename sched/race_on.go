//go:build race

package sched

// raceEnabled says that the program is built with -race.
const raceEnabled = true
