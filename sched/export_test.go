package sched

// RaceEnabled tells tests whether the race detector watches them.
const RaceEnabled = raceEnabled
