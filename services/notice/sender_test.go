package notice

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/dossier"
	"congdvc/services/pgtest"

	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5/pgxpool"
)

// postbox is a mail server that keeps what it gets, and refuses recipients as it is told.
type postbox struct {
	addr string

	mu     sync.Mutex
	refuse map[string]*smtp.SMTPError
	mails  []string
}

func newPostbox(t testing.TB) *postbox {
	t.Helper()
	p := &postbox{refuse: map[string]*smtp.SMTPError{}}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &posting{p}, nil
	}))
	server.Domain = "localhost"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = listener.Addr().String()
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return p
}

func (p *postbox) got() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.mails...)
}

type posting struct{ box *postbox }

func (p *posting) Reset()                               {}
func (p *posting) Logout() error                        { return nil }
func (p *posting) Mail(string, *smtp.MailOptions) error { return nil }
func (p *posting) Rcpt(to string, _ *smtp.RcptOptions) error {
	p.box.mu.Lock()
	defer p.box.mu.Unlock()
	if refused := p.box.refuse[to]; refused != nil {
		return refused
	}
	return nil
}

func (p *posting) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	p.box.mu.Lock()
	defer p.box.mu.Unlock()
	p.box.mails = append(p.box.mails, string(text))
	return err
}

// office is a sender with the addresses of its persons.
type office struct {
	*Sender
	way       *way
	now       time.Time
	addresses map[identity.PartyID]string
}

func newOffice(t testing.TB, db *pgxpool.Pool, smtpAddr string) *office {
	t.Helper()
	mail, err := NewMail(MailConfig{
		Addr: smtpAddr, From: "Cổng Dịch vụ công <no-reply@dichvucong.example.vn>", TLS: noTLS,
		Site: address.Site{Base: "https://dichvucong.example.vn"}})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{now: now, addresses: map[identity.PartyID]string{}}
	o.Sender = &Sender{DB: db, Vault: keys, Lines: []Line{{Channel: mail}},
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return o.now },
		ContactOf: func(_ context.Context, n Notice) (Contact, error) {
			person := n.Person
			if o.addresses[person] == "unreadable" {
				return Contact{}, errors.New("the vault is closed")
			}
			return Contact{Person: person, Email: o.addresses[person], Lang: i18n.Vi}, nil
		}}
	o.way = &way{Sender: o.Sender, channel: mail.Name()}
	return o
}

func (o *office) add(t testing.TB, to string) (id string) {
	person := party()
	o.addresses[person] = to
	return queue(t, o.DB, Notice{Party: person, Person: person, Kind: dossier.NoticeReceived})
}

func (o *office) pass(t testing.TB, want int) {
	t.Helper()
	if n, err := o.Sender.pass(t.Context(), o.Lines[0], o.way); n != want || err != nil {
		t.Errorf("a pass took %d, %v; want %d", n, err, want)
	}
}

type ledger struct {
	State    string
	Attempts int
	Problem  string
}

