//go:build !race

package guide

const raceDetector = false
