package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"congdvc/portal/address"
	"congdvc/services/dossier"
	"congdvc/services/pgserver"
)

// through starts pgbouncer before the program's database and has the program use it.
func (p *program) through(settings map[string]string, more string) {
	p.Helper()
	direct := p.pool.Config().ConnString()
	pooler, err := pgserver.StartPooler(p.Context(), filepath.Join(p.TempDir(), "pooler"), direct, settings)
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() {
		if err := pooler.Stop(); err != nil {
			p.Error(err)
		}
	})
	p.env["DATABASE_URL"] = pooler.URL() + more
}

// bounded gives the database what the role has at a real server.
func (p *program) bounded() {
	p.Helper()
	set := "alter database " + p.pool.Config().ConnConfig.Database + " set "
	p.exec(set + "statement_timeout = '30s'")
	p.exec(set + "idle_in_transaction_session_timeout = '60s'")
}

const forgetful = "statement_timeout, idle_in_transaction_session_timeout, extra_float_digits"

// TestCheckPooler: behind pgbouncer a check names what to change until statements are bounded, and a
// migration refuses.
func TestCheckPooler(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.outside()
	p.must("import", "starter")
	p.serveAll()
	direct := p.env["DATABASE_URL"]
	for _, ignore := range []string{"", forgetful} {
		p.through(map[string]string{"ignore_startup_parameters": ignore}, "")
		lines, err := p.inspected(checkDay)
		if err == nil {
			t.Errorf("ignoring %q, all is well:\n%s", ignore, lines)
		}
		p.has(lines, "ok    database", "FAIL  bounds of statements", "no statement_timeout",
			`alter role "congdvc" set statement_timeout = '30s'`)
		p.refused("DATABASE_URL of the PostgreSQL server itself", "migrate")
	}
	p.bounded()
	p.through(nil, "")
	lines, err := p.inspected(checkDay)
	if err != nil {
		t.Errorf("with bounds: %v\n%s", err, lines)
	}
	p.has(lines, "ok    bounds of statements", "a pooler stands before the server")
	p.env["DATABASE_URL"] = direct
	p.must("migrate")
}

// walked are pages that ask the database for most of what there is.
func walked(lang string, code dossier.Code) []string {
	const procedure = "2.000635"
	return []string{
		address.Home(lang), address.Search(lang) + "?q=khai+sinh", address.Suggest(lang) + "?q=khai",
		address.Communes(lang), address.Procedure(lang, procedure), address.Start(lang, procedure),
		address.Track(lang), address.Verify(lang), address.Help(lang),
		address.Login(lang), address.Account(lang), address.Notices(lang), address.Dossiers(lang),
		address.Dossier(lang, code), address.Sitemap(), address.Robots(),
	}
}

// TestServePooler: the portal serves, files and works through pgbouncer, whatever way of sending statements
// its URL asks for.
func TestServePooler(t *testing.T) {
	for _, more := range []string{"", "&default_query_exec_mode=exec"} {
		t.Run("with "+more, func(t *testing.T) {
			t.Parallel()
			s := prepareSite(t)
			s.bounded()
			s.through(map[string]string{"default_pool_size": "4",
				"ignore_startup_parameters": forgetful}, more)
			s.start()
			s.ready()
			v := s.visit(s.idp.People()[0])
			e := &entry{visitor: v, draft: s.rooms.Copies(t, v.who, 1)}
			code, _, err := v.handIn(e.draft)
			s.ok(err)
			e.code = code
			for _, page := range append(walked("vi", code), walked("en", code)...) {
				answer, body := v.get(s.url + page)
				if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusSeeOther {
					t.Errorf("%s: %d\n%s", page, answer.StatusCode, body)
				}
			}
			s.kept([]*entry{e})
			s.arrived([]*entry{e})
			said, err := os.ReadFile(s.log)
			s.ok(err)
			for line := range strings.Lines(string(said)) {
				if strings.Contains(line, `"level":"ERROR"`) {
					t.Error(line)
				}
			}
		})
	}
}
