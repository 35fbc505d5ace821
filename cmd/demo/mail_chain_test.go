package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/identity/oidc"
	"congdvc/payments/checkout"
	"congdvc/payments/demostripe"
	"congdvc/portal"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/signature"
	"congdvc/services/throttle"
	"congdvc/services/workday"

	"github.com/gofiber/fiber/v2"
)

// chain is a province with Stripe, whose notices go out to the demo's mailbox.
type chain struct {
	*testing.T
	*desktest.Province
	stripe *demostripe.Server
	box    *mailbox
	app    *fiber.App
	calls  int
}

const chainBase = "https://dichvucong.example.vn"

func newChain(t *testing.T) *chain {
	t.Helper()
	c, clock := &chain{T: t}, desktest.NewClock()
	var err error
	c.stripe, err = demostripe.Start(t.Context(), demostripe.Config{SecretKey: "sk_test_chain",
		WebhookSecret: "whsec_chain", Now: clock.Now})
	c.must(err)
	t.Cleanup(func() { _ = c.stripe.Close() })
	c.box, err = startMailbox(filepath.Join(t.TempDir(), "mail"), "127.0.0.1:0")
	c.must(err)
	t.Cleanup(func() { _ = c.box.stop() })
	c.Province = desktest.New(t, desktest.Options{Clock: clock, Base: chainBase,
		Checkout: checkout.New(checkout.Config{SecretKey: "sk_test_chain", WebhookSecret: "whsec_chain",
			APIBase: c.stripe.URL()})})
	// signatures are tried elsewhere
	c.Desk.VerifyPDF = func(_ context.Context, file io.Reader) (signature.Report, error) {
		_, err := io.Copy(io.Discard, file)
		return signature.Report{Signed: true, Valid: true, CoversWholeFile: true}, err
	}
	quiet := slog.New(slog.DiscardHandler)
	c.app, err = portal.New(portal.Config{Desk: c.Desk, Pool: c.Pool, Vault: c.Vault,
		OIDC: oidc.New(oidc.Config{Issuer: "https://id.example.vn"}), Limiter: throttle.New(nil),
		Site: address.Site{Base: chainBase}, Now: clock.Now, Log: quiet})
	c.must(err)
	mail, err := notice.NewMail(notice.MailConfig{Addr: c.box.smtp, From: "Cổng <no-reply@example.vn>",
		TLS: "none", Site: address.Site{Base: chainBase}})
	c.must(err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	sender := &notice.Sender{DB: c.Pool, Vault: c.Vault, Lines: []notice.Line{{Channel: mail}}, Log: quiet,
		Now: clock.Now, ContactOf: c.Desk.ContactOf}
	go func() { defer close(ended); sender.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	return c
}

func (c *chain) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// office is a call of an officer, each with a key of its own.
func (c *chain) office() desk.Office {
	c.calls++
	return c.Office(c.T, strings.Repeat("x", c.calls))
}

// draft is a complete draft of somebody, begun in a language.
func (c *chain) draft(who identity.Who, l i18n.Lang, copies int) dossier.DraftID {
	c.Helper()
	id := c.Copies(c.T, who, copies)
	_, err := c.Pool.Exec(c.Context(), `update draft set lang = $2 where id = $1`, id, l)
	c.must(err)
	return id
}

// filed is a dossier whose fee is due at the counter.
func (c *chain) filed(who identity.Who, l i18n.Lang) dossier.Code {
	c.Helper()
	s, err := c.Desk.Submit(c.Context(), who, c.draft(who, l, 1))
	c.must(err)
	return s.Code
}

// did checks that an officer's call was taken.
func (c *chain) did(_ []byte, err error) { c.Helper(); c.must(err) }

func (c *chain) received(who identity.Who, l i18n.Lang) dossier.Code {
	code := c.filed(who, l)
	c.did(c.Desk.Receive(c.Context(), c.office(), code, onestop.Receive{}))
	return code
}

func (c *chain) processing(who identity.Who, l i18n.Lang) dossier.Code {
	code := c.received(who, l)
	c.did(c.Desk.Process(c.Context(), c.office(), code, onestop.Process{}))
	return code
}

func (c *chain) completed(who identity.Who, l i18n.Lang) dossier.Code {
	code := c.processing(who, l)
	c.did(c.Desk.DeliverResult(c.Context(), c.office(), code, desk.ResultIn{FileName: "kq.pdf",
		File: bytes.NewReader([]byte("%PDF-1.7\n%%EOF\n")), DeliverResult: onestop.DeliverResult{
			Number: "12/2026/TLKS", Name: "Trích lục khai sinh", IssuedOn: workday.DateOf(c.Clock.Now())}}))
	return code
}

func (c *chain) asked(who identity.Who, l i18n.Lang) dossier.Code { return c.askedWithin(2, who, l) }

func (c *chain) askedWithin(days int, who identity.Who, l i18n.Lang) dossier.Code {
	code := c.filed(who, l)
	c.did(c.Desk.AskSupplement(c.Context(), c.office(), code, onestop.Supplement{Fields: []string{"sk.noi"},
		Reasons:  map[string]string{"sk.noi": "Ghi rõ xã"},
		Deadline: workday.DateOf(c.Clock.Now()).AddDays(days)}))
	return code
}

func (c *chain) stopped(who identity.Who, l i18n.Lang) dossier.Code {
	code := c.asked(who, l)
	c.drained()
	c.Clock.Advance(3 * 24 * time.Hour)
	c.must(c.Desk.StopOverdue(c.Context()))
	return code
}

// ending is asked for, and not answered until shortly before its last day.
func (c *chain) ending(who identity.Who, l i18n.Lang) dossier.Code {
	code := c.askedWithin(5, who, l)
	c.drained()
	c.Clock.Advance(4 * 24 * time.Hour)
	c.must(c.Desk.Tidy(c.Context()))
	return code
}

func (c *chain) refused(who identity.Who, l i18n.Lang) dossier.Code {
	code := c.filed(who, l)
	c.did(c.Desk.Refuse(c.Context(), c.office(), code, onestop.Refuse{Reason: "Không thuộc thẩm quyền"}))
	return code
}

func (c *chain) paid(who identity.Who, l i18n.Lang) dossier.Code {
	code := c.filed(who, l)
	c.did(c.Desk.PaidAtCounter(c.Context(), c.office(), code, onestop.CounterPayment{Amount: 8000}))
	return code
}

// refunded paid online, and is refused.
func (c *chain) refunded(who identity.Who, l i18n.Lang) dossier.Code {
	ctx, id := c.Context(), c.draft(who, l, 2)
	_, err := c.Desk.Submit(ctx, who, id)
	c.must(err)
	page, err := c.Desk.OpenPayment(ctx, who, id, l)
	c.must(err)
	c.must(c.stripe.Pay(page[strings.LastIndexByte(page, '/')+1:]))
	s, err := c.Desk.PaymentReturn(ctx, who, id)
	c.must(err)
	c.did(c.Desk.Refuse(ctx, c.office(), s.Code, onestop.Refuse{Reason: "Không thuộc thẩm quyền"}))
	var quote string
	c.must(c.Pool.QueryRow(ctx, `select id::text from payment_quote where draft_id = $1`, id).Scan(&quote))
	c.must(c.Desk.ReturnMoney(ctx, quote))
	return s.Code
}

func (c *chain) withdrawal(answer desk.Answer) func(identity.Who, i18n.Lang) dossier.Code {
	return func(who identity.Who, l i18n.Lang) dossier.Code {
		code := c.filed(who, l)
		c.must(c.Desk.RequestWithdrawal(c.Context(), who, code, "Tôi đã tìm được bản gốc"))
		c.did(c.Desk.AnswerWithdrawal(c.Context(), c.office(), code, answer, "Theo quy định"))
		return code
	}
}

// drained waits until nothing is queued.
func (c *chain) drained() {
	c.Helper()
	const left = `select count(*) from notice_delivery where state = 'queued'`
	n := 1
	for deadline := time.Now().Add(2 * time.Minute); n > 0 && time.Now().Before(deadline); {
		c.must(c.Pool.QueryRow(c.Context(), left).Scan(&n))
		time.Sleep(20 * time.Millisecond)
	}
	if n > 0 {
		c.Fatalf("%d notices are still queued", n)
	}
}

// letters are all mails with a subject, in which a text stands.
func (c *chain) letters(subject, text string) (found []letter) {
	c.Helper()
	entries, err := os.ReadDir(c.box.dir)
	c.must(err)
	for _, entry := range entries {
		one, err := c.box.read(entry.Name())
		c.must(err)
		one.Text = strings.ReplaceAll(one.Text, "\r\n", "\n")
		if one.Subject == subject && strings.Contains(one.Text, text) {
			found = append(found, one)
		}
	}
	return found
}

// TestEveryNoticeReachesTheMailbox produces every kind of notice as the portal does, in both languages, and
// reads its mail where the demo shows it. A kind without a producer fails.
func TestEveryNoticeReachesTheMailbox(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	producers := map[dossier.NoticeKind]func(identity.Who, i18n.Lang) dossier.Code{
		dossier.NoticeSubmitted: c.filed, dossier.NoticeReceived: c.received,
		dossier.NoticeRefused: c.refused, dossier.NoticeSupplement: c.asked,
		dossier.NoticeProcessing: c.processing, dossier.NoticeCompleted: c.completed,
		dossier.NoticePaymentReceived: c.paid, dossier.NoticePaymentRefund: c.refunded,
		dossier.NoticeWithdrawn:      c.withdrawal(desk.Accept),
		dossier.NoticeRequestRefused: c.withdrawal(desk.Decline), dossier.NoticeStopped: c.stopped,
		dossier.NoticeSupplementEnds: c.ending,
	}
	for _, kind := range dossier.NoticeKinds {
		var expected []mailOf
		for i, l := range i18n.Langs {
			who, produce := c.Citizen(t, 100+i), producers[kind]
			switch {
			case kind.Opens() == dossier.DraftPage:
				expected = append(expected, c.expiring(who, kind, l))
			case produce == nil:
				t.Errorf("nothing here produces %s", kind)
			default:
				code := produce(who, l)
				expected = append(expected, mailOf{kind, l, address.Dossier(l, code),
					i18n.T(l, kind.BodyKey(), "Code", string(code))})
			}
		}
		c.drained()
		for _, m := range expected {
			c.reads(m)
		}
	}
}

// mailOf is what a mail has to say, and to which page it leads.
type mailOf struct {
	kind       dossier.NoticeKind
	lang       i18n.Lang
	page, body string
}

// expiring is a draft that nobody goes on with.
func (c *chain) expiring(who identity.Who, kind dossier.NoticeKind, l i18n.Lang) mailOf {
	c.Helper()
	id := c.draft(who, l, 1)
	v, err := c.Desk.Draft(c.Context(), who, id)
	c.must(err)
	c.drained()
	c.Clock.Advance(dossier.DraftDays * 24 * time.Hour)
	c.must(c.Desk.Tidy(c.Context()))
	return mailOf{kind, l, address.Draft(l, id), i18n.T(l, kind.BodyKey(), "Procedure",
		v.Version.Name.In(l))}
}

// reads checks the one mail of a kind that leads to a page: what it says, to whom, and that there is the
// page.
func (c *chain) reads(m mailOf) {
	c.Helper()
	kind, l, page := m.kind, m.lang, m.page
	found := c.letters(i18n.T(l, kind.TitleKey()), "\n"+chainBase+page+"\n")
	if len(found) != 1 {
		c.Errorf("%s in %s: %d mails lead to %s", kind, l, len(found), page)
		return
	}
	one := found[0]
	if !strings.Contains(one.To, "lan@example.vn") || !strings.Contains(one.From, "no-reply@example.vn") {
		c.Errorf("%s in %s: from %s to %s", kind, l, one.From, one.To)
	}
	for _, want := range []string{i18n.T(l, "notice.greeting"), m.body, i18n.T(l, "notice.link"),
		i18n.T(l, "notice.foot")} {
		if !strings.Contains(one.Text, want) || strings.Contains(one.Text, "<no value>") {
			c.Errorf("%s in %s lacks %q:\n%s", kind, l, want, one.Text)
		}
	}
	for _, secret := range []string{"Nguyễn Thị Lan", "037190", "0912345678", "0912 345 678", "@", "1990",
		"Đông Thành"} {
		if strings.Contains(one.Text+one.Subject, secret) {
			c.Errorf("%s in %s tells %q:\n%s", kind, l, secret, one.Text)
		}
	}
	// Who is not signed in is led to the login, and from there to the page; there is none at another path.
	answer, err := c.app.Test(httptest.NewRequestWithContext(c.Context(), http.MethodGet, page, nil), -1)
	c.must(err)
	c.must(answer.Body.Close())
	if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther ||
		!strings.HasPrefix(to, address.Login(l)) {
		c.Errorf("%s in %s: %s answers %d, leads to %q", kind, l, page, answer.StatusCode, to)
	}
}
