// Package pgtest gives a test a migrated PostgreSQL database of its own.
//
// All test processes of one account share a private server, started by the first that asks and kept by a
// process of its own (see keep) until nobody has used it for a while. Each test gets a copy of a template
// that was migrated once, so a database costs some tens of milliseconds. CONGDVC_TEST_DATABASE_URL names
// a server to use instead, by a URL whose account may create databases.
package pgtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/migrations"
	"congdvc/services/postgres"
)

// serverEnv names a running server to use instead of the private one.
const serverEnv = "CONGDVC_TEST_DATABASE_URL"

// New returns a pool on a fresh database with the newest schema. It is closed and dropped when the test ends.
// Without a server the test fails. A child process of the test reaches the same database by
// pool.Config().ConnString().
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	ctx := t.Context()
	from, err := source()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	name := "test_" + randomHex(8)
	create := fmt.Sprintf("create database %s template %s", name, from.template)
	if _, err := from.admin.Exec(ctx, create); err != nil {
		t.Fatalf("pgtest: create a database: %v", err)
	}
	pool, err := postgres.Open(ctx, databaseURL(from.url, name))
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if !closes(pool) {
			t.Errorf("pgtest: the test keeps a connection: rows not closed, or a transaction not ended")
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := from.admin.Exec(ctx, "drop database if exists "+name+" with (force)"); err != nil {
			t.Errorf("pgtest: drop a database: %v", err)
		}
	})
	return pool
}

// closes closes the pool, which waits for every connection to come back, for no longer than ten seconds.
func closes(pool *pgxpool.Pool) bool {
	closed := make(chan struct{})
	go func() {
		pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
		return true
	case <-time.After(10 * time.Second):
		return false
	}
}

// templates is where the databases of this process come from.
type templates struct {
	url      string
	admin    *pgxpool.Pool
	template string
}

// source finds or starts the server and makes the template, once in this process.
var source = sync.OnceValues(func() (templates, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	server := os.Getenv(serverEnv)
	if server == "" {
		var err error
		if server, err = sharedServer(ctx); err != nil {
			return templates{}, err
		}
	}
	admin, err := pgxpool.New(context.Background(), server)
	if err != nil {
		return templates{}, fmt.Errorf("reach the server: %w", err)
	}
	name, err := ensureTemplate(ctx, admin, server)
	if err != nil {
		return templates{}, err
	}
	return templates{url: server, admin: admin, template: name}, nil
})

// ensureTemplate migrates a database once per content of the migrations. It gets its final name only when it
// is complete, and only one process at a time makes it.
func ensureTemplate(ctx context.Context, admin *pgxpool.Pool, server string) (string, error) {
	print, err := migrations.Fingerprint()
	if err != nil {
		return "", err
	}
	name := "template_" + print[:16]
	conn, err := admin.Acquire(ctx)
	if err != nil {
		return "", fmt.Errorf("reach the server: %w", err)
	}
	defer conn.Release()
	const lock, unlock = `select pg_advisory_lock(hashtext($1))`, `select pg_advisory_unlock(hashtext($1))`
	if _, err := conn.Exec(ctx, lock, name); err != nil {
		return "", fmt.Errorf("wait for the template: %w", err)
	}
	defer conn.Exec(context.WithoutCancel(ctx), unlock, name)

	var ready bool
	const find = `select exists (select 1 from pg_database where datname = $1)`
	if err := conn.QueryRow(ctx, find, name).Scan(&ready); err != nil || ready {
		return name, err
	}
	making := "making_" + print[:16]
	for _, sql := range []string{"drop database if exists " + making + " with (force)",
		"create database " + making + " template template0"} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return "", fmt.Errorf("make the template: %w", err)
		}
	}
	if _, err := conn.Exec(ctx, createRole); err != nil {
		return "", fmt.Errorf("make the running role: %w", err)
	}
	if err := migrate(ctx, databaseURL(server, making)); err != nil {
		return "", err
	}
	if _, err := conn.Exec(ctx, "alter database "+making+" rename to "+name); err != nil {
		return "", fmt.Errorf("name the template: %w", err)
	}
	return name, nil
}

func migrate(ctx context.Context, url string) error {
	pool, err := postgres.Open(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := migrations.Up(ctx, pool); err != nil {
		return err
	}
	return migrations.Grant(ctx, pool, RunningRole)
}

// databaseURL is server with another database's name, for both forms of a connection string.
func databaseURL(server, name string) string {
	parsed, err := url.Parse(server)
	if err == nil && strings.HasPrefix(parsed.Scheme, "postgres") {
		parsed.Path = "/" + name
		return parsed.String()
	}
	return server + " dbname=" + name
}

func randomHex(bytes int) string {
	random := make([]byte, bytes)
	rand.Read(random) // never fails
	return hex.EncodeToString(random)
}
