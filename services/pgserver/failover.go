package pgserver

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// TCP is the connection string of that database by loopback, for a server whose settings have
// listen_addresses and port.
func (s *Server) TCP(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(Role), Host: "127.0.0.1:" + s.port, Path: "/" + database}
	return u.String()
}

// Standby starts a second server, below that folder, which follows this one and takes over by Promote. Stop
// must be called for each of them; ctx bounds only the start.
func (s *Server) Standby(ctx context.Context, folder string, settings map[string]string) (*Server, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("pgserver: %w", err)
	}
	runAs, err := prepareFolder(folder)
	if err != nil {
		return nil, err
	}
	bin, err := findPrograms(filepath.Join(s.folder, "data"))
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "pg_basebackup"), "-h", s.sockets, "-p", s.port,
		"-U", Role, "-D", filepath.Join(folder, "data"), "-X", "stream", "-c", "fast", "-R", "--no-sync")
	runAs.dress(cmd, folder)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("pgserver: copy the server for %s: %w\n%s", folder, err, out)
	}
	return Start(ctx, folder, settings)
}

// Promote makes a standby a server of its own, and returns when it can be written to.
func (s *Server) Promote(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return fmt.Errorf("pgserver: promote: %w", err)
	}
	defer conn.Close(ctx)
	var done bool
	if err := conn.QueryRow(ctx, `select pg_promote()`).Scan(&done); err != nil || !done {
		return fmt.Errorf("pgserver: promote: done %v, %w", done, err)
	}
	return nil
}

// Pause stops the server as it stands, with everything that works for it: its connections stay open, and
// nothing answers any more, as on a machine that hangs.
func (s *Server) Pause() error { return s.signal(syscall.SIGSTOP) }

// Resume lets a paused server go on.
func (s *Server) Resume() error { return s.signal(syscall.SIGCONT) }

// signal reaches the server first, so that it starts nothing meanwhile, and then what it started.
func (s *Server) signal(how syscall.Signal) error {
	if err := s.process.Signal(how); err != nil {
		if errors.Is(err, os.ErrProcessDone) {
			return nil
		}
		return fmt.Errorf("pgserver: signal: %w", err)
	}
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return fmt.Errorf("pgserver: signal: %w", err)
	}
	for _, path := range all {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it ended
		}
		// 4711 (postgres) S 4700 ...: number, name, state, parent
		_, after, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(after)
		if len(fields) < 2 || fields[1] != strconv.Itoa(s.process.Pid) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err == nil {
			err = syscall.Kill(pid, how)
		}
		if err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("pgserver: signal %s: %w", path, err)
		}
	}
	return nil
}
