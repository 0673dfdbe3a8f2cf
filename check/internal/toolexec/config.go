package toolexec

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Config is what a build has to know.
type Config struct {
	// ID stands for the rewriter and the archives: a build with another one is
	// another build.
	ID string
	// Archives are the compiled packages, by import path, that rewritten code and the
	// main packages of tests need.
	Archives map[string]string
}

// Save writes c into a folder, which it makes, and returns the name of the file. The
// same c has the same name.
func (c Config) Save(folder string) (string, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", err
	}
	name := filepath.Join(folder, fmt.Sprintf("%x.json", sha256.Sum256(text))[:16]+".json")
	if old, err := os.ReadFile(name); err == nil && string(old) == string(text) {
		return name, nil
	}
	f, err := os.CreateTemp(folder, "new")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(text); err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	return name, os.Rename(f.Name(), name)
}

func load(name string) (c Config, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return c, err
	}
	err = json.Unmarshal(text, &c)
	return c, err
}

// importcfg is where the compiler and the linker find packages.
type importcfg struct {
	lines []string
	files map[string]string // by path
	paths map[string]string // by what source files import, where that is another one
}

func readImportcfg(name string) (*importcfg, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c := &importcfg{files: map[string]string{}, paths: map[string]string{}}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		c.lines = append(c.lines, lines.Text())
		verb, rest, _ := strings.Cut(lines.Text(), " ")
		name, is, _ := strings.Cut(rest, "=")
		switch verb {
		case "packagefile":
			c.files[name] = is
		case "importmap":
			c.paths[name] = is
		}
	}
	return c, lines.Err()
}

// open opens the archive of what a source file imports.
func (c *importcfg) open(path string) (io.ReadCloser, error) {
	file, ok := c.files[cmp.Or(c.paths[path], path)]
	if !ok {
		return nil, fmt.Errorf("no archive of %s", path)
	}
	return os.Open(file)
}

// add adds archives of packages that are not there yet.
func (c *importcfg) add(archives map[string]string) error {
	for _, path := range slices.Sorted(maps.Keys(archives)) {
		if _, ok := c.files[path]; ok {
			continue
		}
		file := archives[path]
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("the archive of %s is no longer in the build cache: run ravel test, or ravel test -flags, again", path)
		}
		c.files[path] = file
		c.lines = append(c.lines, "packagefile "+path+"="+file)
	}
	return nil
}

func (c *importcfg) write(name string) error {
	return os.WriteFile(name, []byte(strings.Join(c.lines, "\n")+"\n"), 0o666)
}

// provide makes the tool find the archives of the configuration too.
func (t *tool) provide(c Config) (*importcfg, error) {
	name, i := t.value("-importcfg")
	if i < 0 {
		return nil, fmt.Errorf("%s is run without -importcfg", t.path)
	}
	cfg, err := readImportcfg(name)
	if err != nil {
		return nil, err
	}
	if err := cfg.add(c.Archives); err != nil {
		return nil, err
	}
	t.args[i] = name + ".ravel"
	return cfg, cfg.write(t.args[i])
}

// link lets the linker find what was added to the packages.
func (t *tool) link() error {
	if !strings.HasSuffix(os.Getenv("TOOLEXEC_IMPORTPATH"), ".test") {
		return nil
	}
	c, err := load(t.config)
	if err != nil {
		return err
	}
	if _, err = t.provide(c); err != nil {
		return err
	}
	t.args = lenient(t.args)
	return nil
}

// lenient adds a setting to the arguments of the linker: the runtime of the program does
// not end the process when it finds a word on a stack that should be a pointer and is
// not. For the compiler a variable begins before the access that sets it: what the race
// pass calls there runs with a variable that has not been set, and in a build with -race
// it never needs a look at the stack. Here it may.
func lenient(args []string) []string {
	const flag, setting = "-X=runtime.godebugDefault=", "invalidptr=0"
	for i, a := range args {
		if list, ok := strings.CutPrefix(a, flag); ok {
			all := slices.Clone(args)
			all[i] = flag + strings.TrimPrefix(list+","+setting, ",")
			return all
		}
	}
	return append([]string{flag + setting}, args...)
}
