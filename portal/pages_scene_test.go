package portal_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/identity/oidc"
	"congdvc/identity/session"
	"congdvc/payments/checkout"
	"congdvc/payments/demostripe"
	"congdvc/portal"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/signature"
	"congdvc/services/throttle"
	"congdvc/services/workday"

	"github.com/alicebob/miniredis/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// scene is a portal at a standing clock, with something on every page: what a route is asked for in the table
// of routes and in the goldens of pages.
type scene struct {
	*desktest.Province
	t        testing.TB
	app      *fiber.App
	stripe   *demostripe.Server
	redis    *miniredis.Miniredis
	sessions *session.Sessions
	// lan owns what there is; binh is somebody else. ha acts for a company, haSelf is the same person for
	// herself, bao acts for the same company.
	lan, binh, ha, haSelf, bao session.Session
	// names gives the values that stand for ":draft" and the others in a path.
	names map[string]string
}

func newScene(t testing.TB) *scene {
	t.Helper()
	return newSceneOf(t, func(s *scene) (owner, other identity.Who) {
		return s.Citizen(t, 1), s.Citizen(t, 2)
	})
}

// newSceneOf is newScene with other people in the place of lan and binh.
func newSceneOf(t testing.TB, people func(*scene) (owner, other identity.Who)) *scene {
	t.Helper()
	clock := desktest.NewClock()
	stripe, err := demostripe.Start(t.Context(), demostripe.Config{SecretKey: "sk_test_x", Now: clock.Now,
		Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(func() { _ = stripe.Close() })
	pay := checkout.New(checkout.Config{SecretKey: "sk_test_x", WebhookSecret: "whsec_test",
		APIBase: stripe.URL()})
	s := &scene{t: t, stripe: stripe, redis: miniredis.RunT(t),
		Province: desktest.New(t, desktest.Options{Checkout: pay, Clock: clock})}
	rdb := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{s.redis.Addr()}, MaxRetries: -1,
		DialerRetries: 1, DialTimeout: 200 * time.Millisecond})
	t.Cleanup(func() { _ = rdb.Close() })
	s.sessions = session.New(session.Config{Redis: rdb, Vault: s.Vault, Now: s.Clock.Now})
	limiter := throttle.New(rdb)
	limiter.Patience = 10 * time.Second // machines that run tests are busy
	s.app, err = portal.New(portal.Config{
		Desk: s.Desk, Pool: s.Pool, Vault: s.Vault, Checkout: pay, Sessions: s.sessions,
		SessionLife: 12 * time.Hour,
		OIDC:        oidc.New(oidc.Config{Issuer: "https://id.test", ClientID: "congdvc"}), Limiter: limiter,
		Site: address.Site{Base: "http://portal.test"}, Hotline: "1900 0000",
		SecurityContacts: []string{"mailto:an-ninh@portal.test", "https://portal.test/bao-loi"},
		Province:         i18n.Text{Vi: "Tỉnh Ninh Bình", En: "Ninh Binh Province"}, Now: s.Clock.Now,
		Log: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	s.fill(people(s))
	return s
}

// fill makes a draft of every state, a dossier with everything, and one that waits for its owner.
func (s *scene) fill(lan, binh identity.Who) {
	t, ctx := s.t, s.t.Context()
	s.lan, s.binh = s.login(lan), s.login(binh)
	ha, bao := s.Colleagues(t)
	s.ha, s.bao = s.login(ha), s.login(bao)
	haSelf := ha
	haSelf.Party = ha.Person
	s.haSelf = s.login(haSelf)
	done, asked, fresh := s.Submitted(t, lan), s.Submitted(t, lan), s.Submitted(t, lan)
	s.names = map[string]string{
		"procedure": "2.000635", "event": "sinh-con", "part": "ket-noi", "step": "1",
		"requirement": "tai_lieu_lien_quan",
		"number":      "1", "name": "none.docx", "done": string(done), "asked": string(asked),
		"code": string(fresh), "draft": string(s.Copies(t, lan, 1)), "whole": string(s.Copies(t, lan, 1)),
		"doomed": string(s.Copies(t, lan, 1)), "frozen": string(s.Copies(t, lan, 3)),
		"unpaid": string(s.Copies(t, lan, 3)), "company": string(s.Copies(t, ha, 1)),
		"shared": string(s.Copies(t, ha, 1)),
	}
	for _, name := range []string{"frozen", "unpaid"} {
		submission, err := s.Desk.Submit(ctx, lan, dossier.DraftID(s.names[name]))
		must(t, err)
		if !submission.FeeDue {
			t.Fatalf("no fee is due: %+v", submission)
		}
	}
	view, err := s.Desk.Draft(ctx, lan, dossier.DraftID(s.names["draft"]))
	must(t, err)
	s.names["file"] = view.FilesOf("tai_lieu_lien_quan")[0].ID
	handed, err := s.Desk.Dossier(ctx, lan, done)
	must(t, err)
	s.names["handed"] = handed.Revision.Files[0].ID

	_, err = s.Desk.Receive(ctx, s.Office(t, "receive"), done, onestop.Receive{Note: "Đã nhận đủ giấy tờ"})
	must(t, err)
	_, err = s.Desk.AskSupplement(ctx, s.Office(t, "supplement"), asked,
		onestop.Supplement{Fields: []string{"sk.so"},
			Reasons:  map[string]string{"sk.so": "Số đăng ký chưa đúng"},
			Deadline: workday.DateOf(s.Desk.Now()).AddDays(7)})
	must(t, err)
	s.deliver(done)
	page := s.ask(&s.lan, "GET", address.Dossier("vi", done), nil).body
	for name, path := range map[string]string{"slip": "/phieu/", "result": "/ket-qua/"} {
		s.names[name] = regexp.MustCompile(path + `([0-9a-f-]{36})`).FindStringSubmatch(page)[1]
	}
	must(t, s.Pool.QueryRow(ctx, `select code from result`).Scan(s.scan("verify")))
}

// scan lets a query fill in a name.
func (s *scene) scan(name string) *nameOf { return &nameOf{s.names, name} }

type nameOf struct {
	names map[string]string
	name  string
}

// Scan takes a text of the database.
func (n *nameOf) Scan(value any) error { n.names[n.name], _ = value.(string); return nil }

// deliver sends the result of a dossier, a paper that the portal itself printed.
func (s *scene) deliver(code dossier.Code) {
	s.t.Helper()
	paper := s.ask(&s.lan, "GET", address.DossierConfirmationPDF("vi", code), nil)
	s.Desk.VerifyPDF = func(context.Context, io.Reader) (signature.Report, error) {
		return signature.Report{Signed: true, Valid: true, CoversWholeFile: true}, nil
	}
	_, err := s.Desk.Process(s.t.Context(), s.Office(s.t, "process"), code, onestop.Process{})
	must(s.t, err)
	_, err = s.Desk.DeliverResult(s.t.Context(), s.Office(s.t, "result"), code, desk.ResultIn{
		FileName: "trích lục.pdf", File: bytes.NewReader([]byte(paper.body)),
		DeliverResult: onestop.DeliverResult{Name: "Bản sao trích lục", Number: "12/TLKS",
			IssuedOn: workday.DateOf(s.Desk.Now())}})
	must(s.t, err)
}

// endProcedure pays for one draft in each language. Then another procedure takes the place of theirs, before
// the portal knows of the payments. The page of the refund can be seen once for each draft.
func (s *scene) endProcedure() map[i18n.Lang]dossier.DraftID {
	s.t.Helper()
	ctx, lan, day := s.t.Context(), s.lan.Who, workday.DateOf(s.Desk.Now())
	paid := map[i18n.Lang]dossier.DraftID{}
	for _, lang := range i18n.Langs {
		paid[lang] = s.Copies(s.t, lan, 3)
		_, err := s.Desk.Submit(ctx, lan, paid[lang])
		must(s.t, err)
		hosted, err := s.Desk.OpenPayment(ctx, lan, paid[lang], lang)
		must(s.t, err)
		must(s.t, s.stripe.Pay(path.Base(hosted)))
	}
	must(s.t, pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		return procedure.Close(ctx, tx, procedure.CloseIn{Code: s.names["procedure"], On: day,
			Successor: "1.001193", Today: day})
	}))
	s.Clock.Advance(10 * time.Second) // more than pages are kept for visitors
	return paid
}

