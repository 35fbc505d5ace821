package desk

import (
	"context"
	"errors"
	"slices"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/postgres"
	"congdvc/services/procedure"

	"github.com/jackc/pgx/v5"
)

// SignIn writes down who logged in and gives the person and the party for whom
// they act.
func (d *Desk) SignIn(ctx context.Context, c identity.Claims) (who identity.Who, err error) {
	err = d.tx(ctx, func(tx pgx.Tx) error {
		who, err = identity.Welcome(ctx, tx, d.Vault, c, d.Now())
		return err
	})
	return who, err
}

// StartIn is what a person chooses before the form.
type StartIn struct {
	Procedure string
	Case      string // "" where the procedure has no cases
	Agency    agency.ID
	Lang      i18n.Lang
	Answers   eform.Answers // what the person answered before the draft was begun; may be nil
}

// StartDraft begins a draft under the version in force, with what the identity
// already tells filled in. Errors: procedure.ErrNotFound, ErrNotOnline,
// ErrNoAgency, ErrNoCase, ErrCaseOffline.
func (d *Desk) StartDraft(ctx context.Context, who identity.Who, in StartIn) (*dossier.Draft, error) {
	v, err := procedure.InForce(ctx, d.Pool, in.Procedure, d.today())
	if err != nil {
		return nil, err
	}
	if !v.Online() {
		return nil, ErrNotOnline
	}
	in.Case = settledCase(v, in.Case)
	if err := d.checkPlace(ctx, d.Pool, v, PlaceIn{in.Agency, in.Case}); err != nil {
		return nil, err
	}
	known, err := d.knownOf(ctx, who, v.Form())
	if err != nil {
		return nil, err
	}
	now := d.Now()
	fields, said := prefill(v.Form(), known, now)
	fields = append(fields, given(v.Form(), in.Answers)...)
	var draft *dossier.Draft
	err = d.tx(ctx, func(tx pgx.Tx) error {
		draft, err = dossier.InsertDraft(ctx, tx, d.Vault, dossier.NewDraft{
			Party: who.Party, Person: who.Person, VersionID: v.ID, ProcedureCode: v.Code, Case: in.Case,
			ReceivingAgency: &in.Agency, Lang: string(in.Lang), Fields: fields, KeptDays: d.DraftDays, Now: now,
		})
		if err != nil {
			return err
		}
		return dossier.PutGiven(ctx, tx, d.Vault, draft.ID, said)
	})
	return draft, err
}

// PlaceIn is where a dossier is handed in and which case of the procedure it is.
type PlaceIn struct {
	Agency agency.ID
	Case   string
}

// SetPlace changes the receiving agency and the case of a draft. Errors as of
// StartDraft, and dossier.ErrFrozen.
func (d *Desk) SetPlace(ctx context.Context, who identity.Who, id dossier.DraftID, in PlaceIn) error {
	return d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := dossier.LockDraft(ctx, tx, id, who.Party)
		if err != nil {
			return err
		}
		v, err := procedure.ByID(ctx, tx, draft.VersionID)
		if err != nil {
			return err
		}
		in.Case = settledCase(v, in.Case)
		if err := d.checkPlace(ctx, tx, v, in); err != nil {
			return err
		}
		if err := dossier.SetAgency(ctx, tx, draft, in.Agency, d.Now()); err != nil {
			return err
		}
		return dossier.SetCase(ctx, tx, draft, in.Case, d.Now())
	})
}

func (d *Desk) checkPlace(ctx context.Context, db postgres.DB, v *procedure.Version, in PlaceIn) error {
	if err := checkCase(v, in.Case); err != nil {
		return err
	}
	a, err := agency.Find(ctx, db, in.Agency)
	if errors.Is(err, agency.ErrNotFound) || err == nil && (!a.HoldsOn(d.today()) || !v.Receives(a)) {
		return ErrNoAgency.At("agency")
	}
	return err
}

// hasCase reports whether a version knows a case; a procedure without cases knows "" alone.
func hasCase(v *procedure.Version, id string) bool {
	if len(v.Cases) == 0 {
		return id == ""
	}
	return slices.ContainsFunc(v.Cases, func(c procedure.Case) bool { return c.ID == id })
}

// settledCase is the case that is meant: the only one that is filed online where none, or one that is no more, was chosen.
func settledCase(v *procedure.Version, id string) string {
	if sole := v.SoleCase(procedure.Online); !hasCase(v, id) && sole != "" {
		return sole
	}
	return id
}

// checkCase says what is wrong with the case of an online filing.
func checkCase(v *procedure.Version, id string) error {
	switch {
	case !hasCase(v, id):
		return ErrNoCase.At("case")
	case !v.Fits(id, procedure.Online):
		return NotOnline(v, id)
	}
	return nil
}

