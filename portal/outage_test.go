package portal_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"congdvc/portal/address"
	"congdvc/services/desk/desktest"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A full database refuses what needs new room, whatever the table.
const (
	fillDatabase = `
do $do$ declare t regclass; begin
	create function is_full() returns trigger language plpgsql as $$ begin
		raise exception 'could not extend file: No space left on device' using errcode = '53100';
	end $$;
	for t in select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' loop
		execute format('create trigger is_full before insert or update on %s
			for each row execute function is_full()', t);
	end loop;
end $do$`
	emptyDatabase = `drop function is_full() cascade`
)

// administer changes the database from outside, and ends the connections to it.
func (s *site) administer(sql string) {
	s.T.Helper()
	config := s.Pool.Config().ConnConfig.Copy()
	admin, err := pgx.ConnectConfig(s.T.Context(), config)
	must(s.T, err)
	defer admin.Close(s.T.Context())
	_, err = admin.Exec(s.T.Context(), `set default_transaction_read_only = off`)
	must(s.T, err)
	_, err = admin.Exec(s.T.Context(), sql)
	must(s.T, err)
	_, err = admin.Exec(s.T.Context(), `select pg_terminate_backend(pid) from pg_stat_activity
		where pid <> pg_backend_pid() and datname = current_database()`)
	must(s.T, err)
	for _, pool := range []*pgxpool.Pool{s.Pool, s.Desk.Pool} { // theirs are found broken
		for range 20 {
			if pool.Ping(s.T.Context()) == nil {
				break
			}
		}
	}
}

// TestDoorsWhileTheDatabaseTakesNothing: whatever would write is refused as an outage that says what is safe
// and when to come again, never as a fault of the portal; afterwards the same is taken.
func TestDoorsWhileTheDatabaseTakesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	database := pgx.Identifier{s.Pool.Config().ConnConfig.Database}.Sanitize()
	for name, how := range map[string]struct{ begin, end string }{
		"read only": {"alter database " + database + " set default_transaction_read_only = on",
			"alter database " + database + " reset default_transaction_read_only"},
		"full": {fillDatabase, emptyDatabase},
	} {
		t.Run(name, func(t *testing.T) {
			b := s.person(t, "Nguyễn Thị Lan")
			doors := b.doorsThatWrite(t)
			s.administer(how.begin)
			for _, d := range doors {
				d.refused(t, d.try())
			}
			for _, path := range []string{"/", "/tim-kiem?q=khai+sinh", "/thu-tuc/1.001193", "/ho-so",
				"/thong-bao"} {
				if p := b.get(path); p.StatusCode != http.StatusOK {
					t.Errorf("reading %s: %d", path, p.StatusCode)
				}
			}
			s.administer(how.end)
			for _, d := range doors {
				if p := d.try(); p.StatusCode >= 300 {
					t.Errorf("%s, afterwards: %d %s", d.name, p.StatusCode, p.body)
				}
			}
		})
	}
}

// A door is something that a person does and that writes.
type door struct {
	name string
	try  func() page
}

// refused checks that an answer is of an outage.
func (d door) refused(t *testing.T, p page) {
	t.Helper()
	seconds, err := strconv.Atoi(p.Header.Get("Retry-After"))
	if p.StatusCode != http.StatusServiceUnavailable || err != nil || seconds < 1 ||
		p.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: %d, Retry-After %q, Cache-Control %q: %s", d.name, p.StatusCode,
			p.Header.Get("Retry-After"), p.Header.Get("Cache-Control"), p.body)
	}
}

