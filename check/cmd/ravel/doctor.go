package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ravelgo/ravel/check/internal/say"
	"github.com/ravelgo/ravel/sched"
	"github.com/ravelgo/ravel/sched/strategy"
)

func (a *app) doctorCommand() *cobra.Command {
	var how comparison
	cmd := &cobra.Command{
		Use:   "doctor [-run TestX [--runs 200] [--race] [package]] [-- build flags]",
		Short: "Look whether all is well, or why a check is not deterministic",
		Long: `Doctor looks whether ravel can work here: Go, the processor, the race detector, and the
variables of the environment.

With -run it searches that check several times in fresh processes: as usual, on one
processor, again, and with --race under the race detector; and says whether all of them
did the same. If not, the body depends on something that ravel does not control.` + codesHelp,
		Example: `  ravel doctor
  ravel doctor -run TestDeposit ./bank
  ravel doctor -run 'TestAll/sub' --runs 1000 --race`,
		RunE: func(cmd *cobra.Command, given []string) error {
			packages, flags := split(cmd, given)
			how.packages, how.flags = packages, flags
			switch {
			case how.runs < 1:
				return fmt.Errorf("--runs is %d, want a number from 1", how.runs)
			case how.test != "":
				return a.compareRuns(how)
			case len(packages) > 0:
				return fmt.Errorf("%s: a package needs -run TestX", packages[0])
			}
			return a.examine()
		},
	}
	cmd.Flags().StringVar(&how.test, "run", "", "the check to search several times, as for go test")
	cmd.Flags().IntVar(&how.runs, "runs", 200, "schedules of each search")
	cmd.Flags().BoolVar(&how.race, "race", false, "also under the race detector")
	return cmd
}

// symptom is one thing that doctor looks at.
type symptom struct {
	mark mark
	text string
}

// mark says how bad it is.
type mark string

const (
	well mark = "ok"
	note mark = "note"
	bad  mark = "bad"
)

// examine prints all that doctor looks at.
func (a *app) examine() error {
	env, err := a.goEnv()
	if err != nil {
		return err
	}
	all := []symptom{{well, fmt.Sprintf("ravel %s, %s, %s/%s", ravelVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)}}
	all = append(all, a.lookAtModule(env)...)
	all = append(all, lookAtScheduler()...)
	all = append(all, lookAtProcessor()...)
	all = append(all, lookAtRace(env))
	all = append(all, lookAtVariables(os.Environ())...)
	colours := map[mark]int{well: green, note: yellow, bad: red}
	for _, s := range all {
		a.printf("%s %s\n", a.paint(colours[s.mark], fmt.Sprintf("%-4s", s.mark)), s.text)
	}
	a.printf("%s", controlled)
	if slices.ContainsFunc(all, func(s symptom) bool { return s.mark == bad }) {
		return errFound
	}
	return nil
}

// controlled is docs/scheduler.md in short.
const controlled = `
Controlled in a check: the types and functions of sched, sched/atomic and race; which
  task goes on, whom a channel meets, which case a select takes; sched.Now, Sleep and
  timers; sched.Rand; the order of race.Map.
Not controlled: go statements, sync, real channels and select, time.Now and time.Sleep,
  math/rand without a seed, the order of a map, files and the network.
More: https://github.com/ravelgo/ravel/blob/main/docs/scheduler.md
Is a check deterministic? ravel doctor -run TestX ./package
`

// goEnv is what go env says.
func (a *app) goEnv() (map[string]string, error) {
	var out, errOut bytes.Buffer
	code, err := a.start(goTool("", "env", "-json", "GOVERSION", "GOMOD", "GOWORK", "CGO_ENABLED", "CC", "GOOS", "GOARCH"), &out, &errOut)
	if err != nil {
		return nil, err
	}
	env := map[string]string{}
	if code != 0 || json.Unmarshal(out.Bytes(), &env) != nil {
		return nil, goFailed("go env: %s", strings.TrimSpace(errOut.String()))
	}
	return env, nil
}