func (o *office) ledger(t testing.TB, notice string) (l ledger) {
	t.Helper()
	const find = `select state, attempts, last_error from notice_delivery where notice_id = $1`
	if err := o.DB.QueryRow(t.Context(), find, notice).Scan(&l.State, &l.Attempts, &l.Problem); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestSend(t *testing.T) {
	t.Parallel()
	box := newPostbox(t)
	o := newOffice(t, pgtest.New(t), box.addr)
	id := o.add(t, "lan@example.vn")
	o.pass(t, 1)
	o.pass(t, 0)
	if l := o.ledger(t, id); l != (ledger{"sent", 1, ""}) {
		t.Errorf("ledger: %+v", l)
	}
	mails := box.got()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	m, err := netmail.ReadMessage(strings.NewReader(mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Hồ sơ của bạn đã được tiếp nhận" {
		t.Errorf("subject %q, %v", subject, err)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || from[0].Name != "Cổng Dịch vụ công" {
		t.Errorf("from %v, %v", from, err)
	}
	if to := m.Header.Get("To"); to != "<lan@example.vn>" ||
		m.Header.Get("Auto-Submitted") != "auto-generated" ||
		!strings.HasSuffix(m.Header.Get("Message-ID"), "@dichvucong.example.vn>") {
		t.Errorf("headers: %v", m.Header)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil || !strings.Contains(string(body), code) ||
		!strings.Contains(string(body), "https://dichvucong.example.vn/ho-so/"+code) {
		t.Errorf("body %s, %v", body, err)
	}
}

// TestFailures: what may get better is tried again after growing pauses, what will not is dropped; the ledger
// tells why, and never to whom.
func TestFailures(t *testing.T) {
	t.Parallel()
	box := newPostbox(t)
	box.refuse["full@example.vn"] = &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2},
		Message: "full@example.vn is full"}
	box.refuse["gone@example.vn"] = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1},
		Message: "no gone@example.vn here"}
	o := newOffice(t, pgtest.New(t), box.addr)
	ids := map[string]string{}
	for _, to := range []string{"", "full@example.vn", "gone@example.vn", "not an address",
		"two@a.vn, three@a.vn", "unreadable", "x@a.vn\r\nBcc: y@a.vn"} {
		ids[to] = o.add(t, to)
	}
	o.pass(t, 7)
	for to, want := range map[string]string{
		"": "no_address", "full@example.vn": "queued", "gone@example.vn": "refused",
		"not an address": "refused", "two@a.vn, three@a.vn": "refused", "unreadable": "queued",
		"x@a.vn\r\nBcc: y@a.vn": "refused"} {
		l := o.ledger(t, ids[to])
		if l.State != want || l.Attempts != 1 || l.Problem == "" || strings.Contains(l.Problem, "@") {
			t.Errorf("%q: %+v, want %s", to, l, want)
		}
	}
	if n := len(box.got()); n != 0 {
		t.Errorf("%d mails", n)
	}
	o.pass(t, 0)
	for i := range usualPauses {
		o.now = o.now.Add(usualPauses[i] - time.Second)
		o.pass(t, 0)
		o.now = o.now.Add(time.Second)
		if i == 1 { // it got better meanwhile
			box.mu.Lock()
			delete(box.refuse, "full@example.vn")
			box.mu.Unlock()
		}
		want := 1
		if i < 2 {
			want = 2
		}
		o.pass(t, want)
	}
	if full, unreadable := o.ledger(t, ids["full@example.vn"]),
		o.ledger(t, ids["unreadable"]); full.State != "sent" || full.Attempts != 3 ||
		unreadable.State != "queued" {
		t.Errorf("full %+v, unreadable %+v", full, unreadable)
	}
	for tries := 0; o.ledger(t, ids["unreadable"]).State == "queued"; tries++ {
		if o.now = o.now.Add(usualPauses[len(usualPauses)-1]); o.now.Sub(now) > 10*24*time.Hour {
			t.Fatalf("after %d tries: %+v", tries, o.ledger(t, ids["unreadable"]))
		}
		o.pass(t, 1)
	}
	l := o.ledger(t, ids["unreadable"])
	if l.State != "expired" || !strings.Contains(l.Problem, "cannot be read") ||
		o.now.Sub(now) > dossier.NoticeReceived.Holds() {
		t.Errorf("unreadable, after %s: %+v", o.now.Sub(now), l)
	}
	o.now = o.now.Add(100 * time.Hour)
	o.pass(t, 0)
}

func TestServerDown(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	o := newOffice(t, pgtest.New(t), listener.Addr().String())
	id := o.add(t, "lan@example.vn")
	o.pass(t, 1)
	if l := o.ledger(t, id); l.State != "queued" || !strings.Contains(l.Problem, "cannot be reached") {
		t.Errorf("ledger: %+v", l)
	}
}

