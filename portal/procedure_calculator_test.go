package portal_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/dong"
	"congdvc/services/dossier"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// computed is what a procedure's page says for some choices.
type computed struct {
	papers  map[string][]string // names by the title of their group
	total   string              // as it is written; "" where no sum is shown
	start   string              // where the primary action leads
	unasked url.Values          // questions without an answer, with what they offer
}

func compute(t testing.TB, p page) computed {
	t.Helper()
	root, err := html.Parse(strings.NewReader(p.body))
	must(t, err)
	c := computed{papers: map[string][]string{}, unasked: url.Values{}}
	group := ""
	for n := range root.Descendants() {
		switch {
		case n.DataAtom == atom.A && strings.Contains(get(n, "class"), "btn-1"):
			c.start = get(n, "href")
		case n.DataAtom == atom.H3, n.DataAtom == atom.Summary && within(n, "giay-to"):
			group = text(n)
		case n.DataAtom == atom.Li && within(n, "giay-to"):
			c.papers[group] = append(c.papers[group], strings.TrimSpace(n.FirstChild.Data))
		case n.DataAtom == atom.Td && within(n, "phi") && n.Parent.Parent.DataAtom == atom.Tfoot:
			c.total = text(n)
		case n.DataAtom == atom.Select && strings.HasPrefix(get(n, "name"), address.AskAnswer):
			var offered []string
			answered := false
			for o := range n.Descendants() {
				if _, is := find(o, "selected"); is && get(o, "value") != "" {
					answered = true
				}
				if v := get(o, "value"); v != "" {
					offered = append(offered, v)
				}
			}
			if !answered {
				c.unasked[get(n, "name")] = offered
			}
		}
	}
	return c
}

// within reports whether an element lies below the one with an id.
func within(n *html.Node, id string) bool {
	for up := n.Parent; up != nil; up = up.Parent {
		if get(up, "id") == id {
			return true
		}
	}
	return false
}

// settle answers the questions that a page asks, the n-th offer of each, until none is open.
func (b *browser) settle(path string, q url.Values, n int) (page, computed) {
	b.t.Helper()
	for range 12 {
		p := b.get(path + "?" + q.Encode())
		c := compute(b.t, p)
		if len(c.unasked) == 0 {
			return p, c
		}
		for name, offered := range c.unasked {
			q.Set(name, offered[n%len(offered)])
		}
	}
	b.t.Fatalf("%s keeps asking: %v", path, q)
	return page{}, computed{}
}

// TestTheCalculatorAgreesWithTheDesk: for every starter procedure, case, channel and exemption the page
// computes; where it can be filed online, a draft that is begun by the page's own button has the same papers
// and the same fee.
func TestTheCalculatorAgreesWithTheDesk(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	lan := s.person(t, "Nguyễn Thị Lan")
	today := workday.DateOf(time.Now())
	starter, err := procedure.Starter()
	must(t, err)
	filed := 0
	for _, source := range starter {
		ver, err := procedure.InForce(t.Context(), s.Pool, source.Definition.Code, today)
		must(t, err)
		for _, q := range choicesOf(ver, today) {
			for n := range 3 {
				q := cloned(q)
				p, c := lan.settle(address.Procedure("vi", ver.Code), q, n)
				checkPage(t, s, p)
				if p.StatusCode != http.StatusOK {
					t.Fatalf("%s: %d", p.path, p.StatusCode)
				}
				if ver.Online() && q.Get(address.AskChannel) == procedure.Online {
					lan.agree(p, c, ver)
					filed++
				}
				if ver.Form() == nil {
					break // there are no questions
				}
			}
		}
	}
	if filed < 30 {
		t.Errorf("only %d drafts were compared", filed)
	}
}

