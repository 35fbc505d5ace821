package portal_test

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"congdvc/portal/address"
	"congdvc/services/desk/desktest"
)

// begin chooses the commune and gives the path of the draft's first step.
func (b *browser) begin(procedure string) page {
	b.t.Helper()
	start := b.get(address.Start("vi", procedure))
	form := start.hidden()
	form.Set("agency", string(b.Commune.ID))
	p := b.post(start.path, form)
	if !strings.HasSuffix(p.path, "/buoc/1") {
		b.t.Fatalf("the draft began at %s: %s", p.path, p.body)
	}
	return p
}

// fill sends a step with values over what its page already holds.
func (b *browser) fill(p page, values url.Values) page {
	b.t.Helper()
	form := filled(p)
	maps.Copy(form, values)
	return b.post(p.path, form)
}

var (
	inputs    = regexp.MustCompile(`<input ([^>]*)>`)
	attribute = regexp.MustCompile(`([a-z_-]+)="([^"]*)"`)
	selects   = regexp.MustCompile(`(?s)<select class="in" id="[^"]*" name="([^"]+)".*?</select>`)
	chosen    = regexp.MustCompile(`value="([^"]*)" selected`)
	areas     = regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>`)
)

var group = regexp.MustCompile(`<fieldset([^>]*)>|</fieldset>`)

// asked is a page without its disabled groups, which a browser neither shows nor sends.
func asked(body string) string {
	var out strings.Builder
	depth, disabled, at := 0, 0, 0
	for _, m := range group.FindAllStringSubmatchIndex(body, -1) {
		if disabled == 0 {
			out.WriteString(body[at:m[0]])
			at = m[0]
		}
		if m[2] < 0 {
			if depth == disabled {
				disabled, at = 0, m[1]
			}
			depth--
			continue
		}
		if depth++; disabled == 0 && strings.HasSuffix(body[m[2]:m[3]], " disabled") {
			disabled = depth
		}
	}
	return out.String() + body[at:]
}

// filled is what a browser would send of a page as it stands.
func filled(p page) url.Values {
	p.body = asked(p.body)
	form := url.Values{}
	for _, m := range inputs.FindAllStringSubmatch(p.body, -1) {
		attributes := map[string]string{}
		for _, a := range attribute.FindAllStringSubmatch(m[1], -1) {
			attributes[a[1]] = a[2]
		}
		kind := attributes["type"]
		if (kind == "radio" || kind == "checkbox") && !strings.HasSuffix(strings.TrimSpace(m[1]),
			"checked") && !strings.Contains(m[1], " checked ") {
			continue
		}
		form.Add(attributes["name"], unescape(attributes["value"]))
	}
	for _, m := range selects.FindAllStringSubmatch(p.body, -1) {
		if c := chosen.FindStringSubmatch(m[0]); c != nil {
			form.Set(m[1], unescape(c[1]))
		}
	}
	for _, m := range areas.FindAllStringSubmatch(p.body, -1) {
		form.Set(m[1], unescape(m[2]))
	}
	return form
}

func unescape(s string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&#43;", "+", "&amp;",
		"&").Replace(s)
}

var applicant = url.Values{
	"nyc.loai": {"ca_nhan"}, "nyc.quan_he": {"ban_than"},
	"nyc.cu_tru.tinh": {"37"}, "nyc.cu_tru.xa": {"Phường Hoa Lư"},
	"nyc.cu_tru.chi_tiet": {"Số 5, phố Đông Thành"},
}

// ready fills a draft for copies of a record up to the page of its documents.
func (b *browser) ready(copies string) page {
	b.t.Helper()
	p := b.begin("2.000635")
	p = b.fill(p, url.Values{"nyc.loai": {"ca_nhan"}})
	p = b.fill(p, applicant)
	p = b.fill(p, url.Values{"sk.loai": {"khai_sinh"}})
	p = b.fill(p, url.Values{"sk.noi": {"UBND xã Ninh Nhất"}})
	p = b.fill(p, url.Values{"ban_sao.so_luong": {copies}, "nhan.hinh_thuc": {"tai_co_quan"}})
	if !strings.HasSuffix(p.path, "/giay-to") {
		b.t.Fatalf("not at the documents but at %s: %d %s", p.path, p.StatusCode, p.body)
	}
	return p
}

func draftOf(p page) string {
	return strings.Split(strings.TrimPrefix(p.path, "/ho-so/nhap/"), "/")[0]
}

func TestADraftFromItsFirstStepToItsConfirmation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	files := b.ready("1")
	checkPage(t, s, files)
	id := draftOf(files)
	files = b.upload(address.DraftRequirement("vi", id, "tai_lieu_lien_quan"), files.token(t),
		"../../giấy khai sinh\u202e.png", desktest.Photo(t))
	checkPage(t, s, files)
	link := regexp.MustCompile(`/ho-so/nhap/[^/]+/tep/([0-9a-f-]+)`).FindStringSubmatch(files.body)
	if link == nil || !strings.Contains(files.body, "giấy khai sinh.png") ||
		strings.Contains(files.body, "../") {
		t.Fatalf("the file is not listed: %s", files.body)
	}
	if f := b.get(link[0]); f.StatusCode != http.StatusOK || !bytes.Equal([]byte(f.body), desktest.Photo(t)) {
		t.Errorf("the file comes back as %d, %d bytes", f.StatusCode, len(f.body))
	}
	if p := b.post(link[0], url.Values{"csrf": {files.token(t)}}); strings.Contains(p.body,
		"giấy khai sinh.png") {
		t.Error("the file was not removed")
	}
	for _, path := range []string{address.Draft("vi", id), address.DraftPlace("vi", id),
		address.DraftStep("en", id, 2), address.DraftFiles("en", id)} {
		p := b.get(path)
		if p.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, p.StatusCode)
		}
		checkPage(t, s, p)
	}
	place := b.get(address.DraftPlace("vi", id))
	if p := b.post(place.path, filled(place)); p.path != address.Draft("vi", id) {
		t.Errorf("the place led to %s", p.path)
	}
	review := b.get(address.DraftReview("vi", id))
	checkPage(t, s, review)
	if !strings.Contains(review.body, "UBND xã Ninh Nhất") || !strings.Contains(review.body, "nộp tại quầy") {
		t.Error(review.body)
	}
	done := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	checkPage(t, s, done)
	code := regexp.MustCompile(`H42\.37\.14329-\d{6}-\d{4}`).FindString(done.body)
	if code == "" || done.path != address.DossierConfirmation("vi", code) {
		t.Fatalf("no confirmation at %s: %s", done.path, done.body)
	}
	again := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	if again.path != done.path {
		t.Errorf("a second submit led to %s", again.path)
	}
	for _, path := range []string{address.Draft("vi", id), address.DraftReview("vi", id),
		address.DraftFee("vi", id), address.PaymentReturn("vi", id)} {
		if p := b.get(path); !strings.HasPrefix(p.path, address.Dossier("vi", code)) {
			t.Errorf("%s of a submitted draft led to %s", path, p.path)
		}
	}
}

func TestWhatIsWrongIsSaidBesideItsInputAndKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	p := b.begin("2.000635")
	home := maps.Clone(applicant)
	delete(home, "nyc.quan_he")
	p = b.fill(p, home)
	if p.StatusCode != http.StatusOK || !strings.Contains(p.body, "có thêm câu hỏi") {
		t.Fatalf("new questions are errors: %d", p.StatusCode)
	}
	bad := maps.Clone(applicant)
	bad.Set("nyc.dien_thoai", "12x")
	bad.Set("nyc.ngay_sinh.nam", "2999")
	p = b.fill(p, bad)
	checkPage(t, s, p)
	if p.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(p.body, "<title>Lỗi:") ||
		!strings.Contains(p.body, `href="#nyc.dien_thoai"`) || !strings.Contains(p.body, `value="12x"`) ||
		!strings.Contains(p.body, `value="2999"`) {
		t.Errorf("%d %s", p.StatusCode, p.body)
	}
	if again := b.get(p.path); !strings.Contains(again.body, `value="12x"`) ||
		!strings.Contains(again.body, `value="2999"`) {
		t.Error("what was typed is gone after a reload")
	}
	review := b.get(address.DraftReview("vi", draftOf(p)))
	sent := b.post(address.DraftSubmit("vi", draftOf(p)), url.Values{"csrf": {review.token(t)}})
	checkPage(t, s, sent)
	if sent.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(sent.body, "/buoc/1?xem=loi#nyc.dien_thoai") {
		t.Errorf("%d %s", sent.StatusCode, sent.body)
	}
}

func TestTwoTabs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := draftOf(b.ready("1"))
	first, second := b.get(address.DraftStep("vi", id, 3)), b.get(address.DraftStep("vi", id, 3))
	if p := b.fill(first, url.Values{"sk.noi": {"UBND xã Ninh Hải"}}); p.StatusCode != http.StatusOK {
		t.Fatal(p.StatusCode)
	}
	p := b.fill(second, url.Values{"sk.noi": {"UBND xã Ninh An"}, "sk.so": {"15"}})
	checkPage(t, s, p)
	if p.StatusCode != http.StatusConflict || !strings.Contains(p.body, "UBND xã Ninh Hải") ||
		!strings.Contains(p.body, "UBND xã Ninh An") {
		t.Fatalf("%d %s", p.StatusCode, p.body)
	}
	if now := b.get(p.path); !strings.Contains(now.body, "UBND xã Ninh Hải") ||
		!strings.Contains(now.body, `value="15"`) {
		t.Error("something was overwritten, or another field was held up")
	}
	kept := b.fill(p, url.Values{"__keep.sk.noi": {"theirs"}})
	if kept.StatusCode != http.StatusOK || !strings.Contains(b.get(p.path).body, "UBND xã Ninh Hải") {
		t.Errorf("keeping the other value: %d", kept.StatusCode)
	}
	third := b.fill(b.get(p.path), url.Values{"sk.noi": {"UBND xã Ninh An"}})
	if third.StatusCode != http.StatusOK || !strings.Contains(b.get(p.path).body, "UBND xã Ninh An") {
		t.Errorf("a change of the page's own value: %d", third.StatusCode)
	}
}

func TestADoubleSubmitIsOneDossier(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := draftOf(b.ready("1"))
	token := b.get(address.DraftReview("vi", id)).token(t)
	paths := make([]string, 6)
	var wg sync.WaitGroup
	for i := range paths {
		wg.Go(func() { paths[i] = b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {token}}).path })
	}
	wg.Wait()
	for _, path := range paths {
		if path != paths[0] || !strings.HasSuffix(path, "/da-nop") {
			t.Fatal(paths)
		}
	}
}

func TestWhatWasTypedIsSavedWhenTheSessionHasEnded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := draftOf(b.ready("1"))
	step := b.get(address.DraftStep("vi", id, 3))
	s.expireSessions(t)
	p := b.fill(step, url.Values{"sk.so": {"77"}})
	if !strings.HasPrefix(p.path, "/dang-nhap?") || !strings.Contains(p.body, "đã được lưu") ||
		strings.Contains(p.body, "Ninh Nhất") {
		t.Fatalf("%s %s", p.path, p.body)
	}
	if seen := b.get(address.DraftStep("vi", id, 3)); strings.Contains(seen.body, "Ninh Nhất") {
		t.Error("an ended session shows the draft")
	}
	back := b.finishLogin(b.post(p.path, p.hidden()), "Nguyễn Thị Lan")
	if back.path != address.DraftStep("vi", id, 3) || !strings.Contains(back.body, `value="77"`) {
		t.Errorf("after the login: %s", back.path)
	}
	stranger := s.person(t, "Trần Văn Minh")
	s.expireSessions(t)
	if p := stranger.fill(step, url.Values{"sk.so": {"66"}}); p.StatusCode != http.StatusForbidden &&
		p.StatusCode != http.StatusNotFound {
		t.Errorf("a stranger's ended session saved: %d", p.StatusCode)
	}
}

func TestAnotherPartysDraftIsNotFound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	lan, minh := s.person(t, "Nguyễn Thị Lan"), s.person(t, "Trần Văn Minh")
	files := lan.ready("1")
	id := draftOf(files)
	token := minh.get("/tai-khoan").token(t)
	for _, path := range []string{address.Draft("vi", id), address.DraftStep("vi", id, 1),
		address.DraftFiles("vi", id), address.DraftReview("vi", id), address.DraftFee("vi", id),
		address.PaymentReturn("vi", id), address.DraftPlace("vi", id), address.DraftFile("vi", id, id)} {
		if p := minh.get(path); p.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, p.StatusCode)
		}
	}
	for _, path := range []string{address.DraftStep("vi", id, 1), address.DraftSubmit("vi", id),
		address.DraftFee("vi", id), address.DraftEdit("vi", id), address.DraftDiscard("vi", id),
		address.DraftVersion("vi", id), address.DraftPlace("vi", id), address.DraftFile("vi", id, id)} {
		if p := minh.post(path, url.Values{"csrf": {token}}); p.StatusCode != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, p.StatusCode)
		}
	}
	if p := minh.upload(address.DraftRequirement("vi", id, "tai_lieu_lien_quan"), token, "a.png",
		desktest.Photo(t)); p.StatusCode != http.StatusNotFound {
		t.Errorf("upload: %d", p.StatusCode)
	}
	if p := lan.post(address.DraftVersion("vi", id), url.Values{"csrf": {files.token(t)}}); p.path !=
		address.Draft("vi", id) {
		t.Errorf("accepting the version in force: %d %s", p.StatusCode, p.path)
	}
	if p := lan.post(address.DraftDiscard("vi", id), url.Values{"csrf": {files.token(t)}}); p.path !=
		"/ho-so" {
		t.Errorf("discard: %s", p.path)
	}
	if p := lan.get(address.Draft("vi", id)); p.StatusCode != http.StatusNotFound {
		t.Errorf("a discarded draft: %d", p.StatusCode)
	}
}

// expireSessions lets every session rest beyond its idle time.
func (s *site) expireSessions(t *testing.T) {
	t.Helper()
	s.idle.Store(int64(31 * time.Minute))
}
