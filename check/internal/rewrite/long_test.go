package rewrite_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// long returns a file with n functions.
func long(n int) source {
	var b strings.Builder
	b.WriteString("package p\n\nimport \"sync\"\n\ntype s struct {\n\tsync.Mutex\n\tm map[int]int\n}\n")
	for i := range n {
		fmt.Fprintf(&b, "\nfunc (s *s) f%d(ch chan int) int {\n\ts.Lock()\n\tdefer s.Unlock()\n\tfor v := range ch {\n\t\ts.m[v] = <-ch\n\t}\n\tgo s.f%d(ch)\n\tselect {\n\tcase ch <- 1:\n\tcase v := <-ch:\n\t\treturn v\n\t}\n\treturn len(s.m)\n}\n", i, i)
	}
	return source{"/src/long.go", b.String()}
}

// The time to rewrite is about that to typecheck, and grows as the length of a file does.
func BenchmarkRewrite(b *testing.B) {
	for _, n := range []int{500, 5000} {
		b.Run(fmt.Sprint(n, " functions"), func(b *testing.B) {
			p, err := load(b, "go1.22", long(n))
			require.NoError(b, err)
			b.SetBytes(int64(len(p.Sources[0])))
			for b.Loop() {
				_, _, err := p.Rewrite()
				require.NoError(b, err)
			}
		})
	}
}
