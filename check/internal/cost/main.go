// Command cost measures what control costs a build: the time to build the tests of a
// module as they are, with the race detector, and with ravel test; for the first time,
// after an edit of one file, and without a change.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

func main() {
	module := flag.String("module", "go.etcd.io/raft/v3@v3.7.0", "which module to build, as go get has it")
	pkg := flag.String("package", ".", "the package whose tests are built, seen from its root")
	file := flag.String("file", "raft.go", "the file to edit")
	flag.Parse()
	if err := run(*module, *pkg, *file); err != nil {
		fmt.Fprintln(os.Stderr, "cost:", err)
		os.Exit(1)
	}
}

// bench is a copy of a module, and a folder for what it is built with.
type bench struct{ dir, scratch, pkg, file string }

// way is how to build.
type way struct {
	name    string
	command []string
}

func run(module, pkg, file string) error {
	scratch, err := os.MkdirTemp("", "cost")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	b := bench{dir: filepath.Join(scratch, "module"), scratch: scratch, pkg: pkg, file: file}
	if err := b.fetch(module); err != nil {
		return err
	}
	ravel := filepath.Join(scratch, "ravel")
	if err := b.command("", nil, "go", "build", "-o", ravel, "github.com/ravelgo/ravel/check/cmd/ravel"); err != nil {
		return err
	}
	fmt.Printf("%s, %s, %s/%s, %d CPUs\n\n", module, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	fmt.Println("| build | first | one file edited | no change |\n|---|---|---|---|")
	for _, w := range []way{{"go test", []string{"go", "test"}}, {"go test -race", []string{"go", "test", "-race"}}, {"ravel test", []string{ravel, "test"}}} {
		if err := b.measure(w); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return nil
}

// fetch makes a copy of a module, which can be edited.
func (b *bench) fetch(module string) error {
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	if err != nil {
		return fmt.Errorf("go mod download %s: %w", module, err)
	}
	_, dir, ok := strings.Cut(string(out), `"Dir": "`)
	if !ok {
		return errors.New("go mod download names no folder")
	}
	dir, _, _ = strings.Cut(dir, `"`)
	if err := os.CopyFS(b.dir, os.DirFS(dir)); err != nil {
		return err
	}
	if err := b.command(b.dir, nil, "chmod", "-R", "u+w", "."); err != nil {
		return err
	}
	return b.command(b.dir, nil, "go", "mod", "download")
}

// measure builds in one way, with a build cache of its own in which only what go test
// needs of the standard library is.
func (b *bench) measure(w way) error {
	cache := filepath.Join(b.scratch, strings.ReplaceAll(w.name, " ", ""))
	env := []string{"GOCACHE=" + cache, "GOFLAGS=", "GOWORK=off", "XDG_CACHE_HOME=" + cache}
	if err := b.command(b.dir, env, "go", "build", "std"); err != nil {
		return err
	}
	row := []string{w.name}
	for _, edit := range []bool{false, true, false} {
		if edit {
			if err := b.edit(); err != nil {
				return err
			}
		}
		begun := time.Now()
		args := append(w.command[1:], "-c", "-o", filepath.Join(b.scratch, "out.test"), b.pkg)
		if err := b.command(b.dir, env, w.command[0], args...); err != nil {
			return err
		}
		row = append(row, fmt.Sprintf("%.1f s", time.Since(begun).Seconds()))
	}
	fmt.Printf("| %s |\n", strings.Join(row, " | "))
	return nil
}

// edit adds a declaration to the file: its package has to be compiled again.
func (b *bench) edit() error {
	f, err := os.OpenFile(filepath.Join(b.dir, b.file), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "\nvar edited%d = len(\"edited\")\n", time.Now().UnixNano())
	return errors.Join(err, f.Close())
}

func (b *bench) command(dir string, env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}