// doorsThatWrite are prepared up to the last step, which may be tried again.
func (b *browser) doorsThatWrite(t *testing.T) []door {
	t.Helper()
	free, costly := draftOf(b.ready("1")), draftOf(b.ready("3"))
	step := b.get(address.DraftStep("vi", free, 3))
	files := b.get(address.DraftFiles("vi", free))
	form := url.Values{"csrf": {files.token(t)}}
	fee := b.post(address.DraftSubmit("vi", costly), form)
	if fee.path != address.DraftFee("vi", costly) {
		t.Fatalf("submitting led to %s", fee.path)
	}
	another, frozen := draftOf(b.ready("1")), draftOf(b.ready("3"))
	b.post(address.DraftSubmit("vi", frozen), form)
	start := b.get(address.Start("vi", "2.000635"))
	beginning := start.hidden()
	beginning.Set("agency", string(b.Commune.ID))
	operation := postgres.NewID()
	return []door{
		{"login", func() page {
			v := b.site.visitor(t)
			chooser := v.post(address.Login("vi"), v.get(address.Login("vi")).hidden())
			return v.finishLogin(chooser, "Trần Văn Minh")
		}},
		{"begin a draft", func() page { return b.post(start.path, beginning) }},
		{"a page of the form", func() page { return b.post(step.path, filled(step)) }},
		{"a save of the script", func() page {
			return b.save(step, operation+".1", "sk.so=0", url.Values{"sk.so": {"15"}})
		}},
		{"upload", func() page {
			return b.upload(address.DraftRequirement("vi", free, "tai_lieu_lien_quan"), files.token(t),
				"a.png", desktest.Photo(t))
		}},
		{"pay", func() page { return b.post(address.DraftFee("vi", costly), form) }},
		{"edit what waits for its fee", func() page { return b.post(address.DraftEdit("vi", frozen), form) }},
		{"submit", func() page { return b.post(address.DraftSubmit("vi", another), form) }},
	}
}

// TestDoorsWhileRedisTakesNothing: sessions and logins lie in Redis; who cannot be logged in is told so.
func TestDoorsWhileRedisTakesNothing(t *testing.T) {
	t.Parallel()
	for _, refusal := range []string{"READONLY You can't write against a read only replica.",
		"OOM command not allowed when used memory > 'maxmemory'.",
		"MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."} {
		t.Run(refusal[:7], func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := s.person(t, "Nguyễn Thị Lan")
			token := b.get("/tai-khoan").token(t)
			v := s.visitor(t)
			login := v.get(address.Login("vi")).hidden()
			chooser := s.visitor(t)
			chosen := chooser.post(address.Login("vi"), chooser.get(address.Login("vi")).hidden())
			s.Redis.SetError(refusal)
			for _, d := range []door{
				{"begin a login", func() page { return v.post(address.Login("vi"), login) }},
				{"finish a login", func() page { return chooser.finishLogin(chosen, "Trần Văn Minh") }},
				{"a person's page", func() page { return b.get("/ho-so") }},
				{"a script's question", func() page { return b.get(address.Session("vi")) }},
				{"a form", func() page { return b.post("/tai-khoan", url.Values{"csrf": {token}}) }},
				{"a look-up", func() page {
					return v.post("/tra-cuu", url.Values{"code": {"H42-261127-0001"}, "digits": {"0001"}})
				}},
			} {
				d.refused(t, d.try())
			}
			for _, path := range []string{"/", "/tim-kiem", "/thu-tuc/1.001193", "/dang-nhap"} {
				if p := v.get(path); p.StatusCode != http.StatusOK {
					t.Errorf("%s: %d", path, p.StatusCode)
				}
			}
		})
	}
}

// TestUploadIntoAFullFolder: of several files the page names those that were kept and the one that was not,
// and everything else of the draft stays.
func TestUploadIntoAFullFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root may mount a small disk")
	}
	s := newSite(t)
	kept := t.TempDir()
	must(t, os.CopyFS(kept+"/was", os.DirFS(s.Folder)))
	if err := syscall.Mount("none", s.Folder, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("no small disk can be mounted here: %v", err)
	}
	defer syscall.Unmount(s.Folder, syscall.MNT_DETACH)
	must(t, os.CopyFS(s.Folder, os.DirFS(kept+"/was"))) // what lay there, on a smaller disk
	b := s.person(t, "Nguyễn Thị Lan")
	files := b.ready("1")
	to := address.DraftRequirement("vi", draftOf(files), "tai_lieu_lien_quan")
	big := append([]byte("%PDF-1.7\n"), append(bytes.Repeat([]byte("x"), 3<<20), "\n%%EOF\n"...)...)
	p := b.upload(to, files.token(t), "lon.pdf", big)
	door{name: "upload"}.refused(t, p)
	checkPage(t, s, p)
	if !strings.Contains(p.body, "lon.pdf") ||
		!strings.Contains(p.body, "Kho tệp của Cổng đang tạm gián đoạn") {
		t.Error(p.body)
	}
	if p := b.upload(to, files.token(t), "nho.png", desktest.Photo(t)); p.StatusCode != http.StatusOK {
		t.Errorf("a file that fits: %d %s", p.StatusCode, p.body)
	}
	if text := fmt.Sprint(s.Log); strings.Contains(text, "lon.pdf") ||
		!strings.Contains(text, "no space left") {
		t.Errorf("the log: %s", text)
	}
}
