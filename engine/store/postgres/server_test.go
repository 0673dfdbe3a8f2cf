//go:build linux

package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

// server is a PostgreSQL server of these tests' own, which listens on a socket in
// its directory only.
type server struct {
	bin, dir string
	account  *syscall.Credential // that it runs as; nil for that of the tests
	process  *exec.Cmd
	log      sync.WaitGroup
}

// errNoServer says that PostgreSQL is not installed.
var errNoServer = errors.New("no PostgreSQL server: want initdb and postgres in /usr/lib/postgresql/*/bin")

var (
	// theServer starts it at the first call.
	theServer = sync.OnceValues(startServer)
	started   *server // by theServer; nil if no test needed it
)

func TestMain(m *testing.M) {
	code := m.Run()
	if started != nil {
		started.stop()
		started.remove()
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Println(err)
		code = 1
	}
	os.Exit(code)
}

// url returns the address of the server. Without one it skips the test, or fails
// it if RAVEL_POSTGRES is required.
func url(t testing.TB) string {
	t.Helper()
	s, err := theServer()
	if errors.Is(err, errNoServer) && os.Getenv("RAVEL_POSTGRES") != "required" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.url()
}

func startServer() (*server, error) {
	s, err := newServer()
	if err != nil {
		return nil, err
	}
	if err := s.start(); err != nil {
		s.remove()
		return nil, err
	}
	started = s
	return s, nil
}

// newServer makes a cluster of databases in a new directory.
func newServer() (*server, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return nil, errNoServer
	}
	dir, err := os.MkdirTemp("", "ravelpg") // short: so must be the name of a socket
	if err != nil {
		return nil, err
	}
	s := &server{bin: filepath.Dir(found[len(found)-1]), dir: dir}
	if err := s.init(); err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

func (s *server) init() error {
	if err := s.chown(); err != nil {
		return err
	}
	initdb := s.command("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// chown gives the directory to the user postgres if this process is root's, as
// whom the server refuses to run.
func (s *server) chown() error {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	s.account = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(s.dir, uid, gid)
}

// command returns one of the programs of PostgreSQL. SIGQUIT, which ends a server
// at once, ends it should this process be killed.
func (s *server) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), append([]string{"-D", filepath.Join(s.dir, "data")}, args...)...)
	c.Dir = s.dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.account, Pdeathsig: syscall.SIGQUIT}
	return c
}

func (s *server) start() error {
	s.process = s.command("postgres", "-k", s.dir, "-c", "listen_addresses=")
	log, err := s.process.StderrPipe()
	if err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	return s.await(log)
}

func (s *server) url() string { return "host=" + s.dir + " user=postgres dbname=postgres" }

// await reads the log of the server until it can be used, and then on.
func (s *server) await(log io.Reader) error {
	var text strings.Builder
	for lines := bufio.NewReader(log); ; {
		line, err := lines.ReadString('\n')
		text.WriteString(line)
		if err != nil {
			return fmt.Errorf("postgres has ended: %w\n%s", errors.Join(err, s.process.Wait()), &text)
		}
		if strings.Contains(line, "ready to accept connections") {
			s.log.Go(func() { io.Copy(io.Discard, lines) })
			return nil
		}
	}
}

// stop ends it as a crash does: without a checkpoint, connections are cut.
func (s *server) stop() {
	s.process.Process.Signal(syscall.SIGQUIT)
	s.log.Wait()
	s.process.Wait()
}

func (s *server) remove() { os.RemoveAll(s.dir) }

// cancelled returns a context that has ended.
func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
