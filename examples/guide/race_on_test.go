//go:build race

package guide

// raceDetector says that every access to memory takes many times as long.
const raceDetector = true
