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
	dir     string
	process *exec.Cmd
	log     sync.WaitGroup
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
	return "host=" + s.dir + " user=postgres dbname=postgres"
}

func startServer() (*server, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return nil, errNoServer
	}
	bin := filepath.Dir(found[len(found)-1])
	dir, err := os.MkdirTemp("", "ravelpg") // short: so must be the name of a socket
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir}
	if err := s.start(bin); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	started = s
	return s, nil
}

func (s *server) start(bin string) error {
	account, err := unprivileged(s.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = s.dir, account
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	// SIGQUIT ends the server at once, should this process be killed.
	s.process = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", s.dir, "-c", "listen_addresses=")
	s.process.Dir = s.dir
	s.process.SysProcAttr = &syscall.SysProcAttr{Credential: account.Credential, Pdeathsig: syscall.SIGQUIT}
	log, err := s.process.StderrPipe()
	if err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	return s.await(log)
}

// unprivileged gives dir to the user postgres if this process is root's, as whom
// the server refuses to run, and returns how to run as that user.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}

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

func (s *server) stop() {
	s.process.Process.Signal(syscall.SIGQUIT)
	s.log.Wait()
	s.process.Wait()
	os.RemoveAll(s.dir)
}

// cancelled returns a context that has ended.
func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
