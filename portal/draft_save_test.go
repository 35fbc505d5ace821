package portal_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"congdvc/portal/address"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
)

// scriptAnswer is what the portal tells a page's script.
type scriptAnswer struct {
	Saved     string         `json:"saved"`
	Revisions map[string]int `json:"revisions"`
	Conflicts []struct {
		Field, Choice string
		Revision      int
	} `json:"conflicts"`
	Held     []string `json:"held"`
	Unlisted string   `json:"unlisted"`
	Fresh    bool     `json:"fresh"`
	Login    bool     `json:"login"`
	Message  string   `json:"message"`
	State    struct {
		Person, CSRF, Ends string
		Left               int
	} `json:"state"`
}

func (p page) answer(t testing.TB) scriptAnswer {
	t.Helper()
	var a scriptAnswer
	if err := json.Unmarshal([]byte(p.body), &a); err != nil ||
		!strings.HasPrefix(p.Header.Get("Content-Type"), "application/json") {
		t.Fatalf("%d %s is no answer to a script: %v %s", p.StatusCode, p.path, err, p.body)
	}
	return a
}

// save sends inputs of a step as its script does; base is the revision that the page showed.
func (b *browser) save(step page, op, base string, values url.Values) page {
	b.t.Helper()
	form := url.Values{"csrf": {step.token(b.t)}, "__op": {op}}
	maps.Copy(form, values)
	if base != "" {
		field, revision, _ := strings.Cut(base, "=")
		form.Set("__base."+field, revision)
	}
	return b.post(address.DraftSave("vi", draftOf(step)), form)
}

func TestEveryChangeIsSaved(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := draftOf(b.ready("1"))
	step := b.get(address.DraftStep("vi", id, 3))
	shown := filled(step)
	pageID := shown.Get("__op")
	base := "sk.noi=" + shown.Get("__base.sk.noi")
	first := b.save(step, pageID+".1", base, url.Values{"sk.noi": {"  UBND xã Ninh Hải "}})
	a := first.answer(t)
	if first.StatusCode != http.StatusOK || !a.Fresh || a.Revisions["sk.noi"] != 2 ||
		!strings.Contains(a.Saved, "Đã lưu lúc") || a.State.Left < 60 || a.State.CSRF == "" {
		t.Fatalf("%d %s", first.StatusCode, first.body)
	}
	if now := b.get(step.path); !strings.Contains(now.body, `value="UBND xã Ninh Hải"`) {
		t.Error("the change is not in the draft")
	}
	// Said again it is answered the same, but for having changed something now.
	same := func(body string) string {
		return strings.Replace(body[:strings.Index(body, `"state"`)], `"fresh":true`, `"fresh":false`, 1)
	}
	if again := b.save(step, pageID+".1", base,
		url.Values{"sk.noi": {"  UBND xã Ninh Hải "}}); same(again.body) != same(first.body) ||
		again.answer(t).Fresh {
		t.Errorf("the same save again is %s, not %s", again.body, first.body)
	}
	// The page's own saves are no conflict to it, also when it never learned what became of them.
	if a := b.save(step, pageID+".2", base, url.Values{"sk.noi": {"UBND xã Ninh An"}}).
		answer(t); len(a.Conflicts) != 0 || a.Revisions["sk.noi"] != 3 {
		t.Errorf("%+v", a)
	}
	post := maps.Clone(shown)
	post.Set("__op", pageID+".3")
	post.Set("sk.noi", "UBND xã Ninh Vân")
	if p := b.post(step.path, post); p.StatusCode != http.StatusOK || p.path == step.path {
		t.Errorf("the page's own post is a conflict: %d %s", p.StatusCode, p.path)
	}
	late := b.save(step, pageID+".2", base, url.Values{"sk.noi": {"UBND xã Ninh An"}})
	if now := b.get(step.path); late.StatusCode != http.StatusOK ||
		!strings.Contains(now.body, `value="UBND xã Ninh Vân"`) {
		t.Errorf("a save that arrived late undid the post: %d", late.StatusCode)
	}
}

