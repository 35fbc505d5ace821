package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"congdvc/services/pgserver"
)

// The shared folder holds the server's own folder, and files:
//   - `users`, locked (shared) by every process that uses the server, for as long as it lives;
//   - `starting`, locked by the one that looks for the server or starts it;
//   - `url`;
//   - `done`, which `make test` puts there to say that nobody is expected to come soon.
const (
	usersFile    = "users"
	startingFile = "starting"
	urlFile      = "url"
	doneFile     = "done"
)

//lint:ignore U1000 it is held, not read: the file stays open, and so locked, until this process ends.
var inUse *os.File

// sharedServer returns the URL of the account's test server, started if need be.
func sharedServer(ctx context.Context) (string, error) {
	base, err := sharedFolder()
	if err != nil {
		return "", err
	}
	// The lock comes first, so that the keeper cannot stop the server after it was found.
	if inUse, err = lockFile(filepath.Join(base, usersFile), syscall.LOCK_SH); err != nil {
		return "", err
	}
	starting, err := lockFile(filepath.Join(base, startingFile), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer starting.Close()
	if err := os.Remove(filepath.Join(base, doneFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	known, err := os.ReadFile(filepath.Join(base, urlFile))
	if err == nil && pgserver.Answers(ctx, string(known)) {
		return string(known), nil
	}
	return startKeeper(base)
}

// sharedFolder makes the folder. It must belong to this account, since its name can be guessed and others can
// write beside it. Others can only pass through it, as the account must that runs the server for root.
func sharedFolder() (string, error) {
	base := filepath.Join(os.TempDir(), fmt.Sprintf("congdvc-pgtest-%d-v1", os.Geteuid()))
	if err := os.Mkdir(base, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(base)
	if err != nil {
		return "", err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(owner.Uid) != os.Geteuid() || info.Mode().Perm()&0o022 != 0 {
		return "", fmt.Errorf("%s is not this account's own folder: remove it, or set TMPDIR", base)
	}
	return base, nil
}

// startKeeper runs this test program once more, as the server's keeper, and waits for the URL.
func startKeeper(base string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer read.Close()
	keeper := exec.Command(self)
	keeper.Dir = "/"
	keeper.Env = append(os.Environ(), keeperEnv+"="+base)
	keeper.ExtraFiles = []*os.File{write}
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // Ctrl-C ends the test, not what others use
	err = keeper.Start()
	write.Close()
	if err != nil {
		return "", fmt.Errorf("start the test server's keeper: %w", err)
	}
	go keeper.Wait() // it outlives this process, or is collected by it
	said, err := io.ReadAll(read)
	if err != nil {
		return "", fmt.Errorf("hear from the test server's keeper: %w", err)
	}
	if found, ok := bytes.CutPrefix(said, []byte(keeperReady)); ok {
		return string(found), nil
	}
	return "", errors.New(strings.TrimSpace(string(said)))
}

// lockFile opens the file and waits for the lock, which ends with the file or the process.
func lockFile(path string, how int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(file.Fd()), how)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			file.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		time.Sleep(time.Millisecond)
	}
}
