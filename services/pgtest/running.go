package pgtest

import (
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/postgres"
)

// RunningRole is as whom the portal runs in tests: it owns nothing, and has what `portal migrate` grants.
const RunningRole = "congdvc_running"

// Several processes may make it at once.
const createRole = `
do $$ begin
    create role ` + RunningRole + ` login password '` + RunningRole + `';
exception when duplicate_object or unique_violation then null;
end $$`

// Running returns a second pool on a database of New, in which the running role is logged in. It ends with
// the test.
func Running(t testing.TB, pool *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	running, err := postgres.Open(t.Context(), RunningURL(pool))
	if err != nil {
		t.Fatalf("pgtest: as the running role: %v", err)
	}
	t.Cleanup(func() {
		if !closes(running) {
			t.Errorf("pgtest: the test keeps a connection of the running role")
		}
	})
	return running
}

// RunningURL is the URL of Running, for another process.
func RunningURL(pool *pgxpool.Pool) string {
	given := pool.Config().ConnString()
	parsed, err := url.Parse(given)
	if err != nil || !strings.HasPrefix(parsed.Scheme, "postgres") {
		return given + " user=" + RunningRole + " password=" + RunningRole
	}
	query := parsed.Query()
	query.Del("user")
	parsed.RawQuery, parsed.User = query.Encode(), url.UserPassword(RunningRole, RunningRole)
	return parsed.String()
}
