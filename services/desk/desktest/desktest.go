// Package desktest makes a small province for tests of everything above the
// rooms: a migrated database with the starter catalogue, a one-stop connection
// that serves every commune, people, and drafts that are ready to be submitted.
package desktest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"sync"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/payments/checkout"
	"congdvc/portal/address"
	"congdvc/services/agency"
	"congdvc/services/attachment"
	"congdvc/services/binding"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/filestore"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/pgtest"
	"congdvc/services/procedure"
	"congdvc/services/result"
	"congdvc/services/signature"
	"congdvc/services/vault"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Morning is a Monday morning within office hours, on which the clock starts.
var Morning = time.Date(2026, 11, 23, 8, 30, 0, 0, workday.Zone)

// Province is everything that a test needs of one.
type Province struct {
	Pool       *pgxpool.Pool
	Vault      *vault.Vault
	Files      *filestore.Store
	Folder     string // of Files
	Desk       *desk.Desk
	Clock      *Clock
	Commune    agency.Agency // UBND phường Hoa Lư
	Connection string        // id
	Key        string        // of the connection, with every scope
	Secret     string        // of its pushes
}

// Clock is a clock that only the test moves.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock is a clock that stands at Morning, for the parts that are made before
// the province.
func NewClock() *Clock { return &Clock{now: Morning} }