// lookAtModule looks at the Go version and at what go.mod says of it and of ravel.
func (a *app) lookAtModule(env map[string]string) []symptom {
	if env["GOMOD"] == "" || env["GOMOD"] == os.DevNull {
		return []symptom{{note, "no go.mod here: go to the folder of a module"}}
	}
	var all []symptom
	wants := a.goList("-m", "-f", "{{if .GoVersion}}go{{.GoVersion}}{{end}}")
	switch v := env["GOVERSION"]; {
	case wants == "":
		all = append(all, symptom{note, env["GOMOD"] + " says no version of Go"})
	case !version.IsValid(v) || version.Compare(v, wants) >= 0:
		all = append(all, symptom{well, fmt.Sprintf("%s, and go.mod wants %s", v, wants)})
	default:
		all = append(all, symptom{bad, fmt.Sprintf("%s, but go.mod wants %s: install it", v, wants)})
	}
	switch ravel := a.goList("-m", "-f", "{{.Path}} {{.Version}}{{with .Replace}} => {{.Path}}{{end}}", module); ravel {
	case "":
		return append(all, symptom{note, "go.mod does not have " + module + ": ravel test needs no more; for package check run go get " + module})
	default:
		return append(all, symptom{well, "go.mod has " + strings.TrimSpace(ravel)})
	}
}

// goList returns what go list prints, or nothing if it fails.
func (a *app) goList(args ...string) string {
	var out, errOut bytes.Buffer
	code, err := a.start(goTool("", append([]string{"list"}, args...)...), &out, &errOut)
	if code != 0 || err != nil {
		return ""
	}
	first, _, _ := strings.Cut(out.String(), "\n")
	return first
}

// lookAtScheduler runs a simulation twice, and measures it.
func lookAtScheduler() []symptom {
	const yields = 20_000
	sim := sched.NewSim(sched.Config{MaxSteps: 10 * yields})
	defer sim.Close()
	body := func() {
		for range 2 {
			sched.Go(func() {
				for range yields {
					sched.Yield()
				}
			})
		}
	}
	run := func() sched.Result {
		st := strategy.Random(1)
		st.Next()
		return *sim.Run(st, 1, body)
	}
	first := run()
	begun := time.Now()
	again := run()
	each := time.Since(begun) / time.Duration(max(1, again.Steps))
	switch {
	case first.End != nil || again.End != nil:
		return []symptom{{bad, fmt.Sprintf("a simulation of two tasks ends badly: %v", first.End)}}
	case first.Hash != again.Hash:
		return []symptom{{bad, "the same simulation did something else when it ran again"}}
	case each > 10*time.Microsecond:
		return []symptom{{note, fmt.Sprintf("simulations work, but an operation takes %v: the machine is slow or busy", each)}}
	}
	return []symptom{{well, fmt.Sprintf("simulations work: %v an operation, with a switch of tasks at every second", each)}}
}

// lookAtProcessor looks at how much of it there is, and what of it ravel knows.
func lookAtProcessor() []symptom {
	all := []symptom{{well, fmt.Sprintf("goroutines that are no tasks are recognised on %s", runtime.GOARCH)}}
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		all[0] = symptom{note, fmt.Sprintf("on %s goroutines that are no tasks are taken for the task that started them; on amd64 and arm64 they are not", runtime.GOARCH)}
	}
	cpus := symptom{well, fmt.Sprintf("%s, GOMAXPROCS %d: so many schedules are tried at once", say.Plural(runtime.NumCPU(), "processor"), runtime.GOMAXPROCS(0))}
	if runtime.GOMAXPROCS(0) < runtime.NumCPU() {
		cpus.mark = note
	}
	return append(all, cpus)
}

// raced are the systems that have the race detector.
var raced = []string{"linux/amd64", "linux/arm64", "linux/ppc64le", "linux/s390x", "linux/loong64", "linux/riscv64",
	"darwin/amd64", "darwin/arm64", "windows/amd64", "freebsd/amd64", "netbsd/amd64"}

// lookAtRace looks whether go test -race works.
func lookAtRace(env map[string]string) symptom {
	system := env["GOOS"] + "/" + env["GOARCH"]
	cc, _, _ := strings.Cut(env["CC"], " ")
	switch {
	case !slices.Contains(raced, system):
		return symptom{note, "go test -race: not for " + system}
	case env["GOOS"] == "darwin":
		return symptom{well, "go test -race works"}
	case env["CGO_ENABLED"] != "1":
		return symptom{note, "go test -race: needs CGO_ENABLED=1 and a C compiler"}
	}
	if _, err := exec.LookPath(cc); err != nil {
		return symptom{note, fmt.Sprintf("go test -race: needs a C compiler, and there is no %s", cc)}
	}
	return symptom{well, "go test -race works: cgo is on, and there is " + cc}
}
