//go:build !race

#include "textflag.h"

// func callerPC() uintptr
//
// The frame pointer is that of the caller, with its return address above it.
TEXT ·callerPC(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ 8(BP), AX
	MOVQ AX, ret+0(FP)
	RET
