// Package attachment keeps the files that a person gives for the requirements of a procedure: it takes them
// in, checks that they are what they say, and binds them to a draft. The bytes lie sealed in package
// filestore, the names sealed in the table; nothing is ever in clear on a disk.
package attachment

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/binding"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/filestore"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// Faults of files.
var (
	ErrNotFound = fault.New(fault.NotFound, "attachment.not_found")
	ErrEmpty    = fault.New(fault.Invalid, "attachment.empty")
	ErrTooLarge = fault.New(fault.TooLarge, "attachment.too_large") // args: Max, as "10 MB"
	ErrType     = fault.New(fault.Invalid, "attachment.type")       // args: Accept, as "PDF, JPG, PNG"
	// of an accepted type, but cut off or damaged
	ErrBroken  = fault.New(fault.Invalid, "attachment.broken")
	ErrPixels  = fault.New(fault.Invalid, "attachment.pixels")   // args: Max, megapixels
	ErrTooMany = fault.New(fault.Invalid, "attachment.too_many") // args: Max, files of the requirement
	ErrMissing = fault.New(fault.Invalid, "attachment.missing")  // args: Name, of the requirement
	// ErrLost says that the store has not, or has not whole, what was given: args: Name, of the requirement;
	// File, its name
	ErrLost      = fault.New(fault.Invalid, "attachment.lost")
	ErrDraftFull = fault.New(fault.TooLarge, "attachment.draft_full") // args: Max, as "100 MB"
)

// draftMax is how many bytes the files of one draft may have together.
const draftMax = 100 << 20

// An Attachment is one file given for a requirement.
type Attachment struct {
	ID          string
	Draft       dossier.DraftID
	Requirement string
	File        string // id in the store; RevisionFile.ID. Copies in later drafts have the same one
	Name        string // as people see it, with the extension of its type
	MediaType   string
	Size        int64
	SHA256      string // hex
	CreatedAt   time.Time
	Source      *dossier.FileSource // nil for a file that was sent
}

// New is a received file that is to be kept for a requirement.
type New struct {
	Draft       *dossier.Draft
	Requirement string
	MaxFiles    int // of the requirement; 0 is no limit of its own
	Received    Received
	Source      *dossier.FileSource // nil for a file that was sent
	Now         time.Time
}

// which says of a row which bytes it gives to which draft.
func (a *Attachment) which() []string { return []string{a.ID, string(a.Draft), a.File, a.SHA256} }

// binds is what the mark of its row binds: which bytes, and what is said of them. An officer is told that a
// file is an e-result by its source.
func (a *Attachment) binds() []string {
	var s dossier.FileSource
	var r dossier.ResultSource
	var date string
	if a.Source != nil {
		s, date = *a.Source, a.Source.Date.String()
		if s.Result != nil {
			r = *s.Result
		}
	}
	return append(a.which(), a.Requirement, a.MediaType, strconv.FormatInt(a.Size, 10),
		strconv.FormatBool(a.Source != nil), string(s.Dossier), s.Agency, s.AgencyName.Vi, s.AgencyName.En,
		date, r.Code, r.Kind, r.Name, r.Number, r.VerifyURL)
}

func nameBind(id string) string { return "attachment/" + id + "/name" }

const sameSQL = `
select id, draft_id, requirement, file_id, name_sealed, media_type, size, sha256, created_at, source, mark from attachment
where draft_id = $1 and requirement = $2 and sha256 = $3 and state = 'kept'`

// Same is the attachment that Insert gives when the same bytes are given once more. Errors: ErrNotFound.
func Same(ctx context.Context, db postgres.DB, v *vault.Vault, draft dossier.DraftID, requirement,
	sha256 string) (*Attachment, error) {
	same, err := collect(ctx, db, v, sameSQL, draft, requirement, sha256)
	if err != nil {
		return nil, err
	}
	if len(same) == 0 {
		return nil, ErrNotFound
	}
	return &same[0], nil
}

const totalsSQL = `
select count(*) filter (where requirement = $2), coalesce(sum(size), 0)::bigint from attachment
where draft_id = $1 and state = 'kept'`

