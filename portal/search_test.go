package portal_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"congdvc/portal/address"
)

var rowLink = regexp.MustCompile(`<li><a href="((?:/en)?/thu-tuc/[^"]+)">`)

// found are the paths of the procedures that a page lists, in its order.
func (p page) found() []string {
	var paths []string
	for _, m := range rowLink.FindAllStringSubmatch(p.body, -1) {
		paths = append(paths, m[1])
	}
	return paths
}

func TestSearchByFilters(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	all := len(b.get("/tim-kiem").found())
	if all != 20 {
		t.Fatalf("without a filter there are %d", all)
	}
	for _, c := range []struct {
		query string
		want  []string
		not   []string
	}{
		{"linh-vuc=ho_tich", []string{"1.001193", "1.000894"}, []string{"1.001612", "3.000347"}},
		{"muc-do=mot_phan", []string{"1.000894"}, []string{"1.001193"}},
		{"doi-tuong=business", []string{"1.001612", "2.000033"}, []string{"1.001193"}},
		{"noi-nhan=commune&q=dang+ky", []string{"1.001193"}, []string{"2.001583"}},
		{"noi-nhan=department", []string{"2.001583", "3.000333"}, []string{"1.001193"}},
		{"noi-nhan=H42.STC", []string{"2.001583"}, []string{"3.000333", "1.001193"}},
		{"noi-nhan=H42.CAT&muc-do=information", []string{"3.000333"}, []string{"2.001583"}},
		{"q=cong+ty&linh-vuc=du_lich", []string{"2.001628"}, []string{"2.001583"}},
	} {
		p := b.get("/tim-kiem?" + c.query)
		checkPage(t, s, p)
		found := p.found()
		for _, code := range c.want {
			if !slices.Contains(found, address.Procedure("vi", code)) {
				t.Errorf("%s does not find %s: %v", c.query, code, found)
			}
		}
		for _, code := range c.not {
			if slices.Contains(found, address.Procedure("vi", code)) {
				t.Errorf("%s finds %s", c.query, code)
			}
		}
		if !strings.Contains(p.body, `<details class="filters" open>`) ||
			!strings.Contains(p.body, " selected>") || !strings.Contains(p.body, `class="tag" href="`) {
			t.Errorf("%s does not show what is filtered", c.query)
		}
	}
	if p := b.get("/tim-kiem"); strings.Contains(p.body, `<details class="filters" open>`) ||
		!strings.Contains(p.body, "Hộ tịch (6)") {
		t.Error("without a filter the filters are open, or do not count")
	}
}

func TestSearchTakesAnyParameter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	for _, query := range []string{
		"linh-vuc=khong_co", "linh-vuc='%3B--", "muc-do=4", "doi-tuong=x&noi-nhan=y",
		"trang=0", "trang=-1", "trang=x", "trang=99999999999999999999", "trang=999",
		"q=%F0%9F%91%B6", "q=%E5%87%BA%E7%94%9F", "q=%D8%AA%D8%B3%D8%AC%D9%8A%D9%84", "q='+or+1=1",
		"q=a+%26+b+%7C+!c+%3C-%3E+(:*", "q=%25_", "q=" + strings.Repeat("x", 3000), "q=&q=khai+sinh&q",
	} {
		for _, path := range []string{"/tim-kiem?", "/en/tim-kiem?"} {
			p := b.get(path + query)
			if p.StatusCode != http.StatusOK {
				t.Errorf("%s%.60s: %d", path, query, p.StatusCode)
				continue
			}
			checkPage(t, s, p)
		}
		if p := b.get(address.Suggest("vi") + "?" + query); p.StatusCode != http.StatusOK ||
			!json.Valid([]byte(p.body)) {
			t.Errorf("suggest %.60s: %d %s", query, p.StatusCode, p.body)
		}
	}
	for _, size := range []int{1 << 14, 1 << 20} {
		status, body := s.hurl(t, "/tim-kiem?q="+strings.Repeat("x", size))
		if status < 400 || status >= 500 || !strings.Contains(body, "<h1") {
			t.Errorf("%d bytes: %d %.200s", size, status, body)
		}
	}
}