// TestTwoSenders: however many processes send, each mail goes out once.
func TestTwoSenders(t *testing.T) {
	t.Parallel()
	box := newPostbox(t)
	o := newOffice(t, pgtest.New(t), box.addr)
	for range 30 {
		o.add(t, "lan@example.vn")
	}
	var sending sync.WaitGroup
	for range 3 {
		sending.Go(func() {
			for {
				n, err := o.Sender.pass(t.Context(), o.Lines[0], &way{Sender: o.Sender})
				if err != nil {
					t.Error(err)
				}
				if n == 0 {
					return
				}
			}
		})
	}
	sending.Wait()
	if n := len(box.got()); n != 30 {
		t.Errorf("%d mails of 30", n)
	}
}

// TestTakenByTheDead: a mail that a process took before it died comes again.
func TestTakenByTheDead(t *testing.T) {
	t.Parallel()
	box := newPostbox(t)
	o := newOffice(t, pgtest.New(t), box.addr)
	id := o.add(t, "lan@example.vn")
	line := o.Lines[0]
	if due, _, err := o.claim(t.Context(), line); err != nil || len(due) != 1 {
		t.Fatalf("claimed %+v, %v", due, err)
	}
	o.pass(t, 0)
	o.now = o.now.Add(line.claimed())
	o.pass(t, 1)
	if l := o.ledger(t, id); l.State != "sent" || l.Attempts != 2 {
		t.Errorf("ledger: %+v", l)
	}
}

func TestMailConfig(t *testing.T) {
	t.Parallel()
	good := MailConfig{Addr: "127.0.0.1:25", From: "a@b.vn"}
	for name, change := range map[string]func(*MailConfig){
		"no port": func(c *MailConfig) {
			c.Addr = "127.0.0.1"
		}, "a word for a port": func(c *MailConfig) { c.Addr = "127.0.0.1:smtp" },
		"no sender": func(c *MailConfig) {
			c.From = ""
		}, "another TLS": func(c *MailConfig) { c.TLS = "maybe" },
	} {
		c := good
		change(&c)
		if _, err := NewMail(c); !errors.Is(err, errMailConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Without TLS where it is required nothing is said to the server.
	box := newPostbox(t)
	m, err := NewMail(MailConfig{Addr: box.addr, From: "a@b.vn"})
	if err != nil {
		t.Fatal(err)
	}
	err = m.Send(t.Context(), "1", Contact{Email: "lan@example.vn"}, Content{Title: "x", Body: "y"})
	if err == nil || len(box.got()) != 0 {
		t.Errorf("sent in clear: %v", err)
	}
	if err := m.Check(t.Context()); err == nil {
		t.Error("a check takes a server without TLS")
	}
	open, err := NewMail(MailConfig{Addr: box.addr, From: "a@b.vn", TLS: noTLS})
	if err != nil {
		t.Fatal(err)
	}
	if err := open.Check(t.Context()); err != nil || len(box.got()) != 0 {
		t.Errorf("check: %v, %d mails", err, len(box.got()))
	}
}

// TestAChannelThatIsAway is told once, and once when it is back.
func TestAChannelThatIsAway(t *testing.T) {
	t.Parallel()
	box := newPostbox(t)
	o := newOffice(t, pgtest.New(t), "127.0.0.1:1")
	var log bytes.Buffer
	var works []bool
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	o.Works = func(_ string, is bool) { works = append(works, is) }
	for range 3 {
		o.add(t, "lan@example.vn")
		o.pass(t, 1)
	}
	if n := strings.Count(log.String(), "takes no notices now"); n != 1 || slices.Contains(works, true) {
		t.Errorf("told %d times, works %v: %s", n, works, log.String())
	}
	o.Lines = newOffice(t, o.DB, box.addr).Lines
	o.add(t, "")
	o.pass(t, 1)
	if works[len(works)-1] || strings.Contains(log.String(), "takes notices again") {
		t.Error("nobody was written to, and the channel is said to work")
	}
	for range 2 {
		o.add(t, "lan@example.vn")
		o.pass(t, 1)
	}
	if n := strings.Count(log.String(), "takes notices again"); n != 1 || !works[len(works)-1] {
		t.Errorf("told %d times, works %v: %s", n, works, log.String())
	}
}
