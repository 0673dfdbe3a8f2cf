//go:build !race

#include "textflag.h"

// func callerPC() uintptr
//
// The frame of the caller begins with its return address.
TEXT ·callerPC(SB), NOSPLIT|NOFRAME, $0-8
	MOVD 0(RSP), R0
	MOVD R0, ret+0(FP)
	RET
