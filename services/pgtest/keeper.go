package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"congdvc/services/pgserver"
)

const (
	// keeperEnv is a variable that makes a test program the keeper of the server in the folder that it names.
	keeperEnv   = "CONGDVC_PGTEST_KEEPER"
	keeperReady = "ready "
	// linger is how long an unused server is kept: the tests of the next package may still be compiling.
	linger = 20 * time.Second
	glance = 250 * time.Millisecond
)

// settings trade what a test never needs, durability, for speed.
var settings = map[string]string{
	"fsync":                     "off",
	"synchronous_commit":        "off",
	"full_page_writes":          "off",
	"wal_level":                 "minimal",
	"max_wal_senders":           "0",
	"max_wal_size":              "1GB",
	"checkpoint_timeout":        "1h",
	"max_connections":           "1000",
	"shared_buffers":            "128MB",
	"jit":                       "off",
	"autovacuum_naptime":        "1h",
	"max_locks_per_transaction": "256",
}

func init() {
	if base := os.Getenv(keeperEnv); base != "" {
		os.Exit(keep(base))
	}
}

// keep starts the server, writes its URL to file descriptor 3, and stops it when no process has used it for
// a while. If the keeper is killed, the kernel ends the server; if the server ends, the keeper does too. The
// data is thrown away, so that every server begins clean.
func keep(base string) int {
	answer := os.NewFile(3, "answer")
	syscall.CloseOnExec(3) // the server would hold it open, and the process that asked would wait for its end
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT)
	server, folder, err := startServer(base)
	if err != nil {
		fmt.Fprint(answer, err)
		answer.Close()
		return 1
	}
	defer os.RemoveAll(folder)
	defer server.Stop()
	url := server.URL("postgres")
	if err := os.WriteFile(filepath.Join(base, urlFile), []byte(url), 0o600); err != nil {
		fmt.Fprint(answer, err)
		answer.Close()
		return 1
	}
	fmt.Fprint(answer, keeperReady, url)
	answer.Close()

	idleSince := time.Now()
	for {
		select {
		case <-server.Ended():
			return 0
		case <-asked:
			return 0
		case <-time.After(glance):
		}
		alone, err := tryAlone(base)
		if err != nil {
			return 1
		}
		if alone == nil {
			idleSince = time.Now()
			continue
		}
		_, err = os.Stat(filepath.Join(base, doneFile))
		if err == nil || time.Since(idleSince) > linger {
			defer alone.Close() // after the server has stopped: who comes now waits, then starts another
			return 0
		}
		alone.Close()
	}
}

// startServer starts a server in a new folder, after removing those of keepers that were killed.
func startServer(base string) (*pgserver.Server, string, error) {
	old, err := filepath.Glob(filepath.Join(base, "server-*"))
	if err != nil {
		return nil, "", err
	}
	for _, folder := range old {
		if err := os.RemoveAll(folder); err != nil {
			return nil, "", err
		}
	}
	folder := filepath.Join(base, "server-"+randomHex(4))
	server, err := pgserver.Start(context.Background(), folder, settings)
	if err != nil {
		return nil, "", errors.Join(err, os.RemoveAll(folder))
	}
	return server, folder, nil
}

// tryAlone takes the users' lock when nobody has it; nil otherwise.
func tryAlone(base string) (*os.File, error) {
	file, err := lockFile(filepath.Join(base, usersFile), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return file, err
}