// Now is the time on the clock.
func (c *Clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

// Options changes what New makes.
type Options struct {
	Checkout *checkout.Checkout
	Base     string // of the site; http://portal.test when empty
	Real     bool   // the clock is the real one
	Clock    *Clock // nil makes one
}

// New makes a province. It ends with the test.
func New(t testing.TB, o Options) *Province {
	t.Helper()
	p := &Province{Pool: pgtest.New(t), Clock: o.Clock}
	if p.Clock == nil {
		p.Clock = NewClock()
	}
	var err error
	p.Vault, err = vault.New()
	must(t, err)
	p.Folder = t.TempDir()
	p.Files = filestore.At(p.Folder, p.Vault)
	now := p.Clock.Now
	if o.Real {
		now = time.Now
	}
	if o.Base == "" {
		o.Base = "http://portal.test"
	}
	p.Desk, err = desk.New(desk.Config{
		Pool: pgtest.Running(t, p.Pool), Vault: p.Vault, Files: p.Files, Checkout: o.Checkout,
		SmallestOnline: 13000,
		Site:           address.Site{Base: o.Base}, Now: now, VerifyPDF: signed,
		Channels: []string{notice.MailName},
	})
	must(t, err)
	must(t, p.Desk.Installation().Bind(t.Context()))
	p.load(t, o, now())
	return p
}

// signed takes the place of the child process: it reads the file and calls the same verification.
func signed(_ context.Context, file io.Reader) (signature.Report, error) {
	b, err := io.ReadAll(file)
	if err != nil {
		return signature.Report{}, err
	}
	return signature.Verify(b, nil, time.Now()), nil
}

// Bind takes for this portal's own what a test wrote into the catalogue by SQL.
func (p *Province) Bind(t testing.TB) {
	t.Helper()
	_, err := binding.Bind(t.Context(), p.Pool, p.Vault, binding.Catalogue, func(string, int) {})
	must(t, err)
}

func starter(ctx context.Context, tx pgx.Tx) error {
	registry, err := agency.Starter()
	if err != nil {
		return err
	}
	if _, err := agency.Load(ctx, tx, registry); err != nil {
		return err
	}
	catalogue, err := procedure.Starter()
	if err != nil {
		return err
	}
	if _, err = procedure.Load(ctx, tx, catalogue); err != nil {
		return err
	}
	_, _, err = procedure.LoadTemplates(ctx, tx)
	return err
}

func (p *Province) load(t testing.TB, o Options, now time.Time) {
	ctx, today := t.Context(), workday.DateOf(now)
	must(t, pgx.BeginFunc(ctx, p.Pool, func(tx pgx.Tx) error {
		return binding.Change(ctx, tx, p.Vault, binding.Catalogue,
			func() error { return starter(ctx, tx) }, "true")
	}))
	communes, err := agency.List(ctx, p.Pool, agency.Filter{Kind: agency.Commune, On: today})
	must(t, err)
	must(t, pgx.BeginFunc(ctx, p.Pool, func(tx pgx.Tx) error {
		connection, secret, err := onestop.CreateConnection(ctx, tx, p.Vault, onestop.NewConnection{
			Code: "chung", Name: "Một cửa dùng chung", Networks: []string{"127.0.0.0/8"},
			Now: now})
		if err != nil {
			return err
		}
		p.Connection, p.Secret = connection.ID, secret
		for _, c := range communes {
			if c.UnitCode == "14329" {
				p.Commune = c
			}
			if err := agency.Serve(ctx, tx, p.Vault, connection.ID, c.ID, today); err != nil {
				return err
			}
		}
		p.Key, _, err = onestop.CreateKey(ctx, tx, p.Vault, connection.ID, onestop.Scopes, now)
		return err
	}))
}

// Citizen makes a person who acts for themselves; n tells people apart.
func (p *Province) Citizen(t testing.TB, n int) identity.Who {
	t.Helper()
	return p.signIn(t, n, nil)
}

// Employee makes a person who acts for the company with this tax code.
func (p *Province) Employee(t testing.TB, n int, taxCode string) identity.Who {
	t.Helper()
	return p.signIn(t, n, &identity.OrganisationClaims{TaxCode: taxCode, Name: "Công ty TNHH Cói Kim Sơn"})
}

// Colleagues makes two people who act for the same company and are alike in nothing else.
func (p *Province) Colleagues(t testing.TB) (ha, bao identity.Who) {
	t.Helper()
	sign := func(number, name string, profile identity.Profile) identity.Who {
		who, err := p.Desk.SignIn(t.Context(), identity.Claims{
			Issuer: "https://id.test", Subject: "firm/" + number, Account: identity.Organisation,
			Number: number, Name: name, Assurance: 2, Profile: profile,
			Organisation: &identity.OrganisationClaims{TaxCode: "0609999902",
				Name: "Công ty TNHH Gạo Tám Xoan Hải Hậu"},
		})
		must(t, err)
		return who
	}
	return sign("035179002468", "Phạm Thu Hà", identity.Profile{
			Born: "1979-08-23", Gender: identity.Female, Phone: "0903456789", Email: "ha@example.vn",
			Address: "Số 5 đường Trần Hưng Đạo, phường Nam Định, tỉnh Ninh Bình",
		}), sign("037090007315", "Lê Quốc Bảo", identity.Profile{
			Born: "1990-03-09", Gender: identity.Male, Phone: "0356789012",
			Address: "Xóm 3, xã Yên Khánh, tỉnh Ninh Bình",
		})
}

func (p *Province) signIn(t testing.TB, n int, organisation *identity.OrganisationClaims) identity.Who {
	number := fmt.Sprintf("037190%06d", n)
	c := identity.Claims{
		Issuer: "https://id.test", Subject: number, Account: identity.Person, Number: number,
		Name: "Nguyễn Thị Lan", Assurance: 2, Profile: identity.Profile{
			Born: "1990-05-12", Gender: "female", Phone: "0912345678", Email: "lan@example.vn",
			Address: "Số 5, phố Đông Thành",
		},
	}
	if organisation != nil {
		c.Account, c.Organisation, c.Subject = identity.Organisation, organisation,
			number+"/"+organisation.TaxCode
	}
	who, err := p.Desk.SignIn(t.Context(), c)
	must(t, err)
	return who
}

// Office is the one-stop system calling for an officer, each time with a call of its own.
func (p *Province) Office(t testing.TB, call string) desk.Office {
	t.Helper()
	served, err := agency.ServedBy(t.Context(), p.Pool, p.Vault, p.Connection, workday.DateOf(p.Desk.Now()))
	must(t, err)
	return desk.Office{
		Connection: p.Connection, Agencies: served,
		Actor: dossier.Actor{
			Kind: dossier.Officer, Name: "Đỗ Văn Hùng", Title: "Công chức tư pháp - hộ tịch",
			Unit: "UBND phường Hoa Lư", Phone: "0229 3871 000",
			System: p.Connection,
		},
		Call: onestop.Call{Connection: p.Connection, Key: call, Request: []byte(call), Now: p.Desk.Now()},
	}
}

// Copies is a complete draft that asks for so many copies of a record: 8,000 đồng each.
func (p *Province) Copies(t testing.TB, who identity.Who, copies int) dossier.DraftID {
	t.Helper()
	draft, err := p.Desk.StartDraft(t.Context(), who,
		desk.StartIn{Procedure: "2.000635", Agency: p.Commune.ID, Lang: i18n.Vi})
	must(t, err)
	text := func(s string) eform.Value { return eform.Value{Text: s} }
	p.Save(t, who, draft.ID, eform.Answers{
		"nyc.loai": text("ca_nhan"), "nyc.quan_he": text("ban_than"),
		"nyc.cu_tru": {Rows: []map[string]string{{eform.PartProvince: "37", eform.PartCommune: "14329",
			eform.PartCommuneName: "Phường Hoa Lư", eform.PartDetail: "Số 5"}}},
		"sk.loai": text("khai_sinh"), "sk.noi": text("UBND xã Ninh Nhất"),
		"ban_sao.so_luong": text(fmt.Sprint(copies)), "nhan.hinh_thuc": text("tai_co_quan"),
	})
	_, err = p.Desk.AddAttachment(t.Context(), who, draft.ID, "tai_lieu_lien_quan",
		attachment.Incoming{Name: "giấy khai sinh cũ.png", Reader: bytes.NewReader(Photo(t))})
	must(t, err)
	return draft.ID
}

// Business is a complete draft that registers a business: 150,000 đồng that are
// not given back, three working days.
func (p *Province) Business(t testing.TB, who identity.Who) dossier.DraftID {
	t.Helper()
	draft, err := p.Desk.StartDraft(t.Context(), who,
		desk.StartIn{Procedure: "1.001612", Agency: p.Commune.ID, Lang: i18n.Vi})
	must(t, err)
	text := func(s string) eform.Value { return eform.Value{Text: s} }
	home := eform.Value{Rows: []map[string]string{{eform.PartProvince: "37", eform.PartCommune: "14329",
		eform.PartCommuneName: "Phường Hoa Lư", eform.PartDetail: "Số 5"}}}
	p.Save(t, who, draft.ID, eform.Answers{
		"nyc.vai_tro": text("chu_ho"), "nyc.cu_tru": home,
		"hkd.chu_the": text("ca_nhan"), "hkd.ten": text("Tạp hóa Lan"), "hkd.dien_thoai": text("0912345678"),
		"hkd.tru_so": home, "hkd.nganh_nghe": {Rows: []map[string]string{{"ma": "4711"}}},
		"hkd.von": text("50000000"), "hkd.lao_dong": text("1"), "thue.nhu_tru_so": text("yes"),
		"nhan.hinh_thuc": text("tai_co_quan"),
	})
	return draft.ID
}

// Save saves answers over whatever the draft holds.
func (p *Province) Save(t testing.TB, who identity.Who, id dossier.DraftID, answers eform.Answers) {
	t.Helper()
	view, err := p.Desk.Draft(t.Context(), who, id)
	must(t, err)
	in := desk.SaveIn{Operation: "test", Answers: answers, Bases: map[string]int{}}
	for field, saved := range view.Fields {
		in.Bases[field] = saved.Revision
	}
	conflicts, err := p.Desk.SaveStep(t.Context(), who, id, in)
	must(t, err)
	if len(conflicts) > 0 {
		t.Fatalf("conflicts: %+v", conflicts)
	}
}

// Submitted is the code of a dossier that was handed in with a fee below the
// smallest online amount, so that it is paid at the counter.
func (p *Province) Submitted(t testing.TB, who identity.Who) dossier.Code {
	t.Helper()
	s, err := p.Desk.Submit(t.Context(), who, p.Copies(t, who, 1))
	must(t, err)
	if s.Code == "" {
		t.Fatalf("not submitted: %+v", s)
	}
	return s.Code
}

// Photo is a small picture of a paper.
func Photo(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 60))))
	return b.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// OpenResult gives a result to its owner as the page that sends it does: the file, then that it was opened.
func OpenResult(ctx context.Context, d *desk.Desk, who identity.Who, code dossier.Code,
	id result.ID) (*desk.File, error) {
	f, err := d.LookAtResult(ctx, who, code, id)
	if err != nil {
		return nil, err
	}
	return f, d.ResultOpened(ctx, who, code, id)
}
