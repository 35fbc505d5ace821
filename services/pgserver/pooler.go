package pgserver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ErrNoPooler means that pgbouncer was not found; its text says what to install.
var ErrNoPooler = errors.New("pgbouncer is not installed: run  apt-get install -y pgbouncer")

// Pooler is a pgbouncer that this process started before a server, on a socket in a folder of its own. It
// gives each transaction whatever session is free, as Debian's does in transaction mode.
type Pooler struct {
	folder  string
	to      *url.URL
	process *os.Process
	ended   chan struct{}
}

// StartPooler starts pgbouncer below folder, before the database of url, which must be that of a Server.
// Settings are pgbouncer's own (`ignore_startup_parameters`). It answers when this returns; Stop must be
// called, and ctx bounds only the start. Errors: ErrNoPooler.
func StartPooler(ctx context.Context, folder, to string, settings map[string]string) (*Pooler, error) {
	program, err := findPooler()
	if err != nil {
		return nil, err
	}
	p := &Pooler{folder: folder, ended: make(chan struct{})}
	if p.to, err = url.Parse(to); err != nil {
		return nil, fmt.Errorf("pgserver: pooler: %w", err)
	}
	runAs, err := prepareFolder(folder)
	if err != nil {
		return nil, err
	}
	if p.folder, err = socketFolder(folder, runAs); err != nil {
		return nil, err
	}
	if err := p.configure(runAs, folder, settings); err != nil {
		return nil, err
	}
	if err := p.launch(program, runAs, folder); err != nil {
		return nil, err
	}
	for !answersAt(filepath.Join(p.folder, ".s.PGSQL.6432")) {
		select {
		case <-p.ended:
			return nil, errors.New("pgserver: the pooler ended while starting; see its log in " + folder)
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("pgserver: the pooler: %w", ctx.Err()), p.Stop())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return p, nil
}

func findPooler() (string, error) {
	for _, path := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} {
		if found, err := exec.LookPath(path); err == nil {
			return found, nil
		}
	}
	return "", ErrNoPooler
}

// answersAt is answered before any log in, so that no session is spent on it.
func answersAt(socket string) bool {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

// configure writes the pooler's file and its list of users.
func (p *Pooler) configure(runAs account, folder string, settings map[string]string) error {
	query := p.to.Query()
	all := map[string]string{
		"listen_addr": "", "listen_port": "6432", "unix_socket_dir": p.folder, "auth_type": "trust",
		"auth_file": filepath.Join(folder, "users"), "logfile": filepath.Join(folder, "log"),
		"pool_mode": "transaction", "default_pool_size": "10", "max_client_conn": "200",
	}
	maps.Copy(all, settings)
	const head = "[databases]\n* = host=%s port=%s\n[pgbouncer]\n"
	text := fmt.Sprintf(head, query.Get("host"), query.Get("port"))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text += name + " = " + all[name] + "\n"
	}
	for name, content := range map[string]string{"ini": text,
		"users": fmt.Sprintf("%q %q\n", query.Get("user"), "")} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return fmt.Errorf("pgserver: pooler: %w", err)
		}
		if err := os.Chown(path, runAs.uid, runAs.gid); err != nil {
			return fmt.Errorf("pgserver: pooler: %w", err)
		}
	}
	return nil
}

func (p *Pooler) launch(program string, runAs account, folder string) error {
	cmd := exec.Command(program, "-q", filepath.Join(folder, "ini"))
	runAs.dress(cmd, folder)
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the death signal comes with the end of the thread that started it
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended stands in its log
		}
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("pgserver: start %s: %w", program, err)
	}
	p.process = cmd.Process
	return nil
}

// URL is the connection string of the database through the pooler.
func (p *Pooler) URL() string {
	query := url.Values{"host": {p.folder}, "port": {"6432"}, "user": {p.to.Query().Get("user")}}
	return "postgres:///" + url.PathEscape(strings.TrimPrefix(p.to.Path, "/")) + "?" + query.Encode()
}

// Stop ends the pooler and what goes through it, at once.
func (p *Pooler) Stop() error {
	if err := p.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("pgserver: stop the pooler: %w", err)
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopTimeout):
		return errors.New("pgserver: the pooler does not stop")
	}
}
