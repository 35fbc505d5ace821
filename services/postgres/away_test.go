package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/pgserver"
	"congdvc/services/pgtest"
	"congdvc/services/postgres"
)

// TestAway: what passes by itself is told from what is wrong with the program or with what was asked.
func TestAway(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"08000": true, "08006": true, "08P01": true, "25006": true, "25P03": true, "25P04": true,
		"40001": true, "40P01": true, "53000": true, "53100": true, "53200": true, "53300": true,
		"53400": true, "55P03": true, "57014": true, "57P01": true, "57P02": true, "57P03": true,
		"57P04": true, "57P05": true, "58000": true, "58030": true, "58P01": true,

		"": false, "22021": false, "23505": false, "25001": false, "25P02": false, "42501": false,
		"42P01": false, "57000": false, "XX000": false, "XX001": false,
	} {
		for _, err := range []error{&pgconn.PgError{Code: code},
			fmt.Errorf("dossier: insert: %w", &pgconn.PgError{Code: code})} {
			if got := postgres.Away(err); got != want {
				t.Errorf("Away(%v) = %v", err, got)
			}
		}
	}
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"nothing":         {nil, false},
		"no rows":         {pgx.ErrNoRows, false},
		"another":         {errors.New("dossier: two headers"), false},
		"time is over":    {fmt.Errorf("find: %w", context.DeadlineExceeded), true},
		"the client left": {context.Canceled, true},
		"refused":         {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, true},
		"cut off":         {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true},
		"connection gone": {errors.New("conn closed"), true},
	} {
		if got := postgres.Away(c.err); got != c.want {
			t.Errorf("%s: Away = %v", name, got)
		}
	}
}

// TestProveWriting: a database that reads and answers, and takes no writing, is no database to work with.
func TestProveWriting(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for range 3 { // the second time its table is there
		if err := postgres.ProveWriting(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
	}
	size := `select coalesce(sum(pg_relation_size(oid)), 0) from pg_class
		where relname = 'congdvc_room'`
	var bytes int64
	if err := pool.QueryRow(t.Context(), size).Scan(&bytes); err != nil || bytes != 0 {
		t.Errorf("%d bytes are left, %v", bytes, err)
	}
	t.Run("without temporary tables", func(t *testing.T) {
		limited := reopened(t, pool, `revoke temporary on database %[1]s from public`,
			`create role r_%[1]s login`, `grant select, update on code_counter to r_%[1]s`,
			`alter role r_%[1]s set statement_timeout = '20s'`)
		defer func() {
			_, err := pool.Exec(context.WithoutCancel(t.Context()), "drop owned by r_"+databaseOf(pool))
			_, gone := pool.Exec(context.WithoutCancel(t.Context()), "drop role r_"+databaseOf(pool))
			if err := errors.Join(err, gone); err != nil {
				t.Error(err)
			}
		}()
		defer limited.Close()
		config := limited.Config()
		config.ConnConfig.User = "r_" + databaseOf(pool)
		role, err := pgxpool.NewWithConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		defer role.Close()
		if err := postgres.ProveWriting(t.Context(), role); err != nil {
			t.Error(err)
		}
	})
	readOnly := reopened(t, pool, `alter database %s set default_transaction_read_only = on`)
	defer readOnly.Close()
	if err := readOnly.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := postgres.ProveWriting(t.Context(), readOnly)
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "25006" || !postgres.Away(err) {
		t.Errorf("read only: %v", err)
	}
}

func databaseOf(pool *pgxpool.Pool) string { return pool.Config().ConnConfig.Database }

// reopened is a pool whose connections begin after a change of the database, which the statements name by %s.
func reopened(t *testing.T, pool *pgxpool.Pool, changes ...string) *pgxpool.Pool {
	t.Helper()
	for _, sql := range changes {
		if _, err := pool.Exec(t.Context(), fmt.Sprintf(sql, databaseOf(pool))); err != nil {
			t.Fatal(err)
		}
	}
	again, err := postgres.Open(t.Context(), pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// TestProveWritingFull fills the disk of a real server: rows can still be changed where they lie, but nothing
// new fits.
func TestProveWritingFull(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root may mount a small disk")
	}
	dir := filepath.Join(os.TempDir(), "full-"+postgres.NewID())
	disk := filepath.Join(dir, "disk")
	if err := os.MkdirAll(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := syscall.Mount("none", disk, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("no small disk can be mounted here: %v", err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	server, err := pgserver.Start(t.Context(), filepath.Join(dir, "server"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	give(t, disk)
	ctx := t.Context()
	admin, err := pgx.Connect(ctx, server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx)
	for _, sql := range []string{"create tablespace small location '" + disk + "'",
		"create database portal tablespace small"} {
		if _, err := admin.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	pool, err := postgres.Open(ctx, server.URL("portal"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, `create table code_counter (next int); create table ballast (b text);
		insert into code_counter values (1)`); err != nil {
		t.Fatal(err)
	}
	if err := postgres.ProveWriting(ctx, pool); err != nil {
		t.Fatal(err)
	}
	const more = `insert into ballast select repeat('x', 1000) from generate_series(1, 1000)`
	for err == nil {
		_, err = pool.Exec(ctx, more)
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "53100" {
		t.Fatalf("the disk is not full: %v", err)
	}
	for err = nil; err == nil; { // the last pages, too
		_, err = pool.Exec(ctx, `insert into ballast values (repeat('x', 1000))`)
	}
	if _, err := pool.Exec(ctx, `update code_counter set next = next + 1`); err != nil {
		t.Errorf("an update where the row lies: %v", err)
	}
	err = postgres.ProveWriting(ctx, pool)
	if !errors.As(err, &pg) || pg.Code != "53100" || !postgres.Away(err) {
		t.Errorf("full: %v", err)
	}
}

// give lets the account that runs the server own a folder.
func give(t *testing.T, folder string) {
	t.Helper()
	for _, name := range []string{"postgres", "nobody"} {
		if a, err := user.Lookup(name); err == nil {
			uid, _ := strconv.Atoi(a.Uid)
			gid, _ := strconv.Atoi(a.Gid)
			if err := os.Chown(folder, uid, gid); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
}