func (s *scene) login(who identity.Who) session.Session {
	s.t.Helper()
	begun, err := s.sessions.Begin(s.t.Context(), who, "")
	must(s.t, err)
	return begun
}

// path puts the names of the scene into a pattern; with replaces some, as "code=asked".
func (s *scene) path(pattern, with string) string {
	names := map[string]string{}
	for _, pair := range strings.Fields(with) {
		name, value, _ := strings.Cut(pair, "=")
		if stands, ok := s.names[value]; ok {
			value = stands
		}
		names[name] = value
	}
	steps := strings.Split(pattern, "/")
	for i, step := range steps {
		if name, ok := strings.CutPrefix(step, ":"); ok {
			value, replaced := names[name]
			if !replaced {
				value = s.names[name]
			}
			steps[i] = url.PathEscape(value)
		}
	}
	return strings.Join(steps, "/")
}

// ask sends one request without the network, as somebody or, where who is nil, as a visitor.
func (s *scene) ask(who *session.Session, method, path string, form url.Values) page {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set(fiber.HeaderContentType, fiber.MIMEApplicationForm)
	}
	if who != nil {
		r.AddCookie(&http.Cookie{Name: "phien", Value: who.ID})
	}
	response, err := s.app.Test(r, -1)
	must(s.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(s.t, err)
	return page{response, string(body), path}
}
