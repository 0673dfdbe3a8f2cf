// Command table prints how soon each strategy finds the bugs of package sctbench,
// beside what others have published.
package main

import (
	"fmt"
	"strings"
	"sync"

	"github.com/ravelgo/ravel/check/internal/sctbench"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

var strategies = []struct {
	name string
	make func(seed uint64) sched.Strategy
}{
	{"PCT-3", func(seed uint64) sched.Strategy { return strategy.PCT(seed, 3) }},
	{"POS", strategy.POS},
	{"random", strategy.Random},
	{"URW", func(seed uint64) sched.Strategy { return strategy.URW(seed) }},
	{"SURW", func(seed uint64) sched.Strategy { return strategy.SURW(seed) }},
	{"reads-from", func(seed uint64) sched.Strategy { return strategy.ReadsFrom(seed) }},
	{"portfolio", func(seed uint64) sched.Strategy { return strategy.Portfolio(seed, sctbench.Runs) }},
}

func main() {
	fmt.Printf("Median schedules to the first bug over %d seeds; (n) if fewer than all found it in %d schedules.\n\n", sctbench.Seeds, sctbench.Runs)
	var names []string
	for _, s := range strategies {
		names = append(names, s.name)
	}
	fmt.Println("| program | " + strings.Join(names, " | ") + " | published: PCT-3 | POS | random | URW | SURW |")
	fmt.Println("|---" + strings.Repeat("|---", len(names)+5) + "|")
	programs := sctbench.Programs()
	lines, alarms := make([]string, len(programs)), make([]int, len(programs))
	var wg sync.WaitGroup
	for i, p := range programs {
		wg.Go(func() {
			lines[i] = line(p)
			for _, s := range strategies {
				if kind := sctbench.False(p, s.make(1), sctbench.Runs); kind != "" {
					alarms[i]++
				}
			}
		})
	}
	wg.Wait()
	fmt.Println(strings.Join(lines, "\n"))
	total := 0
	for _, n := range alarms {
		total += n
	}
	fmt.Printf("\nThe correct twins: %d false findings in %d schedules of each program and strategy.\n", total, sctbench.Runs)
}

func line(p sctbench.Program) string {
	cells := []string{p.Name}
	for _, s := range strategies {
		score := sctbench.Measure(p, s.make)
		cell := fmt.Sprint(score.Median)
		if score.Found < sctbench.Seeds {
			cell = fmt.Sprintf("%v (%d)", score.Median, score.Found)
		}
		cells = append(cells, cell)
	}
	for _, m := range p.Published {
		if cell := fmt.Sprint(m); m > 0 {
			cells = append(cells, cell)
		} else {
			cells = append(cells, "")
		}
	}
	return "| " + strings.Join(cells, " | ") + " |"
}
