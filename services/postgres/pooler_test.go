package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/pgserver"
	"congdvc/services/pgtest"
	"congdvc/services/postgres"
)

// ignoring is what makes a pooler take the portal's bounds and forget them.
const ignoring = "statement_timeout,idle_in_transaction_session_timeout"

// pooler is pgbouncer before the database of a pool.
func pooler(t *testing.T, db *pgxpool.Pool, settings map[string]string) string {
	t.Helper()
	p, err := pgserver.StartPooler(t.Context(), filepath.Join(t.TempDir(), "pooler"),
		db.Config().ConnString(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p.URL()
}

type colour string

const everyType = `
select $1::text || $2::text, $3::int + $4::bigint, $5::timestamptz, $6::date, $7::bytea, $8::jsonb,
       coalesce(array_length($9::text[], 1), 0), $10::boolean, $11::uuid::text, $12::text is null`

// asks sends values of all the kinds that the portal sends, and is told what they were.
func asks(ctx context.Context, db postgres.DB, n int) error {
	at := time.Date(2026, 11, 27, 8, 30, 0, 0, time.UTC)
	id := postgres.NewID()
	given := []any{"màu ", colour("đỏ"), n, int64(1) << 40, at, at, []byte{0, 1, 0xff},
		json.RawMessage(`{"ghi": "chú"}`), []colour{"xanh", "vàng"}, true, id, (*string)(nil)}
	var (
		words, back string
		sum         int64
		when, day   time.Time
		bytes       []byte
		note        json.RawMessage
		colours     int
		yes, absent bool
	)
	err := db.QueryRow(ctx, everyType, given...).Scan(&words, &sum, &when, &day, &bytes, &note, &colours,
		&yes, &back, &absent)
	if err != nil {
		return err
	}
	if words != "màu đỏ" || sum != int64(n)+1<<40 || !when.Equal(at) || day.Day() != 27 ||
		!slices.Equal(bytes, []byte{0, 1, 0xff}) || string(note) != `{"ghi": "chú"}` || colours != 2 || !yes ||
		back != id || !absent {
		return fmt.Errorf("%q %d %v %v %v %s %d %v %q %v", words, sum, when, day, bytes, note, colours, yes,
			back, absent)
	}
	return nil
}

// Through pgbouncer, which gives each transaction another session, whatever it is told of the portal's bounds
// and whatever way of sending statements the URL asks for, statements find what they need.
func TestPooler(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ignore, more string
	}{
		"refusing the bounds": {"", ""},
		"ignoring them":       {ignoring, ""},
		"asked to prepare":    {ignoring, "&default_query_exec_mode=cache_statement"},
		"asked for exec":      {ignoring, "&default_query_exec_mode=exec"},
		"simple protocol":     {"", "&default_query_exec_mode=simple_protocol"},
		"describe and exec":   {"", "&default_query_exec_mode=describe_exec"},
		"cache nothing":       {"", "&description_cache_capacity=0&statement_cache_capacity=0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pooler(t, pgtest.New(t), map[string]string{"default_pool_size": "2",
				"ignore_startup_parameters": c.ignore})
			pool, err := postgres.Open(t.Context(), url+c.more)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			if !postgres.Pooled(pool) {
				t.Error("the pooler is not noticed")
			}
			var all sync.WaitGroup
			for n := range 40 {
				all.Go(func() {
					err := asks(t.Context(), pool, n)
					if err == nil {
						err = pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
							return asks(t.Context(), tx, n)
						})
					}
					if err != nil {
						t.Errorf("%d: %v", n, err)
					}
				})
			}
			all.Wait()
		})
	}
}

// A setting of the URL that the pooler refuses is not dropped in silence.
func TestPoolerRefuses(t *testing.T) {
	t.Parallel()
	url := pooler(t, pgtest.New(t), nil) + "&statement_timeout=7s"
	pool, err := postgres.Open(t.Context(), url)
	if err == nil {
		pool.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "set it on the role") ||
		!strings.Contains(err.Error(), "statement_timeout") {
		t.Errorf("%v, not what to change", err)
	}
}

// Without a pooler nothing of that is so, and the URL's own wish counts.
func TestNoPooler(t *testing.T) {
	t.Parallel()
	direct := pgtest.New(t)
	if postgres.Pooled(direct) {
		t.Error("a pooler is seen where none is")
	}
	pool := open(t, direct.Config().ConnString()+"&default_query_exec_mode=exec")
	defer pool.Close()
	if !postgres.Pooled(pool) {
		t.Error("a URL for a pooler keeps something in the session")
	}
	if err := asks(t.Context(), pool, 1); err != nil {
		t.Error(err)
	}
}

// The bounds that a pooler does not pass on are missed until the role or the database has them.
func TestUnbounded(t *testing.T) {
	t.Parallel()
	direct := pgtest.New(t)
	missed := func(url string) []string {
		t.Helper()
		pool := open(t, url)
		defer pool.Close()
		names, err := postgres.Unbounded(t.Context(), pool)
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	want := []string{"idle_in_transaction_session_timeout", "statement_timeout"}
	if got := missed(direct.Config().ConnString()); len(got) > 0 {
		t.Errorf("the server itself: %v missed", got)
	}
	for _, ignore := range []string{"", ignoring} {
		url := pooler(t, direct, map[string]string{"ignore_startup_parameters": ignore})
		if got := missed(url); !slices.Equal(got, want) {
			t.Errorf("ignoring %q: %v missed, want %v", ignore, got, want)
		}
	}
	for _, name := range want {
		set := `alter database ` + direct.Config().ConnConfig.Database + ` set ` + name + ` = '30s'`
		if _, err := direct.Exec(t.Context(), set); err != nil {
			t.Fatal(err)
		}
	}
	if got := missed(pooler(t, direct, nil)); len(got) > 0 {
		t.Errorf("set on the server: %v missed", got)
	}
}
