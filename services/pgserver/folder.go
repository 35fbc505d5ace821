package pgserver

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrMissing means that no PostgreSQL server program was found; its text says what to install.
var ErrMissing = errors.New("PostgreSQL is not installed: run  apt-get install -y postgresql")

// findPrograms returns the folder of initdb and postgres: the version that made the data, or the newest for
// new data.
func findPrograms(data string) (string, error) {
	candidates, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", fmt.Errorf("pgserver: %w", err)
	}
	slices.SortFunc(candidates, func(a, b string) int { return major(b) - major(a) })
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			candidates = append(candidates, filepath.Dir(path))
		}
	}
	candidates = slices.DeleteFunc(candidates, func(dir string) bool {
		_, initdb := os.Stat(filepath.Join(dir, "initdb"))
		_, server := os.Stat(filepath.Join(dir, "postgres"))
		return initdb != nil || server != nil
	})
	if len(candidates) == 0 {
		return "", ErrMissing
	}
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return candidates[0], nil
	}
	if err != nil {
		return "", fmt.Errorf("pgserver: %w", err)
	}
	made := strings.TrimSpace(string(text))
	for _, dir := range candidates {
		// postgres (PostgreSQL) 15.14 (Debian ...)
		out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
		if err == nil && strings.Contains(string(out), "(PostgreSQL) "+made+".") {
			return dir, nil
		}
	}
	return "",
		fmt.Errorf("pgserver: the data in %s was made by PostgreSQL %s, which is not installed: run  "+
			"apt-get install -y postgresql-%s", data, made, made)
}

// major is the version in /usr/lib/postgresql/15/bin, zero when it is not a number.
func major(bin string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	if err != nil {
		return 0
	}
	return n
}

// lockFolder takes the folder for as long as this process lives.
func lockFolder(folder string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("pgserver: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: %s", ErrInUse, folder)
		}
		return nil, fmt.Errorf("pgserver: lock %s: %w", folder, err)
	}
	return file, nil
}

// socketFolder is where the socket lies: in folder, or, if that path is longer than the kernel's 108 bytes,
// in a folder of the same owner below /tmp whose name is computed from folder.
func socketFolder(folder string, runAs account) (string, error) {
	const longest = 107 - len("/.s.PGSQL.5432.lock")
	if len(folder) <= longest {
		return folder, nil
	}
	short := fmt.Sprintf("/tmp/congdvc-pg-%x", sha256.Sum256([]byte(folder)))[:40]
	if err := os.Mkdir(short, 0o700); err == nil {
		if err := os.Chown(short, runAs.uid, runAs.gid); err != nil {
			return "", fmt.Errorf("pgserver: %w", err)
		}
	}
	info, err := os.Lstat(short)
	if err != nil {
		return "", fmt.Errorf("pgserver: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(owner.Uid) != runAs.uid || info.Mode().Perm() != 0o700 {
		return "", fmt.Errorf("pgserver: %s is not ours: remove it, or choose a shorter folder than %s",
			short, folder)
	}
	return short, nil
}

func removeSocketFolder(folder, sockets string) {
	if sockets != "" && sockets != folder {
		os.RemoveAll(sockets)
	}
}

// endOrphan clears up after a process that was killed. It stops a server that still runs. It removes a
// postmaster.pid that names a dead process, or after a restart of the machine an unrelated one: PostgreSQL
// would take that for a running server.
func endOrphan(ctx context.Context, data string) error {
	pidFile := filepath.Join(data, "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	for err == nil && pid > 1 && serves(pid, data) {
		if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("pgserver: stop the server that was left running (process %d): %w", pid, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("pgserver: the server that was left running (process %d) does not stop: %w",
				pid, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	if err := os.Remove(pidFile); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("pgserver: %w", err)
	}
	return nil
}

// serves tells whether that process is the server of data: a server's working folder is its data.
func serves(pid int, data string) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(data)
	return err == nil && cwd == real
}
