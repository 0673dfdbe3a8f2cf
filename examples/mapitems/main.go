// Command mapitems fetches the titles of some pages, three at a time, and lists
// them in the order in which they were asked for.
//
// Look at titles: Do is called for several items at once and returns a result;
// Collect is called with the results, in the order of the items and one after the
// other, and writes the state without a lock. MaxConcurrency is the limit.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/ravelgo/ravel/engine"
	"github.com/ravelgo/ravel/race"
	"github.com/ravelgo/ravel/sched"
)

// List is the state of a run: where the pages come from, what is asked for, and
// what was found.
type List struct {
	Site   *Site
	Names  []string
	Titles race.Slice[string]
}

// pipeline returns a map over the names.
func pipeline() *engine.Pipeline[List] {
	p := engine.New[List]("list", engine.Options{})
	engine.MapGather(p, "titles", titles, engine.MapOptions{MaxConcurrency: 3})
	return p
}

var titles = engine.Gather[List, string, string]{
	Items: engine.Slice(func(_ context.Context, l *List) ([]string, error) { return l.Names, nil }),
	Do: func(ctx context.Context, l *List, name string) (string, error) {
		title, err := l.Site.Title(ctx, name)
		if errors.Is(err, errNoPage) {
			return "", engine.Skip // this item has no result
		}
		return title, err
	},
	Collect: func(_ context.Context, l *List, index int, title string) error {
		l.Titles.Append(fmt.Sprintf("%d %s", index+1, title))
		return nil
	},
}

// Site stands for a server, which takes its time.
type Site struct {
	titles map[string]string
	load   sched.Guarded[load]
}

// load is how many requests there are, and were at most.
type load struct{ now, peak int }

var errNoPage = errors.New("no such page")

// Title returns the title of a page.
func (s *Site) Title(ctx context.Context, name string) (string, error) {
	s.load.Do(func(l *load) { l.now++; l.peak = max(l.peak, l.now) })
	defer s.load.Do(func(l *load) { l.now-- })
	sched.Sleep(time.Duration(len(name)) * time.Millisecond) // other pages take longer
	if err := ctx.Err(); err != nil {
		return "", err
	}
	title, ok := s.titles[name]
	if !ok {
		return "", errNoPage
	}
	return title, nil
}

// Peak returns how many requests there were at once.
func (s *Site) Peak() (n int) {
	s.load.Do(func(l *load) { n = l.peak })
	return n
}

// newSite returns a site with some pages.
func newSite() *Site {
	return &Site{titles: map[string]string{
		"introduction": "What this is about", "faq": "Questions", "install": "How to install it", "news": "What is new"}}
}

// run prints the titles of some pages.
func run(ctx context.Context, out io.Writer) error {
	list := &List{Site: newSite(), Names: []string{"introduction", "install", "tutorial", "faq", "news"}}
	result, err := pipeline().Run(ctx, list, engine.RunOptions{})
	if err != nil {
		return err
	}
	for _, title := range list.Titles.All() {
		fmt.Fprintln(out, title)
	}
	fmt.Fprintf(out, "%d titles, %d page not found\n", list.Titles.Len(), result.Metrics.Nodes[0].Skipped)
	return nil
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mapitems:", err)
		os.Exit(1)
	}
}
