package backoffice

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"congdvc/services/agency"
	"congdvc/services/onestop"
	"congdvc/services/throttle"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// TestLife takes a dossier from acknowledgement to the answer of a withdrawal.
func TestLife(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	lan := s.Citizen(t, 1)
	code := s.Submitted(t, lan)
	for _, c := range []struct {
		call, body, status string
	}{
		{"acknowledge", `{"office_code":"NB-2026-000001"}`, "submitted"},
		{"acknowledge", `{"office_code":"NB-2026-000002"}`, "submitted"},
		{"notes", `{"note":"Đang chờ sổ gốc"}`, "submitted"},
		{"receive", `{"note":"Hồ sơ hợp lệ","received_at":"2026-11-23T08:30:00+07:00"}`, "received"},
		{"process", `{}`, "processing"},
		{"payments", `{"amount":8000,"receipt_number":"0001234"}`, "processing"},
	} {
		got := s.post(t, at(code, "/", c.call), c.body)
		d := got.dossier(t)
		if d.Status != c.status || got.header.Get("ETag") != etagOf(d.RowVersion) {
			t.Errorf("%s: %s, ETag %s", c.call, got.body, got.header.Get("ETag"))
		}
	}
	d := s.call(t, request{path: at(code)}).dossier(t)
	if d.OfficeCode != "NB-2026-000002" || d.Sync != "acknowledged" || d.Payment != "paid" || d.DueAt == nil {
		t.Errorf("in the end: %+v", d)
	}
	if err := s.Desk.RequestWithdrawal(t.Context(), lan, code, "Không cần nữa"); err != nil {
		t.Fatal(err)
	}
	if got := s.post(t, at(code, "/withdrawal"), `{"accept":false,"note":"Đã in xong"}`).
		dossier(t); got.Status != "processing" {
		t.Errorf("a refused withdrawal: %+v", got)
	}
	again := s.post(t, at(code, "/withdrawal"), `{"accept":true}`)
	if again.status != 409 || again.problem(t).Type != "urn:congdvc:problem:desk.not_asked" {
		t.Errorf("answered twice: %s", again.body)
	}
	if err := s.Desk.RequestWithdrawal(t.Context(), lan, code, "Thật sự không cần"); err != nil {
		t.Fatal(err)
	}
	if got := s.post(t, at(code, "/withdrawal"), `{"accept":true,"note":"Đồng ý"}`).dossier(t); got.Status !=
		"withdrawn" {
		t.Errorf("an accepted withdrawal: %+v", got)
	}
	other := s.Submitted(t, lan)
	if got := s.post(t, at(other, "/refuse"), `{"reason":"Không thuộc thẩm quyền"}`).dossier(t); got.Status !=
		"refused" {
		t.Errorf("refused: %+v", got)
	}
}

