package desk_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

const (
	births    = "1.001193" // for citizens only
	household = "1.001612" // for everybody
	firmCode  = "0100233488"
)

// meantFor loads another version of a starter procedure, which is for others from a day on.
func meantFor(t testing.TB, p *desktest.Province, code, since, audience string) {
	t.Helper()
	read := func(name string) []byte {
		raw, err := os.ReadFile("../procedure/data/procedures/" + code + name)
		do(t, err)
		return raw
	}
	definition := read(".json")
	for was, is := range map[string]string{
		`"audience": ["citizen", "business", "organisation"]`: `"audience": ` + audience,
		`"audience": ["citizen", "organisation"]`:             `"audience": ` + audience,
		`"effective_from": "2026-07-01"`:                      `"effective_from": "` + since + `"`,
	} {
		definition = bytes.Replace(definition, []byte(was), []byte(is), 1)
	}
	source, err := procedure.Parse(definition, read(".form.json"))
	do(t, err)
	do(t, pgx.BeginFunc(t.Context(), p.Pool, func(tx pgx.Tx) error {
		_, err := procedure.Load(t.Context(), tx, []procedure.Source{source})
		return err
	}))
	p.Bind(t)
}

// TestAnOrganisationDoesNotFileForCitizens: at the start, and with a draft that an older program began, at
// every later door.
func TestAnOrganisationDoesNotFileForCitizens(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, ha := t.Context(), p.Employee(t, 1, firmCode)
	in := desk.StartIn{Procedure: births, Agency: p.Commune.ID, Lang: i18n.Vi}
	_, err := p.Desk.StartDraft(ctx, ha, in)
	refused(t, "start", err, procedure.ErrCitizensOnly)
	in.Capacity = procedure.Representative
	_, err = p.Desk.StartDraft(ctx, ha, in)
	refused(t, "start in a capacity", err, procedure.ErrCitizensOnly)
	if n := count(t, p, `select count(*) from draft`); n != 0 {
		t.Errorf("%d drafts", n)
	}
	v, err := procedure.InForce(ctx, p.Pool, births, workday.DateOf(p.Clock.Now()))
	do(t, err)
	var draft *dossier.Draft
	do(t, pgx.BeginFunc(ctx, p.Pool, func(tx pgx.Tx) (err error) {
		draft, err = dossier.InsertDraft(ctx, tx, p.Vault, dossier.NewDraft{
			Party: ha.Party, Person: ha.Person, VersionID: v.ID, ProcedureCode: births,
			ReceivingAgency: &p.Commune.ID, Lang: "vi", Now: p.Clock.Now()})
		return err
	}))
	_, err = p.Desk.Submit(ctx, ha, draft.ID)
	refused(t, "submit", err, procedure.ErrCitizensOnly)
	refused(t, "place", p.Desk.SetPlace(ctx, ha, draft.ID, desk.PlaceIn{Agency: p.Commune.ID}),
		procedure.ErrCitizensOnly)
	view, err := p.Desk.Draft(ctx, ha, draft.ID)
	do(t, err)
	refused(t, "what is missing", fault.List(view.Faults).Err(), procedure.ErrCitizensOnly)
}

// TestAVersionForCitizensIsNotForAnOrganisationsDraft: it is not carried over, and stays as it is.
func TestAVersionForCitizensIsNotForAnOrganisationsDraft(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, ha, lan := t.Context(), p.Employee(t, 1, firmCode), p.Citizen(t, 2)
	theirs, own := p.Copies(t, ha, 1), p.Copies(t, lan, 1)
	meantFor(t, p, "2.000635", "2026-11-24", `["citizen"]`)
	p.Clock.Advance(24 * time.Hour)
	refused(t, "accept", p.Desk.AcceptNewVersion(ctx, ha, theirs), procedure.ErrCitizensOnly)
	change, err := p.Desk.VersionChange(ctx, ha, theirs)
	do(t, err)
	refused(t, "what it would miss", change.Missing.Err(), procedure.ErrCitizensOnly)
	view, err := p.Desk.Draft(ctx, ha, theirs)
	do(t, err)
	refused(t, "the old version", p.Desk.CheckVersion(ctx, view.Draft), desk.ErrNewVersion)
	do(t, p.Desk.AcceptNewVersion(ctx, lan, own))
}

// TestCapacity is asked of a person where citizens are not meant, of nobody else, and stands in the revision.
func TestCapacity(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan, ha := t.Context(), p.Citizen(t, 1), p.Employee(t, 2, firmCode)
	before := p.Business(t, lan)
	meantFor(t, p, household, "2026-11-24", `["business"]`)
	p.Clock.Advance(24 * time.Hour)
	in := desk.StartIn{Procedure: household, Agency: p.Commune.ID, Lang: i18n.Vi}
	for _, told := range []procedure.Capacity{"", "x"} {
		in.Capacity = told
		_, err := p.Desk.StartDraft(ctx, lan, in)
		refused(t, "as "+string(told), err, procedure.ErrNoCapacity)
	}
	in.Capacity = procedure.Founder
	draft, err := p.Desk.StartDraft(ctx, lan, in)
	do(t, err)
	wantCapacity(t, p, lan, draft.ID, procedure.Founder)
	firms, err := p.Desk.StartDraft(ctx, ha, in)
	do(t, err)
	wantCapacity(t, p, ha, firms.ID, "")

	do(t, p.Desk.AcceptNewVersion(ctx, lan, before))
	_, err = p.Desk.Submit(ctx, lan, before)
	refused(t, "carried over", err, procedure.ErrNoCapacity)
	place := desk.PlaceIn{Agency: p.Commune.ID}
	refused(t, "place", p.Desk.SetPlace(ctx, lan, before, place), procedure.ErrNoCapacity)
	place.Capacity = procedure.Household
	do(t, p.Desk.SetPlace(ctx, lan, before, place))
	wantCapacity(t, p, lan, before, procedure.Household)
	s, err := p.Desk.Submit(ctx, lan, before)
	do(t, err)
	first := view(t, p, lan, s.Code).First
	if first.Capacity != procedure.Household || len(first.Procedure.Audience) != 1 ||
		first.Procedure.Audience[0] != procedure.ForBusinesses || first.Owner.Kind != identity.Person {
		t.Errorf("handed in as %q under %+v", first.Capacity, first.Procedure)
	}
}

