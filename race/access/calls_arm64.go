//go:build !race

package access

// Sizes of a call, and of what is looked at from one place to the next.
const (
	callSize = 4
	step     = 4
)

// target returns where the call goes that returns to an address: BL and how far it
// is, in words; 0 if there is no call.
func target(ret uintptr) uintptr {
	code := word(ret - callSize)
	if uint32(code)>>26 != 0b100101 {
		return 0
	}
	return ret - callSize + uintptr(int64(code<<6>>6)*4)
}
