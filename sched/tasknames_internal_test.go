package sched

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestStartedIn(t *testing.T) {
	for line, want := range map[string]string{
		"\tgo worker(jobs, results)":       "worker",
		"go s.pool.run()":                  "run",
		"go consume[int](ch)":              "consume",
		"for range 3 { go pkg.Serve(l) }":  "Serve",
		"go func() {":                      "",
		"go func(i int) { go work(i) }(i)": "",
		"wg.Go(func() { s.n++ })":          "",
		"ergo(x)":                          "",
		"go (<-fns)()":                     "",
		"go a(); go b()":                   "",
		"":                                 "",
		`fmt.Println("ready"); go größe.Läuft()`: "Läuft",
	} {
		assert.Equal(t, want, startedIn(line), line)
	}
}

func TestStackName(t *testing.T) {
	for function, want := range map[string]string{
		"example.com/counter.Work.func1":              "Work.func1",
		"example.com/counter.(*Server).Run.func1.2":   "Server.Run.func1.2",
		"example.com/v1.2/counter.Map[...].All.func1": "Map.All.func1",
		"main.main.func1":                             "main.func1",
		"example.com/counter.worker":                  "worker",
	} {
		assert.Equal(t, want, stackName(function), function)
	}
}
