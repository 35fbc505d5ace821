package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/vault"
)

const touchSQL = `
update draft set updated_at = $2, expires_at = greatest(expires_at, $3),
    warned_at = case when revision > 1 then warned_at end
where id = $1 and state = 'editing'`

// Touch locks a draft for a change of its content and postpones its expiry. The expiry never comes nearer,
// even when the clock was set back. A supplement's stays, and with it the warning of it. Errors:
// ErrFrozen when the draft is not being edited.
func Touch(ctx context.Context, tx pgx.Tx, d *Draft, now time.Time) error {
	expires := d.expiry(now)
	if err := guarded(ctx, tx, ErrFrozen, touchSQL, d.ID, now, expires); err != nil {
		return fmt.Errorf("dossier: touch draft %s: %w", d.ID, err)
	}
	if expires.After(d.ExpiresAt) {
		d.ExpiresAt = expires
	}
	d.UpdatedAt = now
	if d.Asked == nil {
		d.WarnedAt = nil
	}
	return nil
}

const setCaseSQL = `update draft set case_id = $2, updated_at = $3, mark = $4 where id = $1 and state = 'editing' and revision = 1`

// SetCase chooses the case of the procedure. Errors: ErrFrozen when the draft is not being edited or is a
// supplement, whose case is settled.
func SetCase(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, caseID string, now time.Time) error {
	next := *d
	next.Case, next.UpdatedAt = caseID, now
	if err := guarded(ctx, tx, ErrFrozen, setCaseSQL, d.ID, caseID, now, next.marked(v).Mark); err != nil {
		return fmt.Errorf("dossier: set the case of draft %s: %w", d.ID, err)
	}
	*d = next
	return nil
}

const setCapacitySQL = `update draft set capacity = $2, updated_at = $3, mark = $4 where id = $1 and state = 'editing' and revision = 1`

// SetCapacity says in what capacity the person files. Errors as of SetCase.
func SetCapacity(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, c procedure.Capacity,
	now time.Time) error {
	next := *d
	next.Capacity, next.UpdatedAt = c, now
	if err := guarded(ctx, tx, ErrFrozen, setCapacitySQL, d.ID, c, now, next.marked(v).Mark); err != nil {
		return fmt.Errorf("dossier: set the capacity of draft %s: %w", d.ID, err)
	}
	*d = next
	return nil
}

const setAgencySQL = `
update draft set receiving_agency_id = $2, updated_at = $3, mark = $4 where id = $1 and state = 'editing' and revision = 1`

// SetAgency chooses the agency that receives. Errors as of SetCase.
func SetAgency(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, id agency.ID, now time.Time) error {
	next := *d
	next.ReceivingAgency, next.UpdatedAt = &id, now
	if err := guarded(ctx, tx, ErrFrozen, setAgencySQL, d.ID, id, now, next.marked(v).Mark); err != nil {
		return fmt.Errorf("dossier: set the agency of draft %s: %w", d.ID, err)
	}
	*d = next
	return nil
}

const setVersionSQL = `
update draft set procedure_version_id = $2, case_id = $3, updated_at = $4, mark = $5
where id = $1 and state = 'editing' and revision = 1`

// Rules are the version of a procedure under which a draft is written, and its case there.
type Rules struct{ VersionID, Case string }

// SetVersion carries a draft over to another version of its procedure, after the person accepted what
// changed. The fields stay: they are carried over by their ids. Errors as of SetCase.
func SetVersion(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, to Rules, now time.Time) error {
	next := *d
	next.VersionID, next.Case, next.UpdatedAt = to.VersionID, to.Case, now
	err := guarded(ctx, tx, ErrFrozen, setVersionSQL, d.ID, to.VersionID, to.Case, now, next.marked(v).Mark)
	if err != nil {
		return fmt.Errorf("dossier: set the version of draft %s: %w", d.ID, err)
	}
	*d = next
	return nil
}

const freezeSQL = `
update draft set state = 'frozen', frozen_body = @body, frozen_at = @now, frozen_by = @person, quote_id = @quote, updated_at = @now,
    mark = @mark
where id = @id and state = 'editing'`

