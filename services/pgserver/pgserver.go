// Package pgserver runs a private PostgreSQL for the demo and for tests: its own data, its own socket, no
// port, no account of the machine's own PostgreSQL. It works as an ordinary account and as root (which
// PostgreSQL itself refuses), and it ends when the process that started it ends, however that happens. Linux
// only.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Role is the superuser's name inside the server; whoever can enter its 0700 folder needs no password.
const Role = "congdvc"

// ErrInUse means that a living process already runs the server of that folder.
var ErrInUse = errors.New("pgserver: another copy is already running there")

const (
	startTimeout = 2 * time.Minute // recovery after a crash is inside it
	stopTimeout  = 30 * time.Second
	attempts     = 4
)

// Server is a PostgreSQL that this process started.
type Server struct {
	folder  string // ours: data, log, lock, and the socket unless the path is too long for one
	sockets string
	port    string // of the socket, and of TCP where settings open one
	runAs   account
	lock    *os.File
	process *os.Process
	ended   chan struct{}
}

// Start runs the server whose data is kept below folder, and makes the data the first time. It returns once
// the server answers. Settings are PostgreSQL's own (`fsync`, `max_connections`); they override the defaults
// for a small machine. What a killed process left behind is cleared up first. Stop must be called; ctx
// bounds only the start. Errors: ErrInUse when another process runs this server; ErrMissing.
func Start(ctx context.Context, folder string, settings map[string]string) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("pgserver: %w", err)
	}
	s := &Server{folder: folder}
	if s.runAs, err = prepareFolder(folder); err != nil {
		return nil, err
	}
	if s.lock, err = lockFolder(folder); err != nil {
		return nil, err
	}
	if err := s.start(ctx, settings); err != nil {
		s.lock.Close()
		return nil, err
	}
	return s, nil
}

// URL is the connection string of that database in the server, for postgres.Open.
func (s *Server) URL(database string) string {
	return s.URLAs(database, Role)
}

// URLAs is URL for another role.
func (s *Server) URLAs(database, role string) string {
	return socketURL(s.sockets, s.port, database, role)
}

// Ended is closed when the server's process has ended, asked or not.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// Stop ends all connections and the server, and returns when its data is safe on the disk. It may be
// repeated.
func (s *Server) Stop() error {
	defer s.lock.Close()
	defer removeSocketFolder(s.folder, s.sockets)
	if err := s.Resume(); err != nil {
		return err
	}
	for _, how := range []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		// fast, immediate, by force
		if err := s.process.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("pgserver: stop: %w", err)
		}
		select {
		case <-s.ended:
			return nil
		case <-time.After(stopTimeout):
		}
	}
	return fmt.Errorf("pgserver: the server in %s does not stop", s.folder)
}

func (s *Server) start(ctx context.Context, settings map[string]string) error {
	data := filepath.Join(s.folder, "data")
	bin, err := findPrograms(data)
	if err != nil {
		return err
	}
	if s.sockets, err = socketFolder(s.folder, s.runAs); err != nil {
		return err
	}
	if err := endOrphan(ctx, data); err != nil {
		return err
	}
	if err := s.initialise(ctx, bin, data); err != nil {
		return err
	}
	args := []string{"-D", data, "-k", s.sockets}
	all := maps.Clone(defaults)
	maps.Copy(all, settings)
	s.port = all["port"]
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	// The back ends of a killed server hold its shared memory for a moment longer; then a later attempt
	// succeeds.
	for attempt := 1; ; attempt++ {
		err := s.launch(ctx, filepath.Join(bin, "postgres"), args)
		if err == nil || attempt == attempts || ctx.Err() != nil {
			return err
		}
		time.Sleep(time.Second)
	}
}

var defaults = map[string]string{
	"listen_addresses":     "",
	"port":                 "5432",
	"max_connections":      "100",
	"shared_buffers":       "64MB",
	"timezone":             "UTC",
	"log_timezone":         "UTC",
	"log_line_prefix":      "%m [%p] ",
	"log_min_messages":     "warning",
	"cluster_name":         "congdvc",
	"max_worker_processes": "4",
}

// initialise makes the data folder beside its final name and renames it, so that an interrupted attempt is
// not taken for data.
func (s *Server) initialise(ctx context.Context, bin, data string) error {
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		return nil
	}
	fresh := data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", fresh, "-U", Role, "-E", "UTF8",
		"--locale=C.UTF-8", "--auth=trust", "--no-sync", "--no-instructions")
	s.runAs.dress(cmd, s.folder)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pgserver: initdb in %s: %w\n%s", s.folder, err, out)
	}
	if err := os.Rename(fresh, data); err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	return nil
}

// launch starts the process and waits until it answers.
func (s *Server) launch(ctx context.Context, program string, args []string) error {
	logPath := filepath.Join(s.folder, "log")
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	s.runAs.dress(cmd, s.folder)

	started := make(chan error)
	s.ended = make(chan struct{})
	go func() {
		// The kernel sends the death signal when the *thread* that started the process ends, so this
		// goroutine keeps its thread.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait() // how it ended stands in its log
		}
		close(s.ended)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("pgserver: start %s: %w", program, err)
	}
	s.process = cmd.Process
	if err := s.waitReady(ctx); err != nil {
		s.process.Signal(syscall.SIGINT)
		<-s.ended
		said, _ := os.ReadFile(logPath)
		return fmt.Errorf("%w\n%s", err, said[max(0, len(said)-2000):])
	}
	return nil
}

func (s *Server) waitReady(ctx context.Context) error {
	for {
		if Answers(ctx, s.URL("postgres")) {
			return nil
		}
		select {
		case <-s.ended:
			return errors.New("pgserver: the server ended while starting; it said")
		case <-ctx.Done():
			return fmt.Errorf("pgserver: the server does not answer: %w; it said", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Answers reports whether a server answers at that URL within five seconds, even if only to say that it has
// no connection free.
func Answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if fault := (*pgconn.PgError)(nil); errors.As(err, &fault) {
		const stillStarting = "57P03"
		return fault.Code != stillStarting
	}
	if err != nil {
		return false
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx) == nil
}

// CreateDatabase makes that database in the server unless it is there.
func (s *Server) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return fmt.Errorf("pgserver: connect: %w", err)
	}
	defer conn.Close(ctx)
	var there bool
	const find = `select exists (select 1 from pg_database where datname = $1)`
	if err := conn.QueryRow(ctx, find, name).Scan(&there); err != nil {
		return fmt.Errorf("pgserver: find database %s: %w", name, err)
	}
	if there {
		return nil
	}
	if _, err := conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize()); err != nil {
		return fmt.Errorf("pgserver: create database %s: %w", name, err)
	}
	return nil
}

// CreateRole makes a role that may log in and owns nothing, unless it is there.
func (s *Server) CreateRole(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return fmt.Errorf("pgserver: connect: %w", err)
	}
	defer conn.Close(ctx)
	var there bool
	const find = `select exists (select 1 from pg_roles where rolname = $1)`
	if err := conn.QueryRow(ctx, find, name).Scan(&there); err != nil {
		return fmt.Errorf("pgserver: find role %s: %w", name, err)
	}
	if there {
		return nil
	}
	if _, err := conn.Exec(ctx, "create role "+pgx.Identifier{name}.Sanitize()+" login"); err != nil {
		return fmt.Errorf("pgserver: create role %s: %w", name, err)
	}
	return nil
}

func socketURL(sockets, port, database, role string) string {
	query := url.Values{"host": {sockets}, "port": {port}, "user": {role}}
	return "postgres:///" + url.PathEscape(database) + "?" + query.Encode()
}