// hurl asks for a path that the portal may refuse before it has read all of it. What it answers is read even
// where sending fails meanwhile, which Go's own client does not wait for.
func (s *site) hurl(t *testing.T, path string) (status int, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: portal.test\r\n\r\n") }()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestSearchPagesByLinks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.copies(t, 45)
	b := s.visitor(t)
	seen := map[string]bool{}
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`)
	at, pages := "/tim-kiem?doi-tuong=citizen", 0
	for at != "" && pages < 9 {
		p := b.get(at)
		checkPage(t, s, p)
		pages++
		for _, path := range p.found() {
			if seen[path] {
				t.Errorf("%s is on two pages", path)
			}
			seen[path] = true
		}
		if title := "Trang 2 trên"; pages == 2 &&
			(!strings.Contains(p.body, "<title>Thủ tục theo mục đã lọc – "+title) ||
				!strings.Contains(p.body, `rel="prev"`)) {
			t.Errorf("the second page does not say so: %.400s", p.body)
		}
		at = ""
		if m := next.FindStringSubmatch(p.body); m != nil {
			at = unescape(m[1])
		}
	}
	if pages < 3 || len(seen) < 45 {
		t.Errorf("%d pages with %d procedures", pages, len(seen))
	}
	if p := b.get("/tim-kiem?doi-tuong=citizen&trang=150"); len(p.found()) == 0 {
		t.Error("a page behind the last shows nothing")
	}
}

func TestSearchWithoutHitsHelps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	for query, want := range map[string][]string{
		"q=hộ+chiếu": {"Chưa tìm thấy thủ tục nào cho “hộ chiếu”",
			"/su-kien/sinh-con", "/thu-tuc/1.001193", "/tro-giup"},
		"q=khai+sinh&linh-vuc=dat_dai": {"Bỏ tất cả mục lọc", "Có phải bạn muốn tìm",
			"/thu-tuc/1.001193"},
		"linh-vuc=dat_dai&doi-tuong=citizen&noi-nhan=commune": {"Không có thủ tục nào khớp với các mục " +
			"đã lọc", `href="/tim-kiem"`},
	} {
		p := b.get("/tim-kiem?" + query)
		checkPage(t, s, p)
		for _, text := range want {
			if !strings.Contains(p.body, text) {
				t.Errorf("%s lacks %q", query, text)
			}
		}
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	for _, c := range []struct{ path, first string }{
		{address.Suggest("vi") + "?q=khai+s", "/thu-tuc/1.001193"},
		{address.Suggest("en") + "?q=birth", "/en/thu-tuc/1.001193"},
		{address.Suggest("vi") + "?q=k", ""},
		{address.Suggest("vi"), ""},
		{address.Suggest("vi") + "?q=" + strings.Repeat("khai+", 30), ""},
	} {
		p := b.get(c.path)
		var list []struct{ Name, Note, Path string }
		err := json.Unmarshal([]byte(p.body), &list)
		if err != nil || list == nil || len(list) > 6 ||
			p.Header.Get("Cache-Control") != "public, max-age=30" {
			t.Fatalf("%s: %d %s, %v", c.path, p.StatusCode, p.body, err)
		}
		if first := slices.Concat(list, make([]struct{ Name, Note, Path string }, 1))[0]; first.Path !=
			c.first || c.first != "" && (first.Name == "" || first.Note == "") {
			t.Errorf("%s suggests %+v", c.path, first)
		}
	}
	s.spend("search.address", 1200, time.Minute, "127.0.0.1")
	if b.get(address.Suggest("vi")+"?q=sinh").StatusCode != http.StatusTooManyRequests {
		t.Error("suggestions have no budget")
	}
	s.Redis.Close()
	if p := b.get(address.Suggest("vi") + "?q=khai+sinh"); p.StatusCode != http.StatusOK ||
		!strings.Contains(p.body, "1.001193") {
		t.Errorf("without Redis: %d %s", p.StatusCode, p.body)
	}
}

// TestThreeClicksToEveryForm follows the links of the home page: each procedure that is filed online is
// reached from it by at most three, the search included.
func TestThreeClicksToEveryForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	links := regexp.MustCompile(`href="(/(?:thu-tuc|su-kien)/[^"#?]+)"`)
	follow := func(paths []string) (on []string) {
		for _, path := range paths {
			for _, m := range links.FindAllStringSubmatch(b.get(path).body, -1) {
				if !slices.Contains(on, m[1]) {
					on = append(on, m[1])
				}
			}
		}
		return on
	}
	first := follow([]string{"/"})
	second := follow(first)
	reached := slices.Concat(first, second)
	var forms []string
	for _, path := range reached {
		if strings.HasSuffix(path, "/nop") {
			forms = append(forms, path)
		}
	}
	for _, path := range second {
		if strings.HasPrefix(path, "/thu-tuc/") && !strings.HasSuffix(path, "/nop") &&
			strings.Contains(b.get(path).body, path+"/nop") {
			forms = append(forms, path+"/nop")
		}
	}
	online := 0
	for _, level := range []string{"toan_trinh", "mot_phan"} {
		for _, path := range b.get("/tim-kiem?" + url.Values{"muc-do": {level}}.Encode()).found() {
			online++
			if !slices.Contains(forms, path+"/nop") {
				t.Errorf("%s is more than three clicks away", path)
			}
		}
	}
	if online < 10 {
		t.Errorf("%d procedures are filed online", online)
	}
	home := b.get("/")
	for _, path := range []string{"/su-kien/sinh-con", "/su-kien/thanh-lap-cong-ty", "/su-kien/khuyen-mai"} {
		if !strings.Contains(home.body, `href="`+path+`"`) {
			t.Errorf("home does not lead to %s", path)
		}
	}
}

// copies adds so many procedures that are like one of the starter catalogue.
func (s *site) copies(t testing.TB, n int) {
	t.Helper()
	_, err := s.Pool.Exec(t.Context(),
		`insert into procedure (code) select '8.' || lpad(n::text, 6, '0') from generate_series(1, $1) n`, n)
	must(t, err)
	_, err = s.Pool.Exec(t.Context(), `insert into procedure_version
    (id, code, number, state, effective_from, definition, form_hash, content_hash, field, audience, receivers, bodies, search_text, search)
select gen_random_uuid(), p.code, 1, 'published', v.effective_from, v.definition || jsonb_build_object('code', p.code), '', v.content_hash,
    v.field, v.audience, v.receivers, v.bodies, v.search_text, v.search
from procedure p, procedure_version v where p.code like '8.%' and v.code = '2.000815'`)
	must(t, err)
}
