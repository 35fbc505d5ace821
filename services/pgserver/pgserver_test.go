package pgserver_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/pgserver"
)

// One server's life: first start, a second copy refused, data kept over a stop, and what a killed process
// leaves behind put in order.
func TestServerLife(t *testing.T) {
	t.Parallel()
	// A folder deeper than a socket's path may be long.
	folder := filepath.Join(t.TempDir(), strings.Repeat("deep", 20), "postgres")
	server := start(t, folder)
	if err := server.CreateDatabase(t.Context(), "congdvc"); err != nil {
		t.Fatal(err)
	}
	run(t, server, `create table kept as select 42 as answer`)

	if _, err := pgserver.Start(t.Context(), folder, nil); !errors.Is(err, pgserver.ErrInUse) {
		t.Errorf("a second Start = %v, want ErrInUse", err)
	}
	for range 2 {
		if err := server.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	server = start(t, folder)
	if err := server.CreateDatabase(t.Context(), "congdvc"); err != nil {
		t.Fatalf("a database that is there: %v", err)
	}
	run(t, server, `select 1 / (answer / 42) from kept`)

	if err := syscall.Kill(postmaster(t, folder), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-server.Ended()
	if err := server.Stop(); err != nil {
		t.Fatalf("Stop of a killed server: %v", err)
	}
	// After a restart of the machine the number may be anybody's: here, this test's own.
	pidFile := filepath.Join(folder, "data", "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(os.Getpid())+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	server = start(t, folder)
	run(t, server, `select 1 / (answer / 42) from kept`)
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T, folder string) *pgserver.Server {
	t.Helper()
	server, err := pgserver.Start(t.Context(), folder, map[string]string{"fsync": "off"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	return server
}

func run(t *testing.T, server *pgserver.Server, sql string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, server.URL("congdvc"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func postmaster(t *testing.T, folder string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
