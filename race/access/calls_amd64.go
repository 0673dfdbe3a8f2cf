//go:build !race

package access

// Sizes of a call, and of what is looked at from one place to the next.
const (
	callSize = 5
	step     = 1
)

// target returns where the call goes that returns to an address: E8 and how far it
// is; 0 if there is no call.
func target(ret uintptr) uintptr {
	if uint8(word(ret-callSize)) != 0xe8 {
		return 0
	}
	return ret + uintptr(int64(word(ret-4)))
}
