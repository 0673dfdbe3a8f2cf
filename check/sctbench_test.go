package check_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ravelgo/ravel/check"
	"github.com/ravelgo/ravel/check/internal/sctbench"
)

// kindsOf are the kinds of findings by what a program of the benchmark shows.
var kindsOf = map[string][]string{
	"assertion": {"failed assertion"},
	"panic":     {"panic"},
	"stuck":     {"deadlock", "tasks left blocked"},
}

// byDefault measures the default search on a program.
func byDefault(p sctbench.Program, seeds, runs int) sctbench.Score {
	return sctbench.Summarise(seeds, func(seed uint64) int {
		cfg := check.Config{Seed: seed, Runs: runs, Workers: 1}
		return cfg.FirstRun(p.Name, func(t *check.T) { p.Bad(t) }, kindsOf[p.Kind]...)
	})
}

// The default search finds every bug, with every seed.
func TestSctbench(t *testing.T) {
	for _, p := range sctbench.Programs() {
		t.Run(p.Name, func(t *testing.T) {
			seeds, runs := sctbench.Seeds, 1000
			if testing.Short() {
				seeds = 2
			}
			if p.Always {
				runs = 10
			}
			score := byDefault(p, seeds, runs)
			assert.Equal(t, seeds, score.Found)
			if p.Always {
				assert.Equal(t, 1., score.Median)
			}
		})
	}
}

// TestSctbenchTable prints how soon the default search and each strategy finds
// the bugs, beside what others have published.
func TestSctbenchTable(t *testing.T) {
	if os.Getenv("RAVEL_SCTBENCH") == "" {
		t.Skip("run by make sctbench")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nMedian schedules to the first bug over %d seeds; (n) if fewer than all found it in %d schedules.\n\n",
		sctbench.Seeds, sctbench.Runs)
	head := []string{"program", "default"}
	for _, s := range sctbench.Strategies() {
		head = append(head, s.Name)
	}
	fmt.Fprintln(&b, row(append(head, "published: PCT-3", "POS", "random", "URW", "SURW")))
	fmt.Fprintln(&b, "|"+strings.Repeat("---|", len(head)+5))
	programs := sctbench.Programs()
	lines := make([]string, len(programs))
	var wg sync.WaitGroup
	for i, p := range programs {
		wg.Go(func() {
			cells := []string{p.Name, cell(byDefault(p, sctbench.Seeds, 1000))}
			for _, s := range sctbench.Strategies() {
				cells = append(cells, cell(sctbench.Measure(p, s.New)))
				kind := sctbench.False(p, s.New(1), sctbench.Runs)
				assert.Empty(t, kind, "the correct twin of %s under %s", p.Name, s.Name)
			}
			quiet := check.Config{Runs: sctbench.Runs, Workers: 1}.Search(p.Name, func(t *check.T) { p.Good(t) })
			assert.False(t, slices.ContainsFunc(quiet.Findings, func(f check.Finding) bool {
				return slices.Contains(kindsOf[p.Kind], f.Kind)
			}), "the correct twin of %s by default", p.Name)
			for _, m := range p.Published {
				if m == 0 {
					cells = append(cells, "")
				} else {
					cells = append(cells, fmt.Sprint(m))
				}
			}
			lines[i] = row(cells)
		})
	}
	wg.Wait()
	fmt.Fprintln(&b, strings.Join(lines, "\n"))
	if !t.Failed() {
		fmt.Fprintf(&b, "\nThe correct twins: no false finding in %d schedules of each, in every column.\n", sctbench.Runs)
	}
	fmt.Println(b.String())
}

func row(cells []string) string { return "| " + strings.Join(cells, " | ") + " |" }

func cell(s sctbench.Score) string {
	if s.Found < sctbench.Seeds {
		return fmt.Sprintf("%v (%d)", s.Median, s.Found)
	}
	return fmt.Sprint(s.Median)
}
