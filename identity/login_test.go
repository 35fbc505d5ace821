package identity_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"congdvc/identity"
	"congdvc/services/pgtest"
	"congdvc/services/vault"
)

const issuer = "https://idp.test"

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// room is a database with a vault.
type room struct {
	*pgxpool.Pool
	vault *vault.Vault
}

func newRoom(t *testing.T) room {
	t.Helper()
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	return room{pgtest.New(t), v}
}

func (r room) welcome(ctx context.Context, c identity.Claims, now time.Time) (who identity.Who, err error) {
	err = pgx.BeginFunc(ctx, r.Pool, func(tx pgx.Tx) error {
		who, err = identity.Welcome(ctx, tx, r.vault, c, now)
		return err
	})
	return who, err
}

func (r room) mustWelcome(t *testing.T, c identity.Claims, now time.Time) identity.Who {
	t.Helper()
	who, err := r.welcome(t.Context(), c, now)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func (r room) mustFind(t *testing.T, id identity.PartyID) *identity.Party {
	t.Helper()
	p, err := identity.Find(t.Context(), r, r.vault, id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (r room) count(t *testing.T, table string) (n int) {
	t.Helper()
	if err := r.QueryRow(t.Context(), "select count(*) from "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func lan() identity.Claims {
	return identity.Claims{
		Issuer: issuer, Subject: "lan", Account: identity.Person, Number: "037191004821",
		Name: "Nguyễn Thị Lan", Assurance: 2, Profile: identity.Profile{Born: "1991-05-17",
			Gender: identity.Female, Phone: "0912345678", Address: "Phường Hoa Lư"},
	}
}

func ha() identity.Claims {
	return identity.Claims{
		Issuer: issuer, Subject: "ha", Account: identity.Organisation, Number: "035179002468",
		Name: "Phạm Thu Hà", Assurance: 2,
		Organisation: &identity.OrganisationClaims{TaxCode: "0100233488-001", Name: "Công ty Gạo"},
	}
}

func TestWelcomePerson(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	who := r.mustWelcome(t, lan(), monday)
	if who.Person == "" || who.Party != who.Person || who.Assurance != 2 {
		t.Fatalf("who %+v", who)
	}
	want := identity.Party{ID: who.Person, Kind: identity.Person, Name: "Nguyễn Thị Lan",
		Number: "037191004821", Profile: lan().Profile}
	if got := r.mustFind(t, who.Person); *got != want {
		t.Errorf("got %+v", got)
	}

	// The next login takes over what changed and keeps what the provider left out.
	later := lan()
	later.Name, later.Profile = "Nguyễn Thị Lan Anh", identity.Profile{Phone: "0987654321"}
	if again := r.mustWelcome(t, later, monday.Add(time.Hour)); again != who {
		t.Errorf("another party at the second login: %+v", again)
	}
	want.Name, want.Profile.Phone = "Nguyễn Thị Lan Anh", "0987654321"
	if got := r.mustFind(t, who.Person); *got != want {
		t.Errorf("after the second login: %+v", got)
	}
}

func TestWelcomeOrganisation(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	who := r.mustWelcome(t, ha(), monday)
	if who.Person == who.Party {
		t.Fatal("acts for herself")
	}
	if p := r.mustFind(t, who.Party); p.Kind != identity.Organisation || p.Number != "0100233488-001" ||
		p.Name != "Công ty Gạo" {
		t.Errorf("organisation %+v", p)
	}
	colleague := ha()
	colleague.Subject, colleague.Number, colleague.Name = "bao", "037090007315", "Lê Quốc Bảo"
	if bao := r.mustWelcome(t, colleague, monday); bao.Party != who.Party || bao.Person == who.Person {
		t.Errorf("a colleague acts for %s, not %s", bao.Party, who.Party)
	}
	// The person's own account leads to the same person.
	own := ha()
	own.Subject, own.Account, own.Organisation = "ha-own", identity.Person, nil
	if self := r.mustWelcome(t, own, monday); self.Person != who.Person || self.Party != who.Person {
		t.Errorf("own account gives %+v", self)
	}
	// A household business has its owner's number as its tax code, and is another party than its owner.
	household := lan()
	household.Account = identity.Organisation
	household.Organisation = &identity.OrganisationClaims{TaxCode: lan().Number, Name: "Hộ kinh doanh Lan"}
	if owner := r.mustWelcome(t, household, monday); owner.Person == owner.Party {
		t.Error("owner and household business are one party")
	}
}

func TestNumberChanged(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.mustWelcome(t, lan(), monday)
	other := lan()
	other.Number, other.Name = "036086001357", "Trần Văn Minh"
	if _, err := r.welcome(t.Context(), other, monday); !errors.Is(err, identity.ErrNumberChanged) {
		t.Errorf("got %v", err)
	}
	if n := r.count(t, "party"); n != 1 {
		t.Errorf("%d parties are kept", n)
	}
	// The same subject at another issuer is another account.
	other.Issuer = "https://other.test"
	r.mustWelcome(t, other, monday)
}

func TestWelcomeAtOnce(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(8)
	seen := make([]identity.Who, 40)
	for i := range seen {
		group.Go(func() (err error) {
			c := ha()
			if i%2 == 1 {
				c = lan()
				c.Account, c.Organisation = identity.Organisation, ha().Organisation
			}
			seen[i], err = r.welcome(ctx, c, monday.Add(time.Duration(i)*time.Second))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for i, who := range seen {
		if who.Person != seen[i%2].Person || who.Party != seen[0].Party {
			t.Fatalf("login %d: %+v", i, who)
		}
	}
	for table, want := range map[string]int{"party": 3, "account": 2, "mandate": 2} {
		if n := r.count(t, table); n != want {
			t.Errorf("%d rows in %s, want %d", n, table, want)
		}
	}
}

func TestWelcomeRefusesWhatCannotBeFoundAgain(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for name, change := range map[string]func(*identity.Claims){
		"number with spaces":      func(c *identity.Claims) { c.Number = "035 179 002 468" },
		"no number":               func(c *identity.Claims) { c.Number = "" },
		"no subject":              func(c *identity.Claims) { c.Subject = "" },
		"no issuer":               func(c *identity.Claims) { c.Issuer = "" },
		"no name":                 func(c *identity.Claims) { c.Name = "" },
		"no organisation":         func(c *identity.Claims) { c.Organisation = nil },
		"organisation of nobody":  func(c *identity.Claims) { c.Account = identity.Person },
		"tax code without hyphen": func(c *identity.Claims) { c.Organisation.TaxCode = "0100233488001" },
	} {
		c := ha()
		change(&c)
		if who, err := r.welcome(t.Context(), c, monday); err == nil {
			t.Errorf("%s: %+v", name, who)
		}
	}
	if n := r.count(t, "party"); n != 0 {
		t.Errorf("%d parties are kept", n)
	}
}

func TestNothingInClear(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	c := ha()
	c.Subject = c.Number // some providers do that
	c.Profile = lan().Profile
	r.mustWelcome(t, c, monday)
	for _, table := range []string{"party", "account", "mandate"} {
		var dump []byte
		if err := r.QueryRow(t.Context(),
			"select convert_to(string_agg(row_to_json(x)::text, ''), 'utf8') from "+table+" x").
			Scan(&dump); err != nil {
			t.Fatal(err)
		}
		for _, personal := range []string{"Phạm", "Gạo", "0100233488", "035179002468", "0912345678",
			"1991-05-17", "Hoa Lư"} {
			if bytes.Contains(dump, []byte(personal)) {
				t.Errorf("%s shows %q", table, personal)
			}
		}
		// bytea shows as hex in JSON, so look into the bytes as well.
		if table == "party" {
			var sealed []byte
			if err := r.QueryRow(t.Context(), "select string_agg(sealed || number_index, '') from party").
				Scan(&sealed); err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(sealed, []byte("035179002468")) || bytes.Contains(sealed, []byte("name")) {
				t.Error("sealed bytes are readable")
			}
		}
	}
}
