package notice

import (
	"errors"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/dong"
	"congdvc/services/dossier"
	"congdvc/services/pgtest"
	"congdvc/services/postgres"
	"congdvc/services/vault"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const code = "H42.37.14329-261123-0001"

var now = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)

// keys are those of every portal of these tests.
var keys = func() *vault.Vault {
	v, err := vault.New()
	if err != nil {
		panic(err)
	}
	return v
}()

func party() identity.PartyID { return identity.PartyID(postgres.NewID()) }

func queue(t testing.TB, db *pgxpool.Pool, n Notice) string {
	t.Helper()
	n.Dossier, n.CreatedAt = code, now
	var id string
	err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) (err error) {
		id, err = Queue(t.Context(), tx, keys, []string{MailName}, n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestListAndRead(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	mine, other := party(), party()
	self := func(p identity.PartyID) identity.Who { return identity.Who{Person: p, Party: p} }
	due, amount, deadline := now.Add(time.Hour), dong.Amount(8000),
		workday.Date{Year: 2026, Month: 12, Day: 1}
	var ids []string
	for _, kind := range dossier.NoticeKinds {
		ids = append(ids, queue(t, db, Notice{Party: mine, Person: mine, Kind: kind,
			Args: Args{Due: &due, Amount: &amount, Deadline: &deadline, Receipt: "BL-7"}}))
	}
	queue(t, db, Notice{Party: other, Person: other, Kind: dossier.NoticeRefused})

	list, err := List(t.Context(), db, keys, self(mine), "", 3)
	if err != nil || len(list) != 3 || list[0].ID != ids[len(ids)-1] ||
		list[0].Kind != dossier.NoticeKinds[len(dossier.NoticeKinds)-1] {
		t.Fatalf("list: %+v, %v", list, err)
	}
	if a := list[0].Args; !a.Due.Equal(due) || *a.Amount != amount || *a.Deadline != deadline ||
		a.Receipt != "BL-7" {
		t.Errorf("args: %+v", a)
	}
	rest, err := List(t.Context(), db, keys, self(mine), list[2].ID, 100)
	if err != nil || len(rest) != len(dossier.NoticeKinds)-3 || rest[len(rest)-1].ID != ids[0] {
		t.Errorf("rest: %+v, %v", rest, err)
	}
	if none, err := List(t.Context(), db, keys, self(mine), "x", 100); err != nil || len(none) != 0 {
		t.Errorf("before nothing: %v, %v", none, err)
	}
	for range 2 {
		if err := MarkRead(t.Context(), db, self(mine), ids[0], now); err != nil {
			t.Error(err)
		}
	}
	for _, id := range []string{"x", postgres.NewID()} {
		if err := MarkRead(t.Context(), db, self(mine), id, now); !errors.Is(err, ErrNotFound) {
			t.Errorf("mark %s: %v", id, err)
		}
	}
	if err := MarkRead(t.Context(), db, self(other), ids[1], now); !errors.Is(err, ErrNotFound) {
		t.Errorf("another party's: %v", err)
	}
	for p, want := range map[identity.PartyID]int{mine: len(dossier.NoticeKinds) - 1, other: 1} {
		n, err := Unread(t.Context(), db, p, p)
		if n[p] != want || err != nil {
			t.Errorf("unread %d, %v; want %d", n[p], err, want)
		}
	}
}

// TestUnreadIsCountedOnlySoFar: however many an organisation has, the account page shows as much as it needs.
func TestUnreadIsCountedOnlySoFar(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	many, few := party(), party()
	for range UnreadMost + 5 {
		queue(t, db, Notice{Party: many, Person: many, Kind: dossier.NoticeRefused})
	}
	queue(t, db, Notice{Party: few, Person: many, Kind: dossier.NoticeRefused})
	counts, err := Unread(t.Context(), db, many, few, many, party())
	if err != nil || len(counts) != 2 || counts[many] != UnreadMost || counts[few] != 1 {
		t.Errorf("%v, %v", counts, err)
	}
}

// TestReadByPerson: of two people who act for an organisation, what one reads is new for the other.
func TestReadByPerson(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	firm := party()
	ha, bao := identity.Who{Person: party(), Party: firm}, identity.Who{Person: party(), Party: firm}
	id := queue(t, db, Notice{Party: firm, Person: ha.Person, Kind: dossier.NoticeRefused})
	queue(t, db, Notice{Party: firm, Person: ha.Person, Kind: dossier.NoticeRefused})
	if err := MarkRead(t.Context(), db, bao, id, now); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		who    identity.Who
		unread int
	}{"who read it": {bao, 1}, "who did not": {ha, 2}} {
		list, err := List(t.Context(), db, keys, tc.who, "", 10)
		counts, countErr := Unread(t.Context(), db, tc.who.Person, firm, party())
		unread := 0
		for _, n := range list {
			if n.ReadAt == nil {
				unread++
			}
		}
		if len(list) != 2 || unread != tc.unread || counts[firm] != tc.unread || err != nil ||
			countErr != nil {
			t.Errorf("%s: %d of %d unread, counted %v, %v, %v", name, unread, len(list), counts, err,
				countErr)
		}
	}
	// As themselves, nobody finds or marks what is the organisation's.
	alone := identity.Who{Person: ha.Person, Party: ha.Person}
	if list, err := List(t.Context(), db, keys, alone, "", 10); err != nil || len(list) != 0 {
		t.Errorf("acting for themselves: %+v, %v", list, err)
	}
	if err := MarkRead(t.Context(), db, alone, id, now); !errors.Is(err, ErrNotFound) {
		t.Errorf("acting for themselves: %v", err)
	}
}

// TestRender holds every kind in both languages to a title without the dossier's code, a body with it, every
// fact, and the link.
func TestRender(t *testing.T) {
	t.Parallel()
	due, amount, deadline := now, dong.Amount(8000), workday.Date{Year: 2026, Month: 12, Day: 1}
	site := address.Site{Base: "https://dichvucong.example.vn/"}
	seen := map[string]bool{}
	for _, l := range i18n.Langs {
		for _, kind := range dossier.NoticeKinds {
			n := Notice{Kind: kind, Dossier: code, Args: Args{Due: &due, Amount: &amount, Deadline: &deadline,
				Receipt: "BL-7"}}
			name, link := code, site.URL(address.Dossier(l, code))
			if kind == dossier.NoticeDraftExpiring {
				id := dossier.DraftID(postgres.NewID())
				name, link = "Khai sinh "+string(l), site.URL(address.Draft(l, id))
				n.Dossier, n.Draft, n.Args.Procedure = "", &id,
					&i18n.Text{Vi: "Khai sinh vi", En: "Khai sinh en"}
			}
			c := Read(n, l)
			subject, body := c.Title, (&Mail{site: site}).letter(c, l)
			if subject == "" || strings.ContainsAny(subject, "⟦\n") || strings.Contains(subject, code) ||
				seen[subject] {
				t.Errorf("%s %s: subject %q", l, kind, subject)
			}
			seen[subject] = true
			for _, part := range []string{name, link, "14:00", "BL-7", "2026", i18n.Money(l, amount)} {
				if !strings.Contains(body, part) {
					t.Errorf("%s %s: no %q in\n%s", l, kind, part, body)
				}
			}
			if strings.Contains(body, "⟦") {
				t.Errorf("%s %s: a gap in\n%s", l, kind, body)
			}
		}
	}
	plain := Read(Notice{Kind: dossier.NoticeSubmitted, Dossier: code}, i18n.Vi)
	if len(plain.Facts) != 0 || plain.Path != "/ho-so/"+code {
		t.Errorf("without facts: %+v", plain)
	}
}
