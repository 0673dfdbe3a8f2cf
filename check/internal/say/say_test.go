package say_test

import (
	"os/exec"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check/internal/say"
)

func TestPlural(t *testing.T) {
	assert.Equal(t, "0 runs, 1 run, 2 runs", say.Plural(0, "run")+", "+say.Plural(1, "run")+", "+say.Plural(2, "run"))
}

func TestPattern(t *testing.T) {
	assert.Equal(t, "^TestA$/^b.c$", regexp.MustCompile(`\\`).ReplaceAllString(say.Pattern("TestA/b.c"), ""))
	assert.Equal(t, `^TestA$/^b\.c$`, say.Pattern("TestA/b.c"))
}

// What is quoted is one word to a shell, and the same.
func TestQuote(t *testing.T) {
	for _, text := range []string{"", "a", "a b", "it's", `$HOME "x" \`, "*", "a\nb", "~", "^TestA$", "a;b&c|d"} {
		out, err := exec.Command("sh", "-c", "printf %s "+say.Quote(text)).Output()
		require.NoError(t, err)
		assert.Equal(t, text, string(out))
	}
}