// choicesOf are the queries of every case, channel and exemption, with two of everything that is counted.
func choicesOf(ver *procedure.Version, on workday.Date) []url.Values {
	cases := []string{""}
	if len(ver.Cases) > 0 {
		cases = nil
		for _, c := range ver.Cases {
			cases = append(cases, c.ID)
		}
	}
	var all []url.Values
	for _, caseID := range cases {
		for _, channel := range ver.ChannelsFor(caseID) {
			exemptions := []string{""}
			for _, x := range ver.ExemptionsFor(caseID, channel.ID, on) {
				exemptions = append(exemptions, x.ID)
			}
			for _, exemption := range exemptions {
				q := url.Values{address.AskCase: {caseID}, address.AskChannel: {channel.ID},
					address.AskExemption: {exemption}}
				for _, quantity := range ver.Quantities {
					q.Set(address.AskQuantity+quantity.ID, "2")
				}
				all = append(all, q)
			}
		}
	}
	return all
}

func cloned(q url.Values) url.Values {
	out := url.Values{}
	for k, v := range q {
		out[k] = slices.Clone(v)
	}
	return out
}

var draftID = regexp.MustCompile(`/ho-so/nhap/([^/]+)/`)

// agree begins a draft where a page leads, and compares.
func (b *browser) agree(p page, c computed, ver *procedure.Version) {
	b.t.Helper()
	start := b.get(strings.ReplaceAll(c.start, "&amp;", "&"))
	form := filled(start)
	form.Set("agency", string(b.Commune.ID))
	began := b.post(start.path, form)
	m := draftID.FindStringSubmatch(began.path)
	if m == nil {
		b.t.Fatalf("%s: no draft began: %d %s", p.path, began.StatusCode, began.path)
	}
	var who identity.Who
	must(b.t, b.Pool.QueryRow(b.t.Context(), `select party_id, person_id from draft where id = $1`,
		m[1]).Scan(&who.Party, &who.Person))
	view, err := b.Desk.Draft(b.t.Context(), who, dossier.DraftID(m[1]))
	must(b.t, err)
	open := c.papers["Còn tùy câu trả lời của bạn"]
	var want, got []string
	for _, r := range view.Requirements {
		if name := r.Name.In(i18n.Vi); !slices.Contains(open, name) {
			want = append(want, name)
		}
	}
	for group, names := range c.papers {
		if group != "Còn tùy câu trả lời của bạn" {
			got = append(got, names...)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		b.t.Errorf("%s lists %q, the draft asks for %q", p.path, got, want)
	}
	if sum := sumOf(c.total); sum != view.Fee.Total {
		b.t.Errorf("%s: the fee is %q, that of the draft %s", p.path, c.total, view.Fee.Total)
	}
}

// sumOf reads a sum as the page writes it.
func sumOf(text string) dong.Amount {
	var sum dong.Amount
	for _, r := range text {
		if r >= '0' && r <= '9' {
			sum = sum*10 + dong.Amount(r-'0')
		}
	}
	return sum
}

func TestWorkedCasesOnThePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	for _, c := range []struct{ query, total, says string }{
		{"2.000815?so-luong.trang=1&so-luong.ban=1", "2.000 đ", "Hai nghìn đồng"},
		{"2.000815?so-luong.trang=10&so-luong.ban=2", "24.000 đ", "Hai mươi bốn nghìn đồng"},
		{"2.000815?so-luong.trang=500&so-luong.ban=3", "600.000 đ", "đã tính theo mức tối đa"},
		{"2.000635?so-luong.ban_sao=3", "24.000 đ", "8.000 đ × 3 bản"},
		{"2.000635?so-luong.ban_sao=1", "8.000 đ", "chỉ nhận từ 13.000 đ"},
		{"1.001612", "150.000 đ", "Không hoàn lại"},
		{"1.001612?kenh=counter", "50.000 đ", "Nộp tại quầy"},
		{"3.000347?kenh=online", "135.000 đ", "37/2023/TT-BTC"},
		{"2.000884?so-luong.truong_hop=3", "30.000 đ", "Ba mươi nghìn đồng"},
		{"3.000333?mien-giam=giam", "100.000 đ", "Giấy tờ chứng minh được miễn hoặc giảm phí"},
		{"3.000333?mien-giam=mien", "0 đ", "Miễn phí"},
		{"1.001193?so-luong.ban_sao=2", "16.000 đ", "Mười sáu nghìn đồng"},
	} {
		p := b.get("/thu-tuc/" + c.query)
		got := strings.ReplaceAll(compute(t, p).total, "\u00a0", " ")
		if got != c.total || !strings.Contains(strings.ReplaceAll(html.UnescapeString(p.body), "\u00a0", " "),
			c.says) {
			t.Errorf("%s costs %q, want %q and %q", c.query, got, c.total, c.says)
		}
	}
}

func TestBadChoicesOnAProcedurePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	usual := compute(t, b.get("/thu-tuc/2.000815")).total
	for _, number := range []string{"0", "-1", "99999999999999999999", "5001", "1e3", "ba", "1.5",
		"<script>alert(1)</script>", strings.Repeat("9", 900)} {
		path := "/thu-tuc/2.000815?so-luong.trang=" + url.QueryEscape(number)
		p := b.get(path)
		if p.StatusCode != http.StatusOK || !strings.Contains(p.body, `aria-invalid="true"`) ||
			!strings.Contains(p.body, "<title>Lỗi:") || compute(t, p).total != usual {
			t.Errorf("%s: %d, a fee of %q", path[:min(len(path), 80)], p.StatusCode, compute(t, p).total)
		}
		checkPage(t, s, p)
	}
	for _, query := range []string{"truong-hop=khong-co", "kenh=bo-cau", "co-quan=H42",
		"tra-loi.khong.co=x", "tra-loi.nyc.la_nguoi=zzz", "so-luong.la=3", "so-luong.=", "%zz=%zz",
		"kenh=online&kenh=counter", "so-luong.ban_sao=", "x=" + strings.Repeat("y", 2000)} {
		for _, code := range []string{"1.001193", "2.000635", "3.000333"} {
			p := b.get("/thu-tuc/" + code + "?" + query)
			if p.StatusCode != http.StatusOK || strings.Contains(p.body, "<title>Lỗi:") {
				t.Errorf("%s?%s: %d", code, query[:min(len(query), 40)], p.StatusCode)
			}
			checkPage(t, s, p)
		}
	}
	lan := s.person(t, "Nguyễn Thị Lan")
	if p := lan.get(
		"/thu-tuc/2.000635/nop?so-luong.ban_sao=-4&truong-hop=x&co-quan=y&tra-loi.z=w"); p.StatusCode !=
		http.StatusOK {
		t.Errorf("the start with bad choices: %d", p.StatusCode)
	}
}

// TestAnUnknownCalendarIsSaid: where the holidays are not known far enough there is no date, and the page
// says why.
func TestAnUnknownCalendarIsSaid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, err := s.Pool.Exec(t.Context(),
		`update agency_calendar set definition = jsonb_set(definition, '{through}', to_jsonb($1::text))`,
		workday.DateOf(time.Now()).AddDays(1).String())
	must(t, err)
	_, err = s.Pool.Exec(t.Context(),
		`update agency_calendar set definition = definition || '{"off": [], "make_up": []}'`)
	must(t, err)
	b := s.visitor(t)
	for path, want := range map[string]string{"/thu-tuc/1.001612": "Lịch nghỉ lễ mới có đến",
		"/en/thu-tuc/2.001827": "The public holidays are known until"} {
		p := b.get(path)
		if p.StatusCode != http.StatusOK || !strings.Contains(p.body, want) {
			t.Errorf("%s: %d, without %q", path, p.StatusCode, want)
		}
		checkPage(t, s, p)
	}
}

// TestAFeeGapIsSaid: a day that no fee rule covers has no sum, and the page says so instead of failing.
func TestAFeeGapIsSaid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	yesterday := workday.DateOf(time.Now()).AddDays(-1)
	_, err := s.Pool.Exec(t.Context(), fmt.Sprintf(`alter table procedure_version disable trigger all;
update procedure_version set definition = jsonb_set(definition, '{fees,0,to}', '"%s"') where definition->>'code' = '2.000635'`, yesterday))
	must(t, err)
	p := s.visitor(t).get("/thu-tuc/2.000635?so-luong.ban_sao=3")
	if p.StatusCode != http.StatusOK || !strings.Contains(p.body, "Chưa có mức phí áp dụng cho ngày này") ||
		compute(t, p).total != "" {
		t.Errorf("%d: %q", p.StatusCode, compute(t, p).total)
	}
	checkPage(t, s, p)
}