// NotOnline is ErrCaseOffline about a case of a version.
func NotOnline(v *procedure.Version, id string) error {
	var name, channels i18n.Text
	for _, c := range v.Cases {
		if c.ID == id {
			name = c.Name
		}
	}
	for i, c := range v.ChannelsFor(id) {
		if i > 0 {
			channels.Vi, channels.En = channels.Vi+", ", channels.En+", "
		}
		channels.Vi += i18n.T(i18n.Vi, "procedure.channel."+c.ID)
		channels.En += i18n.T(i18n.En, "procedure.channel."+c.ID)
	}
	return ErrCaseOffline.At("case").With("Case", name).With("Channels", channels)
}

// given are the answers of before the draft to questions of the form, but for those that the identity answers.
func given(f *eform.Form, answers eform.Answers) []dossier.Change {
	var changes []dossier.Change
	for _, field := range f.Fields() {
		if value := answers[field.ID]; field.Asks() && field.Prefill == "" && !value.Empty() {
			changes = append(changes, dossier.Change{Field: field.ID, Value: value})
		}
	}
	return changes
}

// SaveIn is what a page of the form sends.
type SaveIn struct {
	// Operation is the id of this save, as of dossier.ParseOperation: sending the same one again changes nothing.
	Operation string
	Answers   eform.Answers
	// Bases are the revisions of the fields that the page showed; 0 for a field never set.
	Bases map[string]int
	// Reasons say why answers differ from what a source says, by field.
	Reasons map[string]string
}

// SaveStep saves the fields of one page. Those that were changed elsewhere
// meanwhile come back as conflicts, with both values, and are not overwritten.
func (d *Desk) SaveStep(ctx context.Context, who identity.Who, id dossier.DraftID, in SaveIn) (conflicts []dossier.Conflict, err error) {
	err = d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := dossier.LockDraft(ctx, tx, id, who.Party)
		if err != nil {
			return err
		}
		conflicts, err = dossier.SaveFields(ctx, tx, d.Vault, draft, in.Operation, in.changes(), d.Now())
		if err != nil {
			return err
		}
		return dossier.SaveReasons(ctx, tx, d.Vault, draft, in.Reasons)
	})
	return conflicts, err
}

// SaveOnce is SaveStep for a save that may be sent repeatedly: the same operation is carried out once and answered the
// same each time. Errors also dossier.ErrOperation.
func (d *Desk) SaveOnce(ctx context.Context, who identity.Who, id dossier.DraftID, in SaveIn) (saved dossier.Saved, err error) {
	err = d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := dossier.LockDraft(ctx, tx, id, who.Party)
		if err != nil {
			return err
		}
		saved, err = dossier.SaveOnce(ctx, tx, d.Vault, draft, in.Operation, in.changes(), d.Now())
		if err != nil || saved.Repeated {
			return err
		}
		return dossier.SaveReasons(ctx, tx, d.Vault, draft, in.Reasons)
	})
	return saved, err
}

// changes are the answers in the order of their fields' ids.
func (in SaveIn) changes() []dossier.Change {
	changes := make([]dossier.Change, 0, len(in.Answers))
	for field, value := range in.Answers {
		changes = append(changes, dossier.Change{Field: field, Value: value, Base: in.Bases[field]})
	}
	slices.SortFunc(changes, func(a, b dossier.Change) int { return compareText(a.Field, b.Field) })
	return changes
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// CheckVersion says by ErrNewVersion that a draft was begun under a version that
// is no longer the one in force.
func (d *Desk) CheckVersion(ctx context.Context, draft *dossier.Draft) error {
	v, err := procedure.InForce(ctx, d.Pool, draft.ProcedureCode, d.today())
	if err != nil {
		return err
	}
	if v.ID != draft.VersionID {
		return ErrNewVersion
	}
	return nil
}

// carriedCase is what becomes of a draft's case under another version.
func carriedCase(v *procedure.Version, id string) string {
	if id = settledCase(v, id); hasCase(v, id) {
		return id
	}
	return ""
}

// AcceptNewVersion carries a draft over to the version in force now, by the
// stable ids of its fields. A case that is no more is to be chosen anew: the
// draft's faults say so.
func (d *Desk) AcceptNewVersion(ctx context.Context, who identity.Who, id dossier.DraftID) error {
	return d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := dossier.LockDraft(ctx, tx, id, who.Party)
		if err != nil {
			return err
		}
		v, err := procedure.InForce(ctx, tx, draft.ProcedureCode, d.today())
		if err != nil {
			return err
		}
		return dossier.SetVersion(ctx, tx, draft, v.ID, carriedCase(v, draft.Case), d.Now())
	})
}

// DiscardDraft throws a draft away. Errors: dossier.ErrFrozen while it waits for a
// payment; ErrNotAllowed for the draft of a supplement, which the agency waits for.
func (d *Desk) DiscardDraft(ctx context.Context, who identity.Who, id dossier.DraftID) error {
	return d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := dossier.LockDraft(ctx, tx, id, who.Party)
		if err != nil {
			return err
		}
		if draft.Asked != nil {
			return ErrNotAllowed
		}
		return dossier.Discard(ctx, tx, draft, d.Now())
	})
}
