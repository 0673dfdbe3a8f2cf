package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ravelgo/ravel/check/internal/say"
)

func (a *app) exportCommand() *cobra.Command {
	var format, to string
	cmd := &cobra.Command{
		Use:   "export --format " + strings.Join(formatNames(), "|") + " [-o FILE] DIR",
		Short: "Make one document of a folder of reports",
		Long: `Export reads all that go test has written into a folder of RAVEL_REPORT and writes one
document of it, to the standard output or to a file:

  sarif     for code scanning, such as that of GitHub
  junit     for the test reports of most CI
  github    annotations of GitHub Actions, to print in a job
  perfetto  the schedule of the one finding, for ui.perfetto.dev
  html      a page of the one finding

Perfetto and html are about one finding: where there are more, name the folder of a test
or the .json of a report.` + codesHelp,
		Example: `  RAVEL_REPORT=/tmp/reports go test ./...
  ravel export --format junit /tmp/reports -o junit.xml
  ravel export --format sarif /tmp/reports > ravel.sarif`,
		Args: args(1, 1),
		RunE: func(_ *cobra.Command, given []string) error {
			p, err := readPublished(given[0])
			if err != nil {
				return err
			}
			data, err := export(format, given[0], p)
			if err != nil {
				return err
			}
			return a.write(to, data)
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "one of "+strings.Join(formatNames(), ", "))
	cmd.Flags().StringVarP(&to, "output", "o", "", "write to `FILE` instead of the standard output")
	return cmd
}

// readPublished reads a folder that is there, or one report.
func readPublished(name string) (*published, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%s: no such folder; RAVEL_REPORT=%s go test ./... makes it", name, say.Quote(absolute(name)))
	case err != nil:
		return nil, named(name, err)
	}
	p := &published{}
	if info.IsDir() {
		p, err = readFolder(name)
	} else {
		err = p.add(name)
	}
	if err == nil && len(p.searches)+len(p.reports) == 0 {
		err = fmt.Errorf("%s: there are no reports; RAVEL_REPORT=%s go test ./... writes them", name, say.Quote(name))
	}
	return p, err
}

// export makes a document of what was published.
func export(format, name string, p *published) ([]byte, error) {
	for _, f := range formats {
		if f.name != format {
			continue
		}
		if f.one != nil {
			if len(p.reports) != 1 {
				return nil, fmt.Errorf("%s: there are %s, and %s is about one: name its .json", name, say.Plural(len(p.reports), "report"), format)
			}
			return f.one(p.reports[0]), nil
		}
		return f.all(p), nil
	}
	want := "want --format " + strings.Join(formatNames(), ", ")
	if format == "" {
		return nil, errors.New("which format? " + want)
	}
	return nil, fmt.Errorf("format %q, %s", format, want)
}

// absolute returns an absolute name, as RAVEL_REPORT needs it: a relative one is looked
// up in the folder of each package.
func absolute(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return name
}
