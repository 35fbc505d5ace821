package backoffice

import (
	"bytes"
	"context"
	"crypto/x509"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"congdvc/identity"
	"congdvc/services/demooffice"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/onestop"
	"congdvc/services/signature"

	"github.com/jackc/pgx/v5"
)

// office starts one-stop software in a folder, and has the portal push to it.
func (s *scene) office(t testing.TB, dir string) *demooffice.Server {
	t.Helper()
	o, err := demooffice.Start(context.Background(), demooffice.Config{
		PortalURL: s.url, APIKey: s.Key, WebhookSecret: s.Secret, Dir: dir, Now: s.Clock.Now,
		Agencies: []demooffice.Agency{{Code: s.Commune.Code, Name: s.Commune.Name.Vi}},
		Officers: []demooffice.Officer{{Agency: s.Commune.Code, Name: "Đỗ Văn Hùng",
			Title: "Công chức tư pháp - hộ tịch", Phone: "0229 3871 000"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	s.pushedTo(t, o.Endpoint())
	return o
}

// pushedTo makes an endpoint live, which answers its challenge.
func (s *scene) pushedTo(t testing.TB, endpoint string) {
	t.Helper()
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
		return onestop.SetEndpoint(t.Context(), tx, s.Vault, s.Connection, endpoint)
	}))
	_, err := onestop.Prover{DB: s.Pool, Vault: s.Vault}.Prove(t.Context(), s.Connection)
	must(t, err)
}

// pushing runs the sequencer and the deliverer until the test ends.
func (s *scene) pushing(t testing.TB) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	short := []time.Duration{20 * time.Millisecond, 50 * time.Millisecond}
	deliverer := onestop.NewDeliverer(onestop.DelivererConfig{DB: s.Pool, Vault: s.Vault, Log: log,
		Timeout: 5 * time.Second, Poll: 10 * time.Millisecond, EndpointPauses: short,
		EventPauses: slices.Repeat(short, 50)})
	sequencer := onestop.NewSequencer(s.Pool, log, deliverer.Ping)
	ctx, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() { sequencer.Run(ctx) })
	ended.Go(func() { deliverer.Run(ctx) })
	t.Cleanup(func() { cancel(); ended.Wait() })
}

