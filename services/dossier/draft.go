package dossier

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/vault"
)

// DraftID names a draft; a UUIDv7.
type DraftID string

// DraftState is what may be done with a draft.
type DraftState string

// The draft states. The moves are editing → frozen, submitted, discarded and frozen → editing, submitted.
const (
	Editing DraftState = "editing"
	// complete and waiting for its payment; exactly these bytes will be submitted
	Frozen    DraftState = "frozen"
	Filed     DraftState = "submitted" // became a revision
	Discarded DraftState = "discarded" // thrown away by the person, or expired
)

// DraftDays is for how many days a draft is kept after its last change, unless NewDraft says another number.
const DraftDays = 90

// A Draft is what a person is writing for a party. It becomes a revision of a dossier.
type Draft struct {
	ID     DraftID          `db:"id"`
	Party  identity.PartyID `db:"party_id"`
	Person identity.PartyID `db:"person_id"` // who began it
	// who goes on with it since another person handed it over; nil is who began it
	ActingID      *identity.PartyID `db:"acting_id"`
	VersionID     string            `db:"procedure_version_id"`
	ProcedureCode string            `db:"procedure_code"`
	Case          string            `db:"case_id"` // "" until chosen
	// in what capacity a person files where that is asked
	Capacity        procedure.Capacity `db:"capacity"`
	ReceivingAgency *agency.ID         `db:"receiving_agency_id"`
	Lang            string             `db:"lang"`
	State           DraftState         `db:"state"`
	Dossier         *ID                `db:"dossier_id"` // of a supplement from the start; else once submitted
	Revision        int                `db:"revision"`   // the revision that it will become, from 1
	Asked           *Asked             `db:"supplement"` // of a supplement: what may change
	FrozenAt        *time.Time         `db:"frozen_at"`
	// the person who handed in a frozen draft, which need not be who began it
	FrozenBy  *identity.PartyID `db:"frozen_by"`
	Quote     *string           `db:"quote_id"` // the fee quote that a frozen draft waits for
	CreatedAt time.Time         `db:"created_at"`
	UpdatedAt time.Time         `db:"updated_at"`
	ExpiresAt time.Time         `db:"expires_at"`
	KeptDays  int               `db:"kept_days"` // after the last change
	WarnedAt  *time.Time        `db:"warned_at"` // when its person was told that it is about to expire
	// see services/binding: who writes it for whom, as the portal wrote it
	Mark []byte `db:"mark"`
}

// Asked is what a supplement asks for. The reasons are an officer's words; they are sealed and read by
// Reasons.
type Asked struct {
	Fields       []string  `json:"fields"`
	Requirements []string  `json:"requirements"`
	Deadline     time.Time `json:"deadline"`
}

// Acting is the person who works on the draft now, and who declares what it says.
func (d *Draft) Acting() identity.PartyID {
	if d.ActingID != nil {
		return *d.ActingID
	}
	return d.Person
}

// Shared reports whether a person who reads the draft reads what somebody else wrote: another began it, or it
// went through several hands.
func (d *Draft) Shared(reader identity.PartyID) bool { return d.ActingID != nil || d.Person != reader }

// MayChange reports whether the draft may change a field: any one, unless it is a supplement that did not ask
// for it.
func (d *Draft) MayChange(field string) bool {
	return d.Asked == nil || slices.Contains(d.Asked.Fields, field)
}

// MayAttach reports whether the files of a requirement may change: any, unless it is a supplement that did
// not ask for them.
func (d *Draft) MayAttach(requirement string) bool {
	return d.Asked == nil || slices.Contains(d.Asked.Requirements, requirement)
}

// NewDraft is what a draft begins with. A supplement has Dossier, Revision and Asked, and as Fields the
// answers of the revision before it; a new dossier's draft leaves Dossier and Asked nil and may have
// prefilled Fields.
type NewDraft struct {
	Party, Person   identity.PartyID
	VersionID       string
	ProcedureCode   string
	Case            string
	Capacity        procedure.Capacity // "" where it is not asked
	ReceivingAgency *agency.ID
	Lang            string
	Dossier         *ID
	Revision        int // 0 means 1
	Asked           *Asked
	Reasons         map[string]string // by field or requirement id
	Fields          []Change          // Base is ignored
	Confirmed       []Confirmation    // of a supplement: what the revision before it confirmed
	KeptDays        int               // 0 means DraftDays
	Now             time.Time
}

const insertDraftSQL = `
insert into draft (id, party_id, person_id, procedure_version_id, procedure_code, case_id, capacity, receiving_agency_id, lang,
    dossier_id, revision, supplement, reasons_sealed, confirmed_sealed, created_at, updated_at, expires_at, kept_days,
    mark)
values (@id, @party, @person, @version, @procedure, @case, @capacity, @agency, @lang,
    @dossier, @revision, @asked, @reasons, @confirmed, @now, @now, @expires, @days, @mark)`