func wantCapacity(t testing.TB, p *desktest.Province, who identity.Who, id dossier.DraftID,
	want procedure.Capacity) {
	t.Helper()
	draft, err := p.Desk.Draft(t.Context(), who, id)
	do(t, err)
	shown, err := p.Desk.Preview(t.Context(), who, draft)
	do(t, err)
	if shown.Capacity != want {
		t.Errorf("%s: as %q instead of %q", id, shown.Capacity, want)
	}
}

// TestWhatAnOlderProgramFrozeIsGivenBack: a company's draft that waits for its payment under a procedure for
// citizens. No payment page opens for it; one that was paid is given back.
func TestWhatAnOlderProgramFrozeIsGivenBack(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ha := w.Employee(t, 1, firmCode)
	paid, open := w.freeze(t, ha, w.Copies(t, ha, 2)), w.freeze(t, ha, w.Copies(t, ha, 2))
	ref := paid.pay(t)
	v, err := procedure.InForce(t.Context(), w.Pool, "2.000635", workday.DateOf(w.Clock.Now()))
	do(t, err)
	for i := range v.Audience { // the version is this test's own: its id is of this database
		v.Audience[i] = procedure.ForCitizens
	}
	_, err = w.Desk.OpenPayment(t.Context(), ha, open.draft, i18n.Vi)
	refused(t, "open the payment", err, procedure.ErrCitizensOnly)
	paid.webhook(t, ref)
	paid.work(t)
	paid.editing(t)
	if n := count(t, w.Province, `select count(*) from dossier`); n != 0 {
		t.Errorf("%d dossiers", n)
	}
	refunds := count(t, w.Province, `select count(*) from payment_refund where quote_id = $1`, paid.quote)
	if refunds != 1 {
		t.Errorf("%d refunds", refunds)
	}
}

// TestAnswersMove from an organisation's draft that cannot be filed into the person's own: what the person
// typed and sent, once, and only of the person who began it.
func TestAnswersMove(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx := t.Context()
	ha, bao := p.Colleagues(t)
	self := identity.Who{Person: ha.Person, Party: ha.Person, Assurance: ha.Assurance}
	hers, his, both := p.Copies(t, ha, 1), p.Copies(t, bao, 1), p.Copies(t, ha, 1)
	do(t, p.Desk.GoOn(ctx, bao, both, ha.Person))
	do(t, p.Desk.GoOn(ctx, ha, both, bao.Person))
	open := func(as identity.Who, from dossier.DraftID) (*dossier.Draft, error) {
		return p.Desk.StartDraft(ctx, as,
			desk.StartIn{Procedure: "2.000635", Agency: p.Commune.ID, Lang: i18n.Vi, From: from})
	}
	v, err := procedure.InForce(ctx, p.Pool, "2.000635", workday.DateOf(p.Clock.Now()))
	do(t, err)
	if list, err := p.Desk.Movable(ctx, self, v); err != nil || len(list) != 0 {
		t.Errorf("movable where the organisation may file: %+v %v", list, err)
	}
	_, err = open(self, hers)
	refused(t, "what the organisation may file", err, desk.ErrMoved)
	meantFor(t, p, "2.000635", "2026-11-24", `["citizen"]`)
	p.Clock.Advance(24 * time.Hour)
	v, err = procedure.InForce(ctx, p.Pool, "2.000635", workday.DateOf(p.Clock.Now()))
	do(t, err)
	if list, err := p.Desk.Movable(ctx, self, v); err != nil || len(list) != 1 || list[0].Draft.ID != hers {
		t.Errorf("movable: %+v %v", list, err)
	}
	for what, try := range map[string]struct {
		as   identity.Who
		from dossier.DraftID
	}{
		"a colleague's":    {self, his},
		"of two":           {self, both},
		"nobody's":         {self, "01a21e80-d4d1-75f1-9249-9d440d6d1b34"},
		"a stranger's":     {p.Citizen(t, 3), hers},
		"malformed":        {self, "x"},
		"of another party": {ha, hers},
	} {
		want := error(desk.ErrMoved)
		if try.as == ha {
			want = procedure.ErrCitizensOnly
		}
		_, err := open(try.as, try.from)
		refused(t, what, err, want)
	}
	draft, err := open(self, hers)
	do(t, err)
	moved, err := p.Desk.Draft(ctx, self, draft.ID)
	do(t, err)
	if moved.Answers["sk.noi"].Text == "" || len(moved.Attachments) == 0 ||
		moved.Fields["sk.noi"].Typed() != true {
		t.Errorf("moved %+v, %d files", moved.Answers, len(moved.Attachments))
	}
	if old, err := p.Desk.Draft(ctx, ha, hers); err != nil || old.Draft.State != dossier.Discarded ||
		len(old.Fields) != 0 {
		t.Errorf("the organisation's draft: %+v %v", old, err)
	}
	_, err = open(self, hers)
	refused(t, "again", err, desk.ErrMoved)
}