const insertSQL = `
insert into attachment (id, draft_id, requirement, file_id, name_sealed, media_type, size, sha256, created_at, source, mark)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

// Insert binds a received file to a draft. The same bytes given again for the same requirement (a double
// click, a retry) return the attachment that is there; its File then differs from the received one, which the
// caller deletes with Drop. Errors: ErrTooMany, ErrDraftFull; dossier.ErrFrozen, dossier.ErrNotAsked.
func Insert(ctx context.Context, tx pgx.Tx, v *vault.Vault, n New) (*Attachment, error) {
	d, r := n.Draft, n.Received
	if !d.MayAttach(n.Requirement) {
		return nil, dossier.ErrNotAsked.At(n.Requirement)
	}
	if err := dossier.Touch(ctx, tx, d, n.Now); err != nil {
		return nil, err
	}
	same, err := Same(ctx, tx, v, d.ID, n.Requirement, r.SHA256)
	if !errors.Is(err, ErrNotFound) {
		return same, err
	}
	var files int
	var bytes int64
	if err := tx.QueryRow(ctx, totalsSQL, d.ID, n.Requirement).Scan(&files, &bytes); err != nil {
		return nil, fmt.Errorf("attachment: count the files of draft %s: %w", d.ID, err)
	}
	if n.MaxFiles > 0 && files >= n.MaxFiles {
		return nil, ErrTooMany.At(n.Requirement).With("Max", n.MaxFiles)
	}
	if bytes+r.Size > draftMax {
		return nil, ErrDraftFull.At(n.Requirement).With("Max", megabytes(draftMax))
	}
	a := &Attachment{
		ID: postgres.NewID(), Draft: d.ID, Requirement: n.Requirement, File: r.File, Name: r.Name,
		MediaType: r.MediaType, Size: r.Size, SHA256: r.SHA256,
		CreatedAt: n.Now.UTC().Truncate(time.Microsecond), Source: n.Source,
	}
	return a, insert(ctx, tx, v, a)
}

func insert(ctx context.Context, tx pgx.Tx, v *vault.Vault, a *Attachment) error {
	name, err := v.SealText(a.Name, nameBind(a.ID))
	if err != nil {
		return fmt.Errorf("attachment: seal the name of %s: %w", a.ID, err)
	}
	_, err = tx.Exec(ctx, insertSQL, a.ID, a.Draft, a.Requirement, a.File, name, a.MediaType, a.Size,
		a.SHA256, a.CreatedAt, a.Source, binding.Attachment.Mark(v, a.binds()...))
	if err != nil {
		return fmt.Errorf("attachment: insert %s: %w", a.ID, err)
	}
	return nil
}

const ofDraftSQL = `
select id, draft_id, requirement, file_id, name_sealed, media_type, size, sha256, created_at, source, mark from attachment
where draft_id = $1 and state = 'kept' order by created_at, id`

// OfDraft returns the files of a draft that the caller has found for its party, in the order in which they
// were given.
func OfDraft(ctx context.Context, db postgres.DB, v *vault.Vault,
	draft dossier.DraftID) ([]Attachment, error) {
	return collect(ctx, db, v, ofDraftSQL, draft)
}

const findSQL = `
select id, draft_id, requirement, file_id, name_sealed, media_type, size, sha256, created_at, source, mark from attachment
where id = $1 and draft_id = $2 and state = 'kept'`

// Find returns one file of a draft that the caller has found for its party. Errors: ErrNotFound.
func Find(ctx context.Context, db postgres.DB, v *vault.Vault, id string,
	draft dossier.DraftID) (*Attachment, error) {
	if !postgres.IsID(id) {
		return nil, ErrNotFound
	}
	list, err := collect(ctx, db, v, findSQL, id, draft)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrNotFound
	}
	return &list[0], nil
}

// collect reads files, and leaves out those that this portal did not bind to their draft.
func collect(ctx context.Context, db postgres.DB, v *vault.Vault, sql string,
	args ...any) ([]Attachment, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("attachment: list: %w", err)
	}
	type bound struct {
		Attachment
		mark []byte
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a bound, err error) {
		var name []byte
		err = row.Scan(&a.ID, &a.Draft, &a.Requirement, &a.File, &name, &a.MediaType, &a.Size, &a.SHA256,
			&a.CreatedAt, &a.Source, &a.mark)
		if err == nil {
			a.Name, err = v.OpenText(name, nameBind(a.ID))
		}
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("attachment: list: %w", err)
	}
	var list []Attachment
	for _, a := range found {
		holds, err := binding.Attachment.Holds(ctx, db, v, a.mark, a.binds()...)
		if err != nil {
			return nil, err
		}
		if holds {
			list = append(list, a.Attachment)
		}
	}
	return list, nil
}

const removeSQL = `update attachment set state = 'removed', removed_at = $3, removal = $4 where id = $1 and draft_id = $2 and state = 'kept'`

// Remove takes a file off a draft; Sweep deletes its bytes later. Errors: ErrNotFound; dossier.ErrFrozen,
// dossier.ErrNotAsked.
func Remove(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *dossier.Draft, id string,
	now time.Time) error {
	if err := dossier.Touch(ctx, tx, d, now); err != nil {
		return err
	}
	a, err := Find(ctx, tx, v, id, d.ID)
	if err != nil {
		return err
	}
	if !d.MayAttach(a.Requirement) {
		return dossier.ErrNotAsked.At(a.Requirement)
	}
	now = now.UTC().Truncate(time.Microsecond)
	if _, err := tx.Exec(ctx, removeSQL, id, d.ID, now, a.removal(v, now)); err != nil {
		return fmt.Errorf("attachment: remove %s: %w", id, err)
	}
	return nil
}

// CopyTo gives a draft the files of another one, as a supplement begins with those of the revision before it.
// The bytes are shared.
func CopyTo(ctx context.Context, tx pgx.Tx, v *vault.Vault, from, to dossier.DraftID) error {
	return copyTo(ctx, tx, v, from, to, func(*Attachment) bool { return true })
}

// CopySentTo is CopyTo without the documents that the portal held for the owner of the other draft: only what
// was sent.
func CopySentTo(ctx context.Context, tx pgx.Tx, v *vault.Vault, from, to dossier.DraftID) error {
	return copyTo(ctx, tx, v, from, to, func(a *Attachment) bool { return a.Source == nil })
}

func copyTo(ctx context.Context, tx pgx.Tx, v *vault.Vault, from, to dossier.DraftID,
	wanted func(*Attachment) bool) error {
	list, err := OfDraft(ctx, tx, v, from)
	if err != nil {
		return err
	}
	for _, a := range list {
		if !wanted(&a) {
			continue
		}
		a.ID, a.Draft = postgres.NewID(), to
		if err := insert(ctx, tx, v, &a); err != nil {
			return err
		}
	}
	return nil
}

// OpenFile begins to read the bytes of a file by its File id. The caller has found the attachment, or the
// revision that names it, for whoever reads. Errors: ErrNotFound.
func OpenFile(ctx context.Context, store *filestore.Store, file string) (*filestore.Reader, error) {
	r, err := store.Open(ctx, file)
	if errors.Is(err, filestore.ErrNotFound) {
		return nil, ErrNotFound.From(err)
	}
	if err != nil {
		return nil, fmt.Errorf("attachment: open file %s: %w", file, err)
	}
	return r, nil
}