// until waits for something that comes by itself.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// done waits until the software carried out an event of a type.
func done(t testing.TB, o *demooffice.Server, code dossier.Code, event string) demooffice.Dossier {
	t.Helper()
	var d demooffice.Dossier
	until(t, event+" is carried out", func() bool {
		d, _ = o.Dossier(string(code))
		return slices.ContainsFunc(d.Events, func(e demooffice.Event) bool {
			return e.Type == event && e.Effects > 0
		})
	})
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestOfficeJourney takes a dossier through everything that one-stop software does
// with it, by pushes.
func TestOfficeJourney(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	o := s.office(t, t.TempDir())
	s.pushing(t)
	ctx, lan := t.Context(), s.Citizen(t, 1)
	code := s.Submitted(t, lan)

	d := done(t, o, code, "dossier.submitted")
	if d.OfficeCode != "NB-2026-000001" || !d.Acknowledged || len(d.Revisions) != 1 {
		t.Errorf("taken: %+v", d)
	}
	if view := s.view(t, lan, code); view.Sync != dossier.Acknowledged || view.OfficeCode == nil ||
		*view.OfficeCode != d.OfficeCode || view.Status != dossier.Submitted {
		t.Errorf("acknowledged: %+v", view)
	}
	must(t, o.Receive(ctx, string(code)))
	if err := o.Refuse(ctx, string(code), "muộn"); err == nil ||
		!strings.Contains(err.Error(), "trạng thái") {
		t.Errorf("refused after it was received: %v", err)
	}
	must(t, o.AskSupplement(ctx, string(code), demooffice.Supplement{Fields: []string{"sk.so"},
		Reasons: map[string]string{"sk.so": "Cần số đăng ký để tra sổ"}, Deadline: "2026-12-03"}))
	s.supplement(t, lan, code)
	if d = done(t, o, code, "dossier.supplemented"); len(d.Revisions) != 2 || d.Status() != "received" {
		t.Errorf("supplemented: %+v", d)
	}
	must(t, o.Process(ctx, string(code)))
	must(t, o.Note(ctx, string(code), "Đã tìm thấy trong sổ gốc"))
	must(t, o.PaidAtCounter(ctx, string(code), "0001234"))
	result, err := o.Deliver(ctx, string(code), demooffice.Decision{Number: "12/TLKS-BS",
		Name: "Trích lục khai sinh (bản sao)", Kind: "KQ.G15.000342"})
	must(t, err)
	s.checkResult(t, o, lan, code, result)
	d = done(t, o, code, "result.opened")
	for _, e := range d.Events {
		if e.Effects > 1 {
			t.Errorf("%s was carried out %d times", e.Type, e.Effects)
		}
	}
	view := s.view(t, lan, code)
	if view.Status != dossier.Returned || view.Payment != dossier.Paid {
		t.Errorf("in the end: %+v", view)
	}
	must(t, dossier.VerifyChain(ctx, s.Pool, s.Vault, view.ID))
}

func (s *scene) view(t testing.TB, who identity.Who, code dossier.Code) *dossier.Dossier {
	t.Helper()
	view, err := s.Desk.Dossier(t.Context(), who, code)
	must(t, err)
	return view.Dossier
}

// supplement answers what the office asked for.
func (s *scene) supplement(t testing.TB, who identity.Who, code dossier.Code) {
	t.Helper()
	draft, err := s.Desk.AnswerSupplement(t.Context(), who, code)
	must(t, err)
	s.Save(t, who, draft, eform.Answers{"sk.so": {Text: "12"}})
	_, err = s.Desk.Submit(t.Context(), who, draft)
	must(t, err)
}

// checkResult opens a result as its owner and looks at its signature with the authority that the office
// names.
func (s *scene) checkResult(t testing.TB, o *demooffice.Server, who identity.Who, code dossier.Code,
	result string) {
	t.Helper()
	verified, err := s.Desk.VerifyResult(t.Context(), result)
	must(t, err)
	view, err := s.Desk.Dossier(t.Context(), who, code)
	must(t, err)
	if len(view.Results) != 1 || view.Results[0].ID != verified.Result.ID ||
		verified.Result.Number != "12/TLKS-BS" {
		t.Fatalf("result %s: %+v", result, view.Results)
	}
	file, err := desktest.OpenResult(t.Context(), s.Desk, who, code, view.Results[0].ID)
	must(t, err)
	defer file.Reader.Close()
	raw, err := io.ReadAll(file.Reader)
	must(t, err)
	ca, err := os.ReadFile(o.CAFile())
	must(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	report := signature.Verify(raw, roots, s.Clock.Now())
	if link := "/URI (http://portal.test/xac-minh/" + result + ")"; !bytes.Contains(raw, []byte(link)) {
		t.Errorf("the signed paper lacks %s", link)
	}
	if !report.Trusted || report.Problem != "" || len(report.Signers) != 1 ||
		report.Signers[0].Organisation != s.Commune.Name.Vi {
		t.Errorf("signature: %+v", report)
	}
}

// TestOfficeAway loses nothing and does nothing twice: the endpoint fails, the
// software is stopped and started again, and everything comes by push and by pull.
func TestOfficeAway(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	dir := t.TempDir()
	o := s.office(t, dir)
	s.pushing(t)
	lan := s.Citizen(t, 1)
	codes := []dossier.Code{s.Submitted(t, lan)}
	done(t, o, codes[0], "dossier.submitted")

	o.GoDown()
	codes = append(codes, s.Submitted(t, lan))
	until(t, "a push fails", func() bool {
		attempts, err := onestop.Attempts(t.Context(), s.Pool, s.Connection, onestop.AttemptFilter{}, 10)
		must(t, err)
		return slices.ContainsFunc(attempts, func(a onestop.Attempt) bool {
			return a.Status == http.StatusServiceUnavailable
		})
	})
	if _, ok := o.Dossier(string(codes[1])); ok {
		t.Error("an event came through while the endpoint was down")
	}
	o.ComeBack()
	done(t, o, codes[1], "dossier.submitted")

	must(t, o.Close())
	codes = append(codes, s.Submitted(t, lan))
	ca, err := os.ReadFile(o.CAFile())
	must(t, err)
	o = s.office(t, dir)
	for _, code := range codes {
		done(t, o, code, "dossier.submitted")
	}
	if again, err := os.ReadFile(o.CAFile()); err != nil || !bytes.Equal(ca, again) {
		t.Errorf("the authority changed: %v", err)
	}
	// The log was pulled from its beginning after the pushes: everything arrived again.
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
		_, err := onestop.Replay(t.Context(), tx, s.Connection, onestop.Stretch{From: 1, To: 3}, time.Now())
		return err
	}))
	until(t, "the replay arrives", func() bool {
		d, _ := o.Dossier(string(codes[0]))
		return d.Events[0].Arrivals >= 3
	})
	numbers := map[string]bool{}
	for _, d := range o.Dossiers() {
		numbers[d.OfficeCode] = true
		if len(d.Events) != 1 || d.Events[0].Effects != 1 {
			t.Errorf("%s: %+v", d.Code, d.Events)
		}
	}
	if len(numbers) != len(codes) {
		t.Errorf("numbers in the book: %v", numbers)
	}
}