// TestRefusedCalls lists what is told about calls that cannot be carried out.
func TestRefusedCalls(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	code := s.Submitted(t, s.Citizen(t, 1))
	path := func(call string) string { return at(code, "/", call) }
	today := workday.DateOf(s.Clock.Now())
	tomorrow := today.AddDays(1).String()
	for _, c := range []struct {
		name string
		r    request
		want int
		key  string
		at   string // pointers and parameters of the faults, in order
	}{
		{"no JSON", request{path: path("receive"), body: `{`}, 400, "backoffice.json", ""},
		{"a list", request{path: path("receive"), body: `[]`}, 400, "backoffice.json", ""},
		{"null", request{path: path("receive"), body: `null`}, 400, "backoffice.json", ""},
		{"nothing", request{path: path("receive")}, 400, "backoffice.json", ""},
		{"two values", request{path: path("receive"), body: `{}{}`}, 400, "backoffice.json", ""},
		{"unknown members", request{path: path("receive"), body: `{"notes":"x","a/b":1,"Note":"x"}`}, 422,
			"backoffice.unknown_member", "/Note /a~1b /notes"},
		{"the former actor", request{path: path("acknowledge"), body: `{"actor":{},"office_code":"x"}`}, 422,
			"backoffice.unknown_member", "/actor"},
		{"wrong types", request{path: path("receive"), body: `{"note":1,"received_at":"today"}`}, 422,
			"backoffice.member_type", "/note /received_at"},
		{"null member", request{path: path("receive"), body: `{"note":null}`}, 422, "backoffice.member_type",
			"/note"},
		{"nothing said", request{path: path("refuse"), body: `{"reason":" "}`}, 422, "onestop.required",
			"/reason"},
		{"too long", request{path: path("notes"), body: `{"note":"` + strings.Repeat("ă", 4001) + `"}`}, 422,
			"onestop.too_long", "/note"},
		{"a sign that no paper shows", request{path: path("notes"), body: `{"note":"Thiếu ảnh 😀"}`}, 422,
			"onestop.undrawn", "/note"},
		{"a control character", request{path: path("notes"), body: `{"note":"\u0000"}`}, 422, "onestop.value",
			"/note"},
		{"received ahead", request{path: path("receive"), body: `{"received_at":"2099-01-01T00:00:00Z"}`},
			422, "onestop.value", "/received_at"},
		{"every fault of a supplement",
			request{path: path("supplements"),
				body: `{"fields":["sk.noi"],"reasons":{"a.b":"x"},"deadline":"2020-01-01"}`}, 422,
			"onestop.required", "/reasons/sk.noi /reasons/a.b /deadline"},
		{"unknown fields and requirements, and a day a century away",
			request{path: path("supplements"), body: `{"fields":["sk.noi","x","y"],"requirements":["z","v"],` +
				`"reasons":{"sk.noi":"a","x":"a","y":"a","z":"a","v":"a"},"deadline":"2126-12-01"}`}, 422,
			"desk.unknown_field", "/fields/1 /fields/2 /requirements/0 /requirements/1 /deadline"},
		{"an item twice", request{path: path("supplements"), body: `{"fields":["sk.noi","sk.noi"],` +
			`"reasons":{"sk.noi":"a"},"deadline":"` + tomorrow + `"}`}, 422, "onestop.value", "/fields/1"},
		{"a supplement of 61 days", request{path: path("supplements"), body: `{"fields":["sk.noi"],` +
			`"reasons":{"sk.noi":"a"},"deadline":"` + today.AddDays(61).String() + `"}`}, 422,
			"onestop.value", "/deadline"},
		{"received before it was submitted",
			request{path: path("receive"), body: `{"received_at":"2026-11-23T08:24:59+07:00"}`}, 422,
			"onestop.value", "/received_at"},
		{"received at the beginning of time",
			request{path: path("receive"), body: `{"received_at":"0001-01-01T00:00:00Z"}`}, 422,
			"onestop.value", "/received_at"},
		{"received six minutes ahead",
			request{path: path("receive"), body: `{"received_at":"2026-11-23T08:36:01+07:00"}`}, 422,
			"onestop.value", "/received_at"},
		{"a member twice", request{path: path("receive"), body: `{"note":"a","note":"b"}`}, 400,
			"backoffice.duplicate_member", "/note"},
		{"a member twice, once with an escape", request{path: path("receive"),
			body: `{"Note":"a","\u004eote":"b"}`}, 400, "backoffice.duplicate_member", "/Note"},
		{"a reason twice", request{path: path("supplements"), body: `{"fields":["sk.noi"],` +
			`"reasons":{"sk.noi":"a","sk.noi":"b"},"deadline":"` + tomorrow + `"}`}, 400,
			"backoffice.duplicate_member", "/reasons/sk.noi"},
		{"a member twice deep within", request{path: path("receive"), body: `{"note":[{"a":{"b":1,"b":2}}]}`},
			400, "backoffice.duplicate_member", "/note"},
		{"a bomb of depth", request{path: path("receive"), body: `{"note":` + strings.Repeat("[", 40) +
			strings.Repeat("]", 40) + `}`}, 400, "backoffice.json", ""},
		{"a deeper one", request{path: path("receive"), body: `{"note":` + strings.Repeat("[", 50_000) +
			strings.Repeat("]", 50_000) + `}`}, 400, "backoffice.json", ""},
		{"half a surrogate pair", request{path: path("notes"), body: `{"note":"a\ud83d"}`}, 422,
			"onestop.value", "/note"},
		{"bytes that are no UTF-8 in a note", request{path: path("notes"), body: "{\"note\":\"a\xff\"}"},
			422, "onestop.value", "/note"},
		{"a parameter", request{path: path("receive?force=1&x=2&x=3"), body: `{}`}, 400,
			"backoffice.parameter", "force x"},
		{"another amount", request{path: path("payments"), body: `{"amount":7999}`}, 422, "payments.amount",
			""},
		{"out of turn", request{path: path("process"), body: `{}`}, 409, "dossier.move", ""},
		{"no withdrawal asked", request{path: path("withdrawal"), body: `{"accept":true}`}, 409,
			"desk.not_asked", ""},
		{"a refusal without a word", request{path: path("withdrawal"), body: `{"accept":false}`}, 422,
			"onestop.required", "/note"},
		{"no key of the call", request{path: path("receive"), body: `{}`,
			header: map[string]string{"Idempotency-Key": ""}}, 400, "backoffice.idempotency_key",
			"Idempotency-Key"},
		{"a key with a space", request{path: path("receive"), body: `{}`,
			header: map[string]string{"Idempotency-Key": "a b"}}, 400, "backoffice.idempotency_key",
			"Idempotency-Key"},
		{"a long key", request{path: path("receive"), body: `{}`,
			header: map[string]string{"Idempotency-Key": strings.Repeat("a", 201)}}, 400,
			"backoffice.idempotency_key", "Idempotency-Key"},
		{"a weak ETag", request{path: path("receive"), body: `{}`,
			header: map[string]string{"If-Match": `W/"1"`}}, 400, "backoffice.if_match", "If-Match"},
		{"an old ETag", request{path: path("receive"), body: `{}`,
			header: map[string]string{"If-Match": `"0"`}}, 412, "desk.stale", ""},
		{"another media type", request{path: path("receive"), body: `{}`,
			header: map[string]string{"Content-Type": "text/plain"}}, 415, "backoffice.media_type", ""},
		{"no media type", request{path: path("receive"), body: `{}`,
			header: map[string]string{"Content-Type": ""}}, 415, "backoffice.media_type", ""},
		{"nobody", request{path: path("receive"), body: `{}`, header: map[string]string{"Actor": ""}}, 400,
			"backoffice.actor", "Actor"},
		{"half an actor", request{path: path("receive"), body: `{}`,
			header: map[string]string{"Actor": "name=A&unit=B"}}, 400, "onestop.required",
			"Actor.title Actor.phone"},
		{"two names", request{path: path("receive"), body: `{}`,
			header: map[string]string{"Actor": "name=A&name=B&unit=C"}}, 400, "backoffice.actor", "Actor"},
		{"an unknown member", request{path: path("receive"), body: `{}`,
			header: map[string]string{"Actor": "name=A&unit=C&rank=1"}}, 400, "backoffice.actor", "Actor"},
		{"broken percent", request{path: path("receive"), body: `{}`,
			header: map[string]string{"Actor": "name=%zz"}}, 400, "backoffice.actor", "Actor"},
		{"bytes that are no UTF-8", request{path: path("receive"), body: `{}`,
			header: map[string]string{"Actor": "name=%FF&unit=A&title=A&phone=1"}}, 400, "onestop.value",
			"Actor.name"},
		{"no authorization", request{path: path("receive"), body: `{}`,
			header: map[string]string{"Authorization": ""}}, 401, "onestop.key", ""},
		{"basic authorization", request{path: path("receive"), body: `{}`,
			header: map[string]string{"Authorization": "Basic " + s.Key}}, 401, "onestop.key", ""},
		{"another key", request{path: path("receive"), body: `{}`,
			header: map[string]string{"Authorization": "Bearer " + s.Key[:len(s.Key)-2] + "__"}}, 401,
			"onestop.key", ""},
		{"a large body", request{path: path("notes"), body: `{"note":"` + strings.Repeat("a", jsonBody) +
			`"}`}, 413, "backoffice.too_large", ""},
		{"a large body of untold length",
			request{path: path("notes"), body: `{"note":"` + strings.Repeat("a", jsonBody) + `"}`,
				stream: true}, 413, "backoffice.too_large", ""},
		{"replay of nothing", request{path: "/replays", body: `{"from":0,"to":-1}`}, 422, "onestop.value",
			"/from /to"},
	} {
		c.r.method = http.MethodPost
		got := s.call(t, c.r)
		p := got.problem(t)
		var where []string
		for _, f := range p.Errors {
			where = append(where, f.Pointer+f.Parameter)
		}
		if got.status != c.want || p.Type != onestop.ProblemType(c.key) || strings.Join(where, " ") != c.at {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
		if (got.status == 401) != (got.header.Get("WWW-Authenticate") != "") {
			t.Errorf("%s: WWW-Authenticate %q", c.name, got.header.Get("WWW-Authenticate"))
		}
	}
	if d := s.call(t, request{path: at(code)}).dossier(t); d.Status != "submitted" || d.RowVersion != 1 &&
		d.Sync != "waiting" {
		t.Errorf("refused calls changed something: %+v", d)
	}
}

func TestAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	code := s.Submitted(t, s.Citizen(t, 1))
	call := func(path, body, key string) reply {
		return s.call(t, request{method: http.MethodPost, path: path, body: body,
			header: map[string]string{"Idempotency-Key": key}})
	}
	// Many at once: one is carried out, all get its bytes.
	replies := make([]reply, 8)
	var wg sync.WaitGroup
	for i := range replies {
		wg.Go(func() { replies[i] = call(at(code, "/receive"), `{"note":"x"}`, "same") })
	}
	wg.Wait()
	for _, r := range replies {
		if r.status != 200 || r.body != replies[0].body ||
			r.header.Get("ETag") != replies[0].header.Get("ETag") {
			t.Errorf("%d %s\nand %s", r.status, r.body, replies[0].body)
		}
	}
	// The same key with another body, path or officer is another request.
	for _, r := range []reply{
		call(at(code, "/receive"), `{"note":"y"}`, "same"),
		call(at(code, "/notes"), `{"note":"x"}`, "same"),
		s.call(t, request{method: http.MethodPost, path: at(code, "/receive"), body: `{"note":"x"}`,
			header: map[string]string{"Idempotency-Key": "same", "Actor": "name=B&unit=C&title=D&phone=1"}}),
	} {
		if r.status != 409 || r.problem(t).Type != "urn:congdvc:problem:onestop.call_reused" {
			t.Errorf("a key that was used: %d %s", r.status, r.body)
		}
	}
	// A call that failed does not use up its key.
	if r := call(at(code, "/refuse"), `{"reason":"x"}`, "failed"); r.status != 409 {
		t.Errorf("refused after it was received: %d", r.status)
	}
	if r := call(at(code, "/process"), `{}`, "failed"); r.status != 200 {
		t.Errorf("the key of a failed call: %d %s", r.status, r.body)
	}
	d := s.call(t, request{path: at(code)})
	right := s.call(t, request{method: http.MethodPost, path: at(code, "/notes"), body: `{"note":"x"}`,
		header: map[string]string{"If-Match": d.header.Get("ETag")}})
	stale := s.call(t, request{method: http.MethodPost, path: at(code, "/notes"), body: `{"note":"x"}`,
		header: map[string]string{"If-Match": d.header.Get("ETag")}})
	anyhow := s.call(t, request{method: http.MethodPost, path: at(code, "/notes"), body: `{"note":"x"}`,
		header: map[string]string{"If-Match": "*"}})
	if right.status != 200 || stale.status != 412 || anyhow.status != 200 {
		t.Errorf("If-Match: %d, %d, %d", right.status, stale.status, anyhow.status)
	}
}