// InsertDraft begins a draft, with its first fields. It expires KeptDays after its last change, a supplement
// with its deadline. Errors: ErrSupplement when the dossier has an open draft already.
func InsertDraft(ctx context.Context, tx pgx.Tx, v *vault.Vault, n NewDraft) (*Draft, error) {
	now := n.Now.UTC().Truncate(time.Microsecond)
	d := &Draft{
		ID: DraftID(postgres.NewID()), Party: n.Party, Person: n.Person, VersionID: n.VersionID,
		ProcedureCode: n.ProcedureCode, Case: n.Case, Capacity: n.Capacity,
		ReceivingAgency: n.ReceivingAgency, Lang: n.Lang, State: Editing, Dossier: n.Dossier,
		Revision: max(1, n.Revision), Asked: n.Asked, CreatedAt: now,
		UpdatedAt: now, KeptDays: n.KeptDays,
	}
	if d.KeptDays <= 0 {
		d.KeptDays = DraftDays
	}
	d.ExpiresAt = d.marked(v).expiry(now)
	reasons, err := sealReasons(v, d, n.Reasons)
	if err != nil {
		return nil, err
	}
	confirmed, err := sealConfirmations(v, d.ID, n.Confirmed)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, insertDraftSQL, pgx.StrictNamedArgs{
		"id": d.ID, "party": d.Party, "person": d.Person, "version": d.VersionID,
		"procedure": d.ProcedureCode, "case": d.Case, "capacity": d.Capacity,
		"agency": d.ReceivingAgency, "lang": d.Lang,
		"dossier": d.Dossier, "revision": d.Revision, "asked": d.Asked, "reasons": reasons,
		"confirmed": confirmed, "now": now, "expires": d.ExpiresAt, "days": d.KeptDays,
		"mark": d.Mark,
	})
	if postgres.Unique(err, "draft_supplement") {
		return nil, ErrSupplement
	}
	if err != nil {
		return nil, fmt.Errorf("dossier: insert draft %s: %w", d.ID, err)
	}
	return d, begin(ctx, tx, v, d, n.Fields, now)
}

// expiry is when a draft that was changed at now will be thrown away.
func (d *Draft) expiry(now time.Time) time.Time {
	if d.Asked != nil {
		return d.Asked.Deadline
	}
	return now.Add(time.Duration(d.KeptDays) * 24 * time.Hour)
}

const draftColumns = `id, party_id, person_id, acting_id, procedure_version_id, procedure_code, case_id, capacity, receiving_agency_id, lang,
    state, dossier_id, revision, supplement, frozen_at, frozen_by, quote_id, created_at, updated_at, expires_at,
    kept_days, warned_at, mark`

const findDraftSQL = `select ` + draftColumns + ` from draft where id = $1 and party_id = $2`

// FindDraft returns a draft of a party in any state. Errors: ErrNotFound.
func FindDraft(ctx context.Context, db postgres.DB, v *vault.Vault, id DraftID,
	party identity.PartyID) (*Draft, error) {
	return oneDraft(ctx, db, v, findDraftSQL, id, party)
}

// LockDraft is FindDraft that holds the draft until the transaction ends. Errors: ErrNotFound.
func LockDraft(ctx context.Context, tx pgx.Tx, v *vault.Vault, id DraftID, party identity.PartyID) (*Draft,
	error) {
	return oneDraft(ctx, tx, v, findDraftSQL+` for update`, id, party)
}

const lockAnyDraftSQL = `select ` + draftColumns + ` from draft where id = $1 and $2 = '' for update`

// LockDraftFor locks a draft for the portal's own work, which acts for no party: a payment's fact, a
// deadline. Errors: ErrNotFound.
func LockDraftFor(ctx context.Context, tx pgx.Tx, v *vault.Vault, id DraftID) (*Draft, error) {
	return oneDraft(ctx, tx, v, lockAnyDraftSQL, id, "")
}

func oneDraft(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, id DraftID,
	party identity.PartyID) (*Draft, error) {
	if !postgres.IsID(id) {
		return nil, ErrNotFound
	}
	list, err := manyDrafts(ctx, db, v, sql, id, party)
	if err != nil {
		return nil, fmt.Errorf("dossier: find draft %s: %w", id, err)
	}
	if len(list) != 1 {
		return nil, ErrNotFound
	}
	return &list[0], nil
}

// manyDrafts reads drafts, and leaves out those that were not written by this portal.
func manyDrafts(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, args ...any) ([]Draft,
	error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Draft])
	if err != nil {
		return nil, err
	}
	return binding.Keep(list, func(d *Draft) (bool, error) {
		return binding.Draft.Holds(ctx, db, v, d.Mark, d.binds()...)
	})
}

const draftsSQL = `select ` + draftColumns + ` from draft
where party_id = $1 and state in ('editing', 'frozen') order by updated_at desc, id desc limit $2`

// maxDrafts is more than a person keeps; the rest shows when some are finished.
const maxDrafts = 100

// Drafts returns the open drafts of a party, the one changed last first; at most 100.
func Drafts(ctx context.Context, db postgres.DB, v *vault.Vault, party identity.PartyID) ([]Draft, error) {
	drafts, err := manyDrafts(ctx, db, v, draftsSQL, party, maxDrafts)
	if err != nil {
		return nil, fmt.Errorf("dossier: list drafts: %w", err)
	}
	return drafts, nil
}

const supplementDraftSQL = `select ` + draftColumns + ` from draft
where dossier_id = $1 and party_id = $2 and state in ('editing', 'frozen') and revision > 1`

// SupplementDraft returns the open draft of a dossier's supplement. Errors: ErrNotFound when there is none.
func SupplementDraft(ctx context.Context, db postgres.DB, v *vault.Vault, id ID,
	party identity.PartyID) (*Draft, error) {
	return oneDraft(ctx, db, v, supplementDraftSQL, DraftID(id), party)
}