// TestOfficePages receives a dossier by the officer's page.
func TestOfficePages(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	o := s.office(t, t.TempDir())
	s.pushing(t)
	code := s.Submitted(t, s.Citizen(t, 1))
	done(t, o, code, "dossier.submitted")
	jar, err := cookiejar.New(nil)
	must(t, err)
	b := &browser{t: t, base: o.URL(), client: &http.Client{Jar: jar}}

	b.form("/can-bo", url.Values{"officer": {"0"}}, 200)
	if list := b.page("/", 200); !strings.Contains(list, string(code)) ||
		!strings.Contains(list, "NB-2026-000001") || !strings.Contains(list, "Nguyễn Thị Lan") {
		t.Errorf("list: %s", list)
	}
	page := b.page("/ho-so/"+string(code), 200)
	for _, want := range []string{"Số bản sao", "037190000001", "Mới nộp, chờ tiếp nhận", "Tiếp nhận",
		"Từ chối", "Yêu cầu bổ sung", "Đã thu phí tại quầy", "8.000 đ", "giấy khai sinh cũ.png"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	href := page[strings.Index(page, "/ho-so/"+string(code)+"/tep/"):]
	if file := b.page(href[:strings.IndexByte(href, '"')], 200); !strings.HasPrefix(file, "\x89PNG") {
		t.Errorf("file: %.40q", file)
	}
	once := url.Values{"once": {"one-click"}, "note": {"Hợp lệ"}}
	b.form("/ho-so/"+string(code)+"/tiep-nhan", once, 200)
	b.form("/ho-so/"+string(code)+"/tiep-nhan", once, 200) // a double click
	told := b.form("/ho-so/"+string(code)+"/tu-choi", url.Values{"reason": {"x"}}, 409)
	if !strings.Contains(told, "Cổng trả lời") || !strings.Contains(told, "Đã tiếp nhận") {
		t.Errorf("a refusal after the reception: %s", told)
	}
	b.form("/ho-so/"+string(code)+"/dang-xu-ly", url.Values{}, 200)
	b.form("/ho-so/"+string(code)+"/da-thu-phi", url.Values{}, 200)
	delivered := b.form("/ho-so/"+string(code)+"/ket-qua", url.Values{"once": {"k"}, "number": {"12/BS"},
		"name": {"Trích lục khai sinh"}}, 200)
	if !strings.Contains(delivered, "Mã xác minh") || !strings.Contains(delivered, "Đã có kết quả") {
		t.Errorf("delivered: %s", delivered)
	}
	b.page("/ho-so/H42-1", 404)
	b.from = "https://evil.test"
	b.form("/ho-so/"+string(code)+"/ghi-chu", url.Values{"note": {"x"}}, 403)
}

// browser is as much of one as these pages need.
type browser struct {
	t      testing.TB
	base   string
	client *http.Client
	from   string // origin of the page with the form; our own when empty
}

func (b *browser) page(path string, want int) string {
	b.t.Helper()
	response, err := b.client.Get(b.base + path)
	must(b.t, err)
	return b.read(response, path, want)
}

func (b *browser) form(path string, values url.Values, want int) string {
	b.t.Helper()
	request, err := http.NewRequest(http.MethodPost, b.base+path, strings.NewReader(values.Encode()))
	must(b.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", b.base)
	if b.from != "" {
		request.Header.Set("Origin", b.from)
	}
	response, err := b.client.Do(request)
	must(b.t, err)
	return b.read(response, path, want)
}

func (b *browser) read(response *http.Response, path string, want int) string {
	b.t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(b.t, err)
	if response.StatusCode != want || want != 403 &&
		!strings.HasPrefix(response.Header.Get("Content-Security-Policy"),
			"default-src 'none'; style-src 'self'") {
		b.t.Errorf("%s: %d %v", path, response.StatusCode, response.Header)
	}
	return string(body)
}
