package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"congdvc/portal/address"
)

// relation is the first step of 2.000635, but for the relation itself, which is searched for.
var relation = url.Values{
	"nyc.loai": {"ca_nhan"}, "nyc.cu_tru.tinh": {"37"}, "nyc.cu_tru.xa": {"Phường Hoa Lư"},
	"nyc.cu_tru.chi_tiet": {"Số 5"},
}

func with(values url.Values, more url.Values) url.Values {
	all := url.Values{}
	for _, v := range []url.Values{values, more} {
		for name, of := range v {
			all[name] = of
		}
	}
	return all
}

// searchedInput is the input of a field to search, with its value.
func searchedInput(p page, name string) string {
	m := regexp.MustCompile(`<input class="in" id="` + regexp.QuoteMeta(name) +
		`" name="[^"]*" value="([^"]*)" list="[^"]*"`).FindStringSubmatch(p.body)
	if m == nil {
		return "(none)"
	}
	return unescape(m[1])
}

// TestADictionaryIsSearchedWithoutJavaScript types names as a page without scripts sends them.
func TestADictionaryIsSearchedWithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	for _, c := range []struct{ lang, typed, shown string }{
		{"vi", "  BAN  than", "Bản thân"}, {"vi", "ban_than", "Bản thân"}, {"vi", "Bản thân", "Bản thân"},
		{"en", "bản thân", "Myself"}, {"en", "myself", "Myself"}, {"vi", "Myself", "Bản thân"},
	} {
		p := b.fill(b.begin("2.000635"), relation)
		p = b.get(address.DraftStep(c.lang, draftIn(p), 1))
		p = b.fill(p, with(relation, url.Values{"nyc.quan_he": {c.typed}}))
		first := b.get(address.DraftStep(c.lang, draftIn(p), 1))
		checkPage(t, s, first)
		if got := searchedInput(first, "nyc.quan_he"); got != c.shown {
			t.Errorf("%q is shown in %s as %q", c.typed, c.lang, got)
		}
	}
}

func draftIn(p page) string { return draftOf(page{path: strings.TrimPrefix(p.path, "/en")}) }

// TestWhatIsNoEntryIsSaidAndStays: beside its input, with what may be meant, and never in the draft.
func TestWhatIsNoEntryIsSaidAndStays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	for _, c := range []struct{ lang, typed, says, offers string }{
		{"vi", "nuoi", "có thể là", `value="con_nuoi"`}, {"vi", "hoàn <toàn> lạ", "Không mục nào", ""},
		{"en", "grand", "may mean several", `value="ong"`}, {"en", "wholly strange", "Nothing in the list",
			""},
	} {
		begun := b.begin("2.000635")
		id := draftOf(begun)
		p := b.get(address.DraftStep(c.lang, id, 1))
		p = b.fill(p, relation)
		p = b.fill(b.get(address.DraftStep(c.lang, id, 1)),
			with(relation, url.Values{"nyc.quan_he": {c.typed}}))
		checkPage(t, s, p)
		beside := regexp.MustCompile(`(?s)id="nyc.quan_he-err">(.*?)</p>`).FindStringSubmatch(p.body)
		if p.StatusCode != http.StatusUnprocessableEntity || beside == nil ||
			!strings.Contains(beside[1], c.says) || searchedInput(p, "nyc.quan_he") != c.typed {
			t.Fatalf("%q in %s: %d %q, and the input holds %q", c.typed, c.lang, p.StatusCode, beside,
				searchedInput(p, "nyc.quan_he"))
		}
		offered := strings.Count(p.body, `<input type="radio" name="nyc.quan_he"`)
		if (offered > 0) != (c.offers != "") || offered > 12 || !strings.Contains(p.body, c.offers) {
			t.Errorf("of %q %d are offered", c.typed, offered)
		}
		if line := regexp.MustCompile(`id="saved">([^<]*)<`).FindStringSubmatch(p.body); line == nil ||
			strings.Contains(line[1], "Đã lưu") || strings.HasPrefix(line[1], "Saved") {
			t.Errorf("the page says %q", line)
		}
		if again := b.get(p.path); searchedInput(again, "nyc.quan_he") != "" {
			t.Errorf("the draft holds %q", searchedInput(again, "nyc.quan_he"))
		}
		// The other language would show what is saved: the page comes again instead, with what was typed.
		if p := b.fill(p, url.Values{"__lang": {"x"}}); p.StatusCode != http.StatusUnprocessableEntity ||
			searchedInput(p, "nyc.quan_he") != c.typed {
			t.Errorf("the switch of the language: %d %q", p.StatusCode, searchedInput(p, "nyc.quan_he"))
		}
		if c.offers != "" { // a button goes before what is typed above it
			values := filled(p)
			values["nyc.quan_he"] = append([]string{"con"}, values["nyc.quan_he"]...)
			if p = b.post(p.path, values); p.StatusCode != http.StatusOK || strings.HasSuffix(p.path, "/1") {
				t.Errorf("the choice leads to %d %s", p.StatusCode, p.path)
			}
		}
	}
}

// TestAnUnlistedTextIsNeverSaidToBeSaved: by a script, nor when the session has ended.
func TestAnUnlistedTextIsNeverSaidToBeSaved(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	step := b.fill(b.begin("2.000635"), relation)
	step = b.get(address.DraftStep("vi", draftIn(step), 1))
	shown := filled(step)
	a := b.save(step, shown.Get("__op")+".1", "nyc.quan_he="+shown.Get("__base.nyc.quan_he"),
		url.Values{"nyc.quan_he": {"nguoi la"}}).answer(t)
	if !strings.Contains(a.Unlisted, "Chưa lưu được") {
		t.Errorf("%+v", a)
	}
	if a := b.save(step, shown.Get("__op")+".2", "nyc.quan_he="+shown.Get("__base.nyc.quan_he"),
		url.Values{"nyc.quan_he": {"ban than"}}).answer(t); a.Unlisted != "" || a.Saved == "" {
		t.Errorf("%+v", a)
	}
	step = b.get(step.path)
	s.expireSessions(t)
	form := filled(step)
	form.Set("nyc.quan_he", "nguoi la")
	p := b.postFrom(s.URL, step.path, form)
	if !strings.HasPrefix(p.path, "/dang-nhap?") || strings.Contains(p.body, "đã được lưu") ||
		!strings.Contains(p.body, "tạm giữ") {
		t.Fatalf("%s %s", p.path, p.body)
	}
	if back := b.finishLogin(b.post(p.path, p.hidden()), "Nguyễn Thị Lan"); searchedInput(back,
		"nyc.quan_he") != "nguoi la" {
		t.Errorf("after the login %s holds %q", back.path, searchedInput(back, "nyc.quan_he"))
	}
}