func TestWhyASourceIsWrongIsSavedToo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	step := b.begin("2.000635")
	page := filled(step)
	a := b.save(step, page.Get("__op")+".1", "nyc.dien_thoai="+page.Get("__base.nyc.dien_thoai"),
		url.Values{"nyc.dien_thoai": {"0987654321"}, "__why.nyc.dien_thoai": {"Tôi đã đổi số"}}).answer(t)
	given, err := dossier.GivenFor(t.Context(), s.Pool, s.Vault, dossier.DraftID(draftOf(step)))
	if err != nil || !a.Fresh || given["nyc.dien_thoai"].Reason != "Tôi đã đổi số" {
		t.Errorf("%+v, %+v, %v", a, given["nyc.dien_thoai"], err)
	}
}

func TestAStaleSaveShowsBothValues(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := draftOf(b.ready("1"))
	one, two := b.get(address.DraftStep("vi", id, 3)), b.get(address.DraftStep("vi", id, 3))
	base := "sk.noi=" + filled(one).Get("__base.sk.noi")
	b.save(one, filled(one).Get("__op")+".1", base, url.Values{"sk.noi": {"UBND xã Ninh Hải"}})
	form := url.Values{"sk.noi": {"UBND xã <b>Ninh An"}, "sk.so": {"15"},
		"__base.sk.so": {filled(two).Get("__base.sk.so")}}
	p := b.save(two, filled(two).Get("__op")+".1", base, form)
	a := p.answer(t)
	if len(a.Conflicts) != 1 || a.Conflicts[0].Revision != 2 || a.Revisions["sk.so"] != 1 {
		t.Fatalf("%d %s", p.StatusCode, p.body)
	}
	choice := a.Conflicts[0].Choice
	if !strings.Contains(choice, "UBND xã Ninh Hải") ||
		!strings.Contains(choice, "UBND xã &lt;b&gt;Ninh An") || strings.Contains(choice, "checked") {
		t.Error(choice)
	}
	// After the login has ended the same save shows nothing.
	s.expireSessions(t)
	held := b.save(two, filled(two).Get("__op")+".1", base, form)
	if a := held.answer(t); !a.Login || len(a.Held) != 1 || len(a.Conflicts) != 0 ||
		strings.Contains(held.body, "Ninh") || a.State.CSRF != "" || a.State.Person != "" {
		t.Errorf("%d %s", held.StatusCode, held.body)
	}
}

func TestASaveOfAnEndedSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := draftOf(b.ready("1"))
	step := b.get(address.DraftStep("vi", id, 3))
	s.expireSessions(t)
	if a := b.save(step, postgres.NewID()+".1", "sk.so=0", url.Values{"sk.so": {"77"}}).answer(t); !a.Login ||
		a.Revisions["sk.so"] != 1 {
		t.Errorf("%+v", a)
	}
	fields, err := dossier.Fields(t.Context(), s.Pool, s.Vault, dossier.DraftID(id))
	if err != nil || fields["sk.so"].Value.Text != "77" {
		t.Errorf("%+v, %v", fields["sk.so"], err)
	}
	s.Redis.FlushAll()
	gone := b.save(step, postgres.NewID()+".1", "sk.so=1", url.Values{"sk.so": {"78"}})
	if gone.StatusCode != http.StatusUnauthorized || gone.answer(t).Message == "" {
		t.Errorf("%d %s", gone.StatusCode, gone.body)
	}
	s.Redis.SetError("away")
	if away := b.save(step, postgres.NewID()+".1", "sk.so=1", url.Values{"sk.so": {"78"}}); away.StatusCode !=
		http.StatusServiceUnavailable {
		t.Errorf("without Redis: %d %s", away.StatusCode, away.body)
	}
}

