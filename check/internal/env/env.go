// Package env reads the variables of the environment that package check looks at. The
// errors say what is wanted.
package env

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Seed reads RAVEL_SEED: a number, or whether it is to be random.
func Seed(text string) (seed uint64, random bool, err error) {
	if text == "random" {
		return 0, true, nil
	}
	seed, err = strconv.ParseUint(text, 0, 64)
	if err != nil {
		return 0, false, errors.New(`want a number or "random"`)
	}
	return seed, false, nil
}

// Runs reads RAVEL_RUNS.
func Runs(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, errors.New("want a number from 1")
	}
	return n, nil
}

// Time reads RAVEL_TIME.
func Time(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, errors.New("want a time such as 30s or 5m")
	}
	return d, nil
}

// Slack reads RAVEL_SLACK.
func Slack(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, errors.New("want a time such as 100us, or 0")
	}
	return d, nil
}

// Shard reads RAVEL_SHARD: the number of a shard, from 0, and how many there are.
func Shard(text string) (i, n uint64, err error) {
	first, second, _ := strings.Cut(text, "/")
	i, err = strconv.ParseUint(first, 10, 32)
	n, err2 := strconv.ParseUint(second, 10, 32)
	if err != nil || err2 != nil || i >= n {
		return 0, 0, errors.New("want a number and how many there are, such as 0/64 to 63/64")
	}
	return i, n, nil
}

// Saved reads RAVEL_SAVED: whether saved traces are tried first, and new ones saved.
func Saved(text string) (tried, saved bool, err error) {
	switch text {
	case "":
		return true, true, nil
	case "skip":
		return false, true, nil
	case "off":
		return false, false, nil
	}
	return false, false, errors.New("want skip or off")
}