// TestStrangers holds keys to their scopes and connections to their agencies.
func TestStrangers(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	code := s.Submitted(t, s.Citizen(t, 1))
	var reader, stranger string
	err := pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
		now := s.Clock.Now()
		other, _, err := onestop.CreateConnection(t.Context(), tx, s.Vault,
			onestop.NewConnection{Code: "so", Name: "Một cửa Sở Tư pháp", Now: now})
		if err != nil {
			return err
		}
		departments, err := agency.List(t.Context(), tx, agency.Filter{Kind: agency.Department,
			On: workday.DateOf(now)})
		if err != nil {
			return err
		}
		if err := agency.Serve(t.Context(), tx, s.Vault, other.ID, departments[0].ID,
			workday.DateOf(now)); err != nil {
			return err
		}
		if stranger, _, err = onestop.CreateKey(t.Context(), tx, s.Vault, other.ID, onestop.Scopes,
			now); err != nil {
			return err
		}
		reader, _, err = onestop.CreateKey(t.Context(), tx, s.Vault, s.Connection,
			[]onestop.Scope{onestop.Read}, now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	as := func(key string, r request) reply {
		r.header = map[string]string{"Authorization": "bearer " + key, "Actor": officer}
		return s.call(t, r)
	}
	for _, c := range []struct {
		name, key string
		r         request
		want      int
	}{
		{"a reader reads", reader, request{path: at(code)}, 200},
		{"a reader writes", reader, request{method: "POST", path: at(code, "/receive"), body: `{}`}, 403},
		{"a reader reads the log", reader, request{path: "/feed"}, 403},
		{"a reader replays", reader, request{method: "POST", path: "/replays", body: `{"from":1,"to":1}`},
			403},
		{"a stranger reads", stranger, request{path: at(code)}, 404},
		{"a stranger reads a revision", stranger, request{path: at(code, "/revisions/1")}, 404},
		{"a stranger receives", stranger, request{method: "POST", path: at(code, "/receive"), body: `{}`},
			404},
		{"a stranger's log", stranger, request{path: "/feed"}, 200},
	} {
		if got := as(c.key, c.r); got.status != c.want || strings.Contains(got.body, "NV") {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
	}
	// An officer who only reads need not have a title or a telephone.
	if got := s.call(t,
		request{path: at(code), header: map[string]string{"Actor": "name=A&unit=B"}}); got.status != 200 {
		t.Errorf("a reader with name and unit: %d %s", got.status, got.body)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.limiter.Patience = time.Minute // what is tested is the count, not how busy the machine is
	s.spend(t, perMinute)
	got := s.call(t, request{path: "/feed"})
	if got.status != 429 || got.header.Get("Retry-After") == "" ||
		got.problem(t).Type != "urn:congdvc:problem:throttle.too_many" {
		t.Errorf("too many: %d %v %s", got.status, got.header, got.body)
	}
	s.redis.Close()
	if got := s.call(t, request{path: "/feed"}); got.status != 200 {
		t.Errorf("without Redis: %d %s", got.status, got.body)
	}
	s.Pool.Close()
	got = s.call(t, request{path: "/feed"})
	if got.status != 503 && got.status != 500 || strings.Contains(got.body, "pool") {
		t.Errorf("without a database: %d %s", got.status, got.body)
	}
}

// spend uses up so many calls of the scene's key.
func (s *scene) spend(t testing.TB, n int) {
	t.Helper()
	key, err := onestop.KeyOf(t.Context(), s.Pool, s.Vault, s.Key, s.Clock.Now())
	must(t, err)
	charge := throttle.Charge{Budget: callBudget, Key: key.ID}
	for range n / 50 {
		// What is beyond the budget is counted and refused.
		err := s.limiter.Spend(t.Context(), slices.Repeat([]throttle.Charge{charge}, 50)...)
		if err != nil && !errors.Is(err, throttle.ErrTooMany) {
			t.Fatal(err)
		}
	}
}
