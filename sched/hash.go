package sched

import "strconv"

const (
	hashStart = 0xcbf29ce484222325
	hashPrime = 0x100000001b3
)

// hashString is FNV-1a.
func hashString(text string) uint64 {
	h := uint64(hashStart)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * hashPrime
	}
	return h
}

// spread makes every bit of h matter for the upper half of the result, and the
// upper half for the lower one.
func spread(h uint64) uint64 {
	h *= 0x9e3779b97f4a7c15
	return h ^ h>>32
}

// mix returns a well spread function of its arguments (the finaliser of
// SplitMix64, Steele et al., OOPSLA 2014).
func mix(a, b uint64) uint64 {
	z := a + (b+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func itoa(n int) string { return strconv.Itoa(n) }
