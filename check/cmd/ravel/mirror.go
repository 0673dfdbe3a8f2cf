package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// mirror makes a folder that shows all that is in the folder of a package but its
// saved traces: a test that runs there does not try them first, and the traces that
// it saves do not stay.
func mirror(dir, to string) error {
	if err := link(dir, to, "testdata"); err != nil {
		return err
	}
	err := link(filepath.Join(dir, "testdata"), filepath.Join(to, "testdata"), "ravel")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// link makes a folder with links to all that is in another one, but for one name.
func link(dir, to, but string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == but {
			continue
		}
		if err := os.Symlink(filepath.Join(dir, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// copyTree copies the files below a folder, over those that are there. A folder
// that does not exist has none.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(name string, e fs.DirEntry, err error) error {
		if name == from && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o666)
	})
}