func TestWhatASaveMayNotBring(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, minh := s.person(t, "Nguyễn Thị Lan"), s.person(t, "Trần Văn Minh")
	id := draftOf(b.ready("1"))
	step := b.get(address.DraftStep("vi", id, 3))
	op := postgres.NewID() + ".1"
	for name, c := range map[string]struct {
		op, base string
		values   url.Values
		status   int
	}{
		"no operation": {"", "sk.so=0", url.Values{"sk.so": {"1"}}, http.StatusUnprocessableEntity},
		"an operation of words": {"op", "sk.so=0", url.Values{"sk.so": {"1"}},
			http.StatusUnprocessableEntity},
		"the page's own number": {postgres.NewID(), "sk.so=0", url.Values{"sk.so": {"1"}},
			http.StatusUnprocessableEntity},
		"no field": {op, "", url.Values{}, http.StatusUnprocessableEntity},
		"an unknown field": {op, "sk.khong=0", url.Values{"sk.khong": {"1"}},
			http.StatusUnprocessableEntity},
		"an input too many": {op, "sk.so=0", url.Values{"sk.so": {"1"}, "sk.noi": {"x"}},
			http.StatusUnprocessableEntity},
		"a base of words":      {op, "sk.so=x", url.Values{"sk.so": {"1"}}, http.StatusUnprocessableEntity},
		"a base below nothing": {op, "sk.so=-1", url.Values{"sk.so": {"1"}}, http.StatusUnprocessableEntity},
		"a text too long": {op, "sk.so=0", url.Values{"sk.so": {strings.Repeat("x", 100_000)}},
			http.StatusUnprocessableEntity},
		"a body too large": {op, "sk.so=0", url.Values{"sk.so": {strings.Repeat("x", 300<<10)}},
			http.StatusRequestEntityTooLarge},
		"a forged token": {op, "sk.so=0", url.Values{"sk.so": {"1"}, "csrf": {"x"}}, http.StatusForbidden},
	} {
		p := b.save(step, c.op, c.base, c.values)
		if p.StatusCode != c.status {
			t.Errorf("%s: %d %s", name, p.StatusCode, p.body)
		}
		if c.status == http.StatusUnprocessableEntity && p.answer(t).Message == "" {
			t.Errorf("%s is refused without a word", name)
		}
	}
	form := url.Values{"csrf": {minh.get("/tai-khoan").token(t)}, "__op": {op}, "__base.sk.so": {"0"},
		"sk.so": {"1"}}
	if p := minh.post(address.DraftSave("vi", id), form); p.StatusCode != http.StatusNotFound {
		t.Errorf("a stranger's save: %d", p.StatusCode)
	}
	fields, err := dossier.Fields(t.Context(), s.Pool, s.Vault, dossier.DraftID(id))
	if _, set := fields["sk.so"]; set || err != nil {
		t.Errorf("something was saved: %+v, %v", fields["sk.so"], err)
	}
	b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {step.token(t)}})
	if p := b.save(step, op, "sk.so=0", url.Values{"sk.so": {"1"}}); p.StatusCode != http.StatusConflict ||
		p.answer(t).Message == "" {
		t.Errorf("a save of a draft that was submitted: %d %s", p.StatusCode, p.body)
	}
}

func TestTheSessionOfAPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	lan, minh, nobody := s.person(t, "Nguyễn Thị Lan"), s.person(t, "Trần Văn Minh"), s.visitor(t)
	step := lan.begin("2.000635")
	if !strings.Contains(step.body, `id="until"`) || !strings.Contains(step.body, "drafts.") ||
		!strings.Contains(step.body, `action="`+address.Session("vi")+`"`) {
		t.Errorf("the page does not say when the session ends: %s", step.body)
	}
	checkPage(t, s, step)
	state := func(b *browser) (state struct {
		Person, CSRF string
		Left         int
	}) {
		p := b.get(address.Session("vi"))
		if err := json.Unmarshal([]byte(p.body), &state); err != nil || p.StatusCode != http.StatusOK ||
			p.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %v %s", p.StatusCode, err, p.body)
		}
		return state
	}
	a, b := state(lan), state(minh)
	if a.Person == b.Person || a.CSRF != step.token(t) || a.Left < 25*60 || a.Left > 30*60 ||
		!strings.Contains(step.body, a.Person) {
		t.Errorf("%+v %+v", a, b)
	}
	if p := nobody.get(address.Session("vi")); p.StatusCode != http.StatusUnauthorized {
		t.Errorf("nobody's session: %d", p.StatusCode)
	}
	s.idle.Store(int64(29 * 60 * 1e9))
	if p := lan.post(address.Session("vi"), url.Values{"csrf": {a.CSRF}, "ve": {step.path}}); p.path !=
		step.path {
		t.Errorf("extending leads to %s", p.path)
	}
	s.idle.Store(int64(58 * 60 * 1e9))
	if p := lan.get(step.path); p.path != step.path {
		t.Errorf("an extended session has ended: %s", p.path)
	}
	s.idle.Store(int64(120 * 60 * 1e9))
	if p := lan.post(address.Session("vi"),
		url.Values{"csrf": {a.CSRF}, "ve": {step.path}}); !strings.HasPrefix(p.path, "/dang-nhap?ve=") {
		t.Errorf("extending what has ended leads to %s", p.path)
	}
}

func TestADeviceIsItsPersons(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	lan, minh := s.person(t, "Nguyễn Thị Lan"), s.person(t, "Trần Văn Minh")
	type keys struct{ Device, Public, Private string }
	ask := func(b *browser, device string) (keys, int) {
		t.Helper()
		p := b.post(address.Device("vi"), url.Values{"csrf": {b.get("/tai-khoan").token(t)},
			"device": {device}})
		var k keys
		if err := json.Unmarshal([]byte(p.body), &k); err != nil ||
			p.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %v %s", p.StatusCode, err, p.body)
		}
		return k, p.StatusCode
	}
	made, _ := ask(lan, "")
	if made.Device == "" || made.Public == "" || made.Private != "" {
		t.Fatalf("%+v", made)
	}
	if again, status := ask(lan, made.Device); status != http.StatusOK || again.Private == "" ||
		again.Public != made.Public {
		t.Errorf("%d %+v", status, again)
	}
	if k, status := ask(minh, made.Device); status != http.StatusNotFound || k.Private != "" {
		t.Errorf("another person's: %d %+v", status, k)
	}
	if _, status := ask(lan, "x"); status != http.StatusNotFound {
		t.Errorf("no id: %d", status)
	}
	if p := lan.post(address.Device("vi"), url.Values{"device": {made.Device}}); p.StatusCode !=
		http.StatusForbidden {
		t.Errorf("without a token: %d", p.StatusCode)
	}
	if p := s.visitor(t).post(address.Device("vi"), url.Values{}); p.StatusCode != http.StatusUnauthorized {
		t.Errorf("nobody: %d", p.StatusCode)
	}
}

func TestTheOtherLanguageKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	step := b.begin("2.000635")
	if !strings.Contains(step.body, `<button form="step" name="__lang" value="en" lang="en">`) {
		t.Fatalf("the switch of the language is not a button: %s", step.body)
	}
	other := b.fill(step, url.Values{"nyc.dien_thoai": {"12 sai"}, "nyc.email": {"lan@moi.example"},
		"__lang": {"en"}})
	if other.path != address.DraftStep("en", draftOf(step), 1) ||
		!strings.Contains(other.body, `value="12 sai"`) ||
		!strings.Contains(other.body, `value="lan@moi.example"`) {
		t.Errorf("%d %s", other.StatusCode, other.path)
	}
	checkPage(t, s, other)
}
