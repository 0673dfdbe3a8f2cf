#!/bin/bash -eu
# Builds the fuzz targets of ./fuzz for libFuzzer.

# The builder puts its own testing package over that of the toolchain. Go refuses that
# below the module cache, where it keeps a toolchain that it has downloaded because
# go.mod asks for a newer one. So such a toolchain is copied.
goroot=$(go env GOROOT)
if [[ "$goroot" == "$(go env GOMODCACHE)"* ]]; then
	copy=$(mktemp -d)
	cp -r "$goroot/." "$copy"
	chmod -R u+rwX "$copy"
	export GOROOT=$copy PATH=$copy/bin:$PATH GOTOOLCHAIN=local
fi

# Targets run their simulations on goroutines of their own: libFuzzer calls a target from C,
# on a goroutine that is locked to its thread, where a simulation must not be closed.
for target in FuzzTrace FuzzReport FuzzCodec FuzzProgram FuzzEngine; do
	compile_native_go_fuzzer_v2 github.com/ravelgo/ravel/fuzz $target $target
	test -x "$OUT/$target" # the builder does not fail if it finds no such function
done