// Freezing is a complete draft that is to wait for its payment.
type Freezing struct {
	// without the code, the instant of submission and the receipt, which are not known yet
	Pending *Revision
	Quote   string           // id of the fee quote
	Person  identity.PartyID // who hands it in
	Now     time.Time
}

// Freeze keeps a complete draft as a pending revision with its fee quote: the payment's fact submits exactly
// this. Errors: ErrFrozen when it is not being edited.
func Freeze(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, f Freezing) error {
	body, err := f.Pending.Bytes()
	if err != nil {
		return err
	}
	sealed, err := v.Seal(body, frozenBind(d.ID, d.Party, f.Person))
	if err != nil {
		return fmt.Errorf("dossier: seal frozen draft %s: %w", d.ID, err)
	}
	next := *d
	next.State, next.FrozenBy, next.FrozenAt = Frozen, &f.Person, &f.Now
	next.Quote, next.UpdatedAt = &f.Quote, f.Now
	next.marked(v)
	err = guarded(ctx, tx, ErrFrozen, freezeSQL, pgx.StrictNamedArgs{
		"id": d.ID, "body": sealed, "person": f.Person, "quote": f.Quote, "now": f.Now, "mark": next.Mark,
	})
	if err != nil {
		return fmt.Errorf("dossier: freeze draft %s: %w", d.ID, err)
	}
	*d = next
	return nil
}

func frozenBind(id DraftID, party, person identity.PartyID) []byte {
	return []byte("draft 2/" + string(id) + "/" + string(party) + "/" + string(person) + "/frozen revision")
}

func frozenBindBefore(id DraftID) []byte { return []byte("draft/" + string(id) + "/frozen revision") }

const frozenRevisionSQL = `select frozen_body from draft where id = $1 and state = 'frozen'`

// FrozenRevision returns the revision that a frozen draft holds. Errors: ErrNotFound when it is not frozen.
func FrozenRevision(ctx context.Context, db postgres.DB, v *vault.Vault, d *Draft) (*Revision, error) {
	sealed, err := scanOne[[]byte](ctx, db, frozenRevisionSQL, d.ID)
	if err != nil {
		return nil, fmt.Errorf("dossier: read frozen draft %s: %w", d.ID, err)
	}
	body, err := openEither(v, sealed, frozenBind(d.ID, d.Party, *d.FrozenBy), frozenBindBefore(d.ID))
	if err != nil {
		return nil, fmt.Errorf("dossier: open frozen draft %s: %w", d.ID, err)
	}
	return ParseRevision(body)
}

const thawSQL = `
update draft set state = 'editing', frozen_body = null, frozen_at = null, frozen_by = null, quote_id = null,
    updated_at = $2, expires_at = $3, warned_at = null, mark = $4
where id = $1 and state = 'frozen'`

// Thaw makes a frozen draft editable again; the caller ends its payment session first. Errors: ErrLocked when
// it is not frozen.
func Thaw(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, now time.Time) error {
	expires, next := d.expiry(now), *d
	next.State, next.FrozenBy, next.FrozenAt, next.Quote = Editing, nil, nil, nil
	next.marked(v)
	if err := guarded(ctx, tx, ErrLocked, thawSQL, d.ID, now, expires, next.Mark); err != nil {
		return fmt.Errorf("dossier: thaw draft %s: %w", d.ID, err)
	}
	next.UpdatedAt, next.ExpiresAt, next.WarnedAt = now, expires, nil
	*d = next
	return nil
}

const markSubmittedSQL = `
update draft set state = 'submitted', dossier_id = $2, frozen_body = null, updated_at = $3, mark = $4
where id = $1 and state in ('editing', 'frozen') and (dossier_id is null or dossier_id = $2)`

// MarkSubmitted ends a draft that became a revision. Errors: ErrLocked when it did so before, or was
// discarded.
func MarkSubmitted(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, id ID, now time.Time) error {
	next := *d
	next.State, next.Dossier, next.UpdatedAt = Filed, &id, now
	next.marked(v)
	if err := guarded(ctx, tx, ErrLocked, markSubmittedSQL, d.ID, id, now, next.Mark); err != nil {
		return fmt.Errorf("dossier: mark draft %s submitted: %w", d.ID, err)
	}
	*d = next
	return nil
}

