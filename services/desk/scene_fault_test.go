package desk_test

import (
	"context"
	"sync"
	"testing"

	"congdvc/services/desk"
	"congdvc/services/desk/desktest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// failing has one statement of a desk fail, as if it had never reached the database.
type failing struct {
	mu   sync.Mutex
	left int // statements up to the one that fails
	hit  bool
}

func (f *failing) TraceQueryStart(ctx context.Context, _ *pgx.Conn,
	q pgx.TraceQueryStartData) context.Context {
	f.mu.Lock()
	defer f.mu.Unlock()
	if q.SQL == "rollback" {
		return ctx
	}
	if f.left--; f.left != 0 {
		return ctx
	}
	f.hit = true
	gone, cancel := context.WithCancel(ctx)
	cancel()
	return gone
}

func (f *failing) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// arm has the nth statement from now on fail.
func (f *failing) arm(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.hit = n, false
}

// failed tells whether the statement came up.
func (f *failing) failed() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.hit }

// unreliable is a second desk of a province, whose statements fail as its test says.
type unreliable struct {
	*desktest.Province
	desk *desk.Desk
	fail *failing
}

func makeUnreliable(t testing.TB, p *desktest.Province) unreliable {
	t.Helper()
	u := unreliable{Province: p, fail: &failing{}}
	config := p.Pool.Config()
	config.ConnConfig.Tracer = u.fail
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	do(t, err)
	t.Cleanup(pool.Close)
	c := p.Desk.Config
	c.Pool = pool
	u.desk, err = desk.New(c)
	do(t, err)
	return u
}

// rowsSQL makes the query that sums up every row that a use case may write. Counters of codes, the code that
// was drawn for a draft, and records of reading are written by themselves.
const rowsSQL = `
select string_agg(format(
    'select %L || count(*) || '' '' || coalesce(sum(hashtextextended((to_jsonb(t) - ''drawn_code'')::text, 0)), 0) as line from %I t',
    tablename || ' ', tablename), ' union all ' order by tablename)
from pg_tables
where schemaname = 'public' and tablename = any(array['attachment', 'dossier', 'dossier_agency', 'dossier_history',
    'dossier_revision', 'draft', 'draft_field', 'draft_given', 'draft_operation', 'event', 'notice', 'notice_delivery',
    'office_call', 'payment_attempt', 'payment_fact', 'payment_quote', 'payment_refund', 'receipt', 'receipt_series',
    'result', 'result_code', 'river_job', 'slip'])`

// rows are the tables that use cases write, each with the number and the sum of its rows.
func (u unreliable) rows(t testing.TB) []string {
	t.Helper()
	var query string
	do(t, u.Pool.QueryRow(t.Context(), rowsSQL).Scan(&query))
	found, err := u.Pool.Query(t.Context(), query)
	do(t, err)
	lines, err := pgx.CollectRows(found, pgx.RowTo[string])
	do(t, err)
	return lines
}

// whatFails says what a failing statement leaves behind.
type whatFails int

const (
	nothingWritten whatFails = iota // one transaction: all of it or nothing
	// several, with the payment provider between them: carried on when called again
	writtenInSteps
)

// eachStatement carries out a use case again and again, each time with the next of its statements failing,
// until none fails. Every failure is told.
func (u unreliable) eachStatement(t testing.TB, what string, leaves whatFails, act func(*desk.Desk) error) {
	t.Helper()
	const most = 400
	for n := 1; n <= most; n++ {
		before := u.rows(t)
		u.fail.arm(n)
		err := act(u.desk)
		if !u.fail.failed() {
			if err != nil {
				t.Fatalf("%s, after %d failures: %v", what, n-1, err)
			}
			if n < 3 {
				t.Errorf("%s: only %d statements", what, n-1)
			}
			return
		}
		if err == nil {
			t.Errorf("%s: statement %d failed, and nobody was told", what, n)
			return
		}
		if leaves == nothingWritten {
			same(t, what+": rows after a failure", u.rows(t), before...)
		}
	}
	t.Fatalf("%s: more than %d statements", what, most)
}
