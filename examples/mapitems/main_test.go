package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/engine"
)

const want = `1 What this is about
2 How to install it
4 Questions
5 What is new
4 titles, 1 page not found
`

// On goroutines.
func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(context.Background(), &out))
	assert.Equal(t, want, out.String())
}

// On every schedule, whichever page is there first.
func TestEverySchedule(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second, AnyTime: true}.Run(t, func(t *check.T) {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out))
		require.Equal(t, want, out.String())
	})
}

var names = []string{"introduction", "install", "faq", "news"}

// Never more than three pages at once.
func TestLimit(t *testing.T) {
	check.Config{Runs: 10_000, Time: time.Second, AnyTime: true}.Run(t, func(t *check.T) {
		list := &List{Site: newSite(), Names: names}
		_, err := pipeline().Run(t.Context(), list, engine.RunOptions{})
		require.NoError(t, err)
		require.LessOrEqual(t, list.Site.Peak(), 3)
	})
}

// Those who append what they have found in Do need a lock, and have their results
// in any order even then.
func TestAppendInDo(t *testing.T) {
	r := check.Config{}.Search(t.Name(), func(t *check.T) {
		p := engine.New[List]("list", engine.Options{})
		engine.Map(p, "titles", engine.Each[List, string]{
			Items: titles.Items,
			Do: func(ctx context.Context, l *List, name string) error {
				title, err := l.Site.Title(ctx, name)
				l.Titles.Append(title)
				return err
			},
		}, engine.MapOptions{MaxConcurrency: 3})
		_, err := p.Run(t.Context(), &List{Site: newSite(), Names: names}, engine.RunOptions{})
		require.NoError(t, err)
	})
	require.NotEmpty(t, r.Findings)
	assert.Contains(t, r.Findings[0].Summary, "lost update on List.Titles")
}