const (
	discardSQL       = `update draft set state = 'discarded', reasons_sealed = null, confirmed_sealed = null, updated_at = $2, mark = $3 where id = $1 and state = 'editing'`
	discardFieldsSQL = `delete from draft_field where draft_id = $1`
)

// Discard throws a draft away, with its answers. Its files go with the sweep of package attachment. Errors:
// ErrFrozen when it is not being edited.
func Discard(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, now time.Time) error {
	next, err := LockDraft(ctx, tx, v, d.ID, d.Party)
	if err != nil {
		return err
	}
	next.State, next.UpdatedAt = Discarded, now
	if err := guarded(ctx, tx, ErrFrozen, discardSQL, d.ID, now, next.marked(v).Mark); err != nil {
		return fmt.Errorf("dossier: discard draft %s: %w", d.ID, err)
	}
	if _, err := tx.Exec(ctx, discardFieldsSQL, d.ID); err != nil {
		return fmt.Errorf("dossier: delete the fields of draft %s: %w", d.ID, err)
	}
	if _, err := tx.Exec(ctx, discardGivenSQL, []DraftID{d.ID}); err != nil {
		return fmt.Errorf("dossier: delete what is given for draft %s: %w", d.ID, err)
	}
	*d = *next
	return forgetOperations(ctx, tx, d.ID)
}

const askAlsoSQL = `update draft set supplement = $2, mark = $3 where id = $1`

// AskAlso lets the files of further requirements be given in a supplement. A draft that is none, or no longer
// edited, stays as it is.
func AskAlso(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, requirements []string) error {
	now, err := LockDraft(ctx, tx, v, d.ID, d.Party)
	if err != nil {
		return err
	}
	if now.State != Editing || now.Asked == nil {
		return nil
	}
	all := slices.Concat(now.Asked.Requirements, requirements)
	slices.Sort(all)
	now.Asked.Requirements = slices.Compact(all)
	if _, err := tx.Exec(ctx, askAlsoSQL, d.ID, now.Asked, now.marked(v).Mark); err != nil {
		return fmt.Errorf("dossier: ask for more in draft %s: %w", d.ID, err)
	}
	return nil
}

func reasonsBind(id DraftID) string { return "draft/" + string(id) + "/supplement reasons" }

func sealReasons(v *vault.Vault, d *Draft, reasons map[string]string) ([]byte, error) {
	if len(reasons) == 0 {
		return nil, nil
	}
	raw, err := json.Marshal(reasons)
	if err != nil {
		return nil, fmt.Errorf("dossier: write the reasons of draft %s: %w", d.ID, err)
	}
	sealed, err := v.Seal(raw, []byte(reasonsBind(d.ID)))
	if err != nil {
		return nil, fmt.Errorf("dossier: seal the reasons of draft %s: %w", d.ID, err)
	}
	return sealed, nil
}

const reasonsSQL = `select reasons_sealed from draft where id = $1`

// Reasons returns why a supplement asks, by field or requirement id; empty for another draft.
func Reasons(ctx context.Context, db postgres.DB, v *vault.Vault, d *Draft) (map[string]string, error) {
	sealed, err := scanOne[[]byte](ctx, db, reasonsSQL, d.ID)
	if err != nil {
		return nil, fmt.Errorf("dossier: read the reasons of draft %s: %w", d.ID, err)
	}
	reasons := map[string]string{}
	if sealed == nil {
		return reasons, nil
	}
	raw, err := v.Open(sealed, []byte(reasonsBind(d.ID)))
	if err != nil {
		return nil, fmt.Errorf("dossier: open the reasons of draft %s: %w", d.ID, err)
	}
	if err := json.Unmarshal(raw, &reasons); err != nil {
		return nil, fmt.Errorf("dossier: read the reasons of draft %s: %w", d.ID, err)
	}
	return reasons, nil
}