// TestOnlyThePlainPageIsKept: what somebody chose is computed, the page without choices is shared for
// seconds.
func TestOnlyThePlainPageIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	if got := b.get("/thu-tuc/2.000635").Header.Get("Cache-Control"); !strings.HasPrefix(got, "public") {
		t.Errorf("the plain page: %s", got)
	}
	if got := b.get("/thu-tuc/2.000635?so-luong.ban_sao=3").Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the computed page: %s", got)
	}
}

// TestTheOfficeIsAskedWhereTheirDaysDiffer: agencies that work by different calendars give different dates,
// and the one that was chosen is chosen at the start too.
func TestTheOfficeIsAskedWhereTheirDaysDiffer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	if p := b.get("/thu-tuc/1.001612"); strings.Contains(p.body, `id="co-quan"`) {
		t.Error("the agency is asked although all work on the same days")
	}
	_, err := s.Pool.Exec(t.Context(), `with other as (insert into agency_calendar (name, definition)
    select 'thu-hai', definition || '{"name": "thu-hai", "title": {"vi": "Chỉ thứ Hai", "en": "Mondays only"}, "off": [], "make_up": [], "week": {"monday": [{"from": "07:00", "to": "17:00"}]}}'
    from agency_calendar where name = $1 returning name)
update agency set calendar = other.name from other where id = $2`, s.Commune.Calendar, s.Commune.ID)
	must(t, err)
	code := s.Commune.Code
	usual, chosen := b.get("/thu-tuc/1.001612?kenh=counter"), b.get("/en/thu-tuc/1.001612?co-quan="+code)
	checkPage(t, s, chosen)
	if !strings.Contains(usual.body, `id="co-quan"`) || strings.Contains(usual.body, "Chỉ thứ Hai") {
		t.Error("the agency is not asked although they work on different days")
	}
	if !strings.Contains(chosen.body, "Mondays only") ||
		strings.Count(chosen.body, "part of the time limit") < 3 {
		t.Error("the calendar of the chosen agency is not the one that counts")
	}
	start := s.person(t, "Nguyễn Thị Lan").get(strings.ReplaceAll(compute(t, chosen).start, "&amp;", "&"))
	if !strings.Contains(start.body, `value="`+string(s.Commune.ID)+`" selected`) {
		t.Errorf("%s asks for the agency anew", start.path)
	}
}

// TestAProcedureOfManyPapers stays readable and light: its papers are folded under the headings of their
// source.
func TestAProcedureOfManyPapers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var groups []string
	for g := range 19 {
		var papers []string
		for n := range 5 {
			papers = append(papers,
				fmt.Sprintf(
					`{"TENGIAYTO":"Giấy tờ số %d của trường hợp %d theo quy định của pháp luật về đăng ký doanh nghiệp","SOBANCHINH":1,"SOBANSAO":0,"MAUDON":"Mau %d.docx"}`, n, g, n))
		}
		groups = append(groups, fmt.Sprintf(`{"TRUONGHOP":"Thay đổi nội dung thứ %d:","GIAYTO":[%s]}`, g,
			strings.Join(papers, ",")))
	}
	importNational(t, s,
		fmt.Appendf(nil, `{"MATTHC":"9.000094","TENTTHC":"Thủ tục nhiều giấy tờ","THANHPHANHOSO":[%s]}`,
			strings.Join(groups, ",")))
	b := s.visitor(t)
	p := b.get("/thu-tuc/9.000094")
	checkPage(t, s, p)
	c := compute(t, p)
	if len(c.papers) != 19 || len(c.papers["Thay đổi nội dung thứ 3 (5 giấy tờ)"]) != 5 {
		t.Errorf("%d groups: %v", len(c.papers), c.papers)
	}
	if strings.Contains(p.body, "95 giấy tờ") || strings.Count(p.body, "<details open") > 3 {
		t.Error("all papers are counted together, or lie open")
	}
	if size := len(b.encoded("/thu-tuc/9.000094", "gzip").body); size > 20<<10 {
		t.Errorf("the page has %d bytes", size)
	}
}
