package dossier

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/binding"
	"congdvc/services/dong"
	"congdvc/services/eform"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/vault"
)

// A Revision is what was handed in, as the JSON that is hashed, kept for ever and given to the one-stop
// system. Members may be added to it; none is ever renamed or given another meaning.
type Revision struct {
	Dossier   Code         `json:"dossier"`
	Number    int          `json:"number"` // 1 is the submission; each supplement makes the next
	Procedure ProcedureRef `json:"procedure"`
	Case      string       `json:"case"`
	Lang      string       `json:"lang"`
	Owner     Party        `json:"owner"`
	Person    Party        `json:"person"`    // who acted; the owner itself, unless OnBehalf
	OnBehalf  bool         `json:"on_behalf"` // the person acted for another party, the owner
	// in what capacity a person filed where citizens are not the audience; "" where it was not asked
	Capacity        procedure.Capacity `json:"capacity,omitempty"`
	ReceivingAgency string             `json:"receiving_agency"` // codes of agencies
	DecidingAgency  string             `json:"deciding_agency"`
	// nil in old revisions, and where the form does not ask
	Ground *Ground `json:"ground,omitempty"`
	// DecidingAgencyName is its Vietnamese name at the submission, as the form is addressed; "" in old
	// revisions.
	DecidingAgencyName string        `json:"deciding_agency_name,omitempty"`
	Answers            eform.Answers `json:"answers"`
	// Provenance says which answers the portal knew, from where, and where the person says otherwise.
	Provenance []Provenance `json:"provenance,omitempty"`
	// Confirmed says which unlikely answers the person confirmed to be so.
	Confirmed []Confirmed    `json:"confirmed,omitempty"`
	Files     []RevisionFile `json:"files"`
	Fee       *Fee           `json:"fee,omitempty"` // only when one is owed
	// FeesUnset are fees whose amount is set elsewhere and was not known at the submission. They were not
	// charged.
	FeesUnset []FeeUnset `json:"fees_unset,omitempty"`
	// Exemption is the one that was claimed, with what it does to each fee; nil without.
	Exemption   *Exemption `json:"exemption,omitempty"`
	SubmittedAt time.Time  `json:"submitted_at"`
}

// Ground is why the person may file for the one whom the dossier is about.
type Ground struct {
	Kind   string `json:"kind"`             // self, relation, mandate, or representative of an organisation
	Detail string `json:"detail,omitempty"` // the relation or mandate as the form words it, in Vietnamese
	For    string `json:"for,omitempty"`    // the name of whom the dossier is about
}

// Representative is the ground of who acts for an organisation by its account.
const Representative = "representative"

// ProcedureRef pins the law and the form that a revision was made under.
type ProcedureRef struct {
	Code      string `json:"code"`
	Version   int    `json:"version"`
	VersionID string `json:"version_id"`
	// hex SHA-256 of the exact form definition; "" when the procedure has none
	FormHash string `json:"form_hash"`
	// who may file under the version, as procedure.ForCitizens; nil where it does not say, and in old
	// revisions
	Audience []string `json:"audience,omitempty"`
}

// A Party is a person or organisation as it was at the submission.
type Party struct {
	Kind    identity.Kind    `json:"kind"`
	Name    string           `json:"name"`
	Number  string           `json:"number"` // identity number or tax code
	Profile identity.Profile `json:"profile"`
}

// A RevisionFile is one file of a revision.
type RevisionFile struct {
	ID          string `json:"id"` // stays the same in later revisions that keep the file
	Requirement string `json:"requirement"`
	Name        string `json:"name"`
	MediaType   string `json:"media_type"`
	Size        int64  `json:"size"`
	SHA256      string `json:"sha256"` // hex
	// Source is nil for a file that was sent, and in old revisions.
	Source *FileSource `json:"source,omitempty"`
}

// A Fee is the quote under which a revision was submitted. PaidAt and Receipt are those of a fee paid online
// before.
type Fee struct {
	Lines   []FeeLine   `json:"lines"`
	Total   dong.Amount `json:"total"`
	PaidAt  *time.Time  `json:"paid_at,omitempty"`
	Receipt string      `json:"receipt,omitempty"` // its number
}

// A FeeLine is one line of a fee, with its legal basis.
type FeeLine struct {
	Code       string      `json:"code"`
	Name       string      `json:"name"`
	Kind       string      `json:"kind"`
	Unit       dong.Amount `json:"unit"`
	Quantity   int64       `json:"quantity"`
	Amount     dong.Amount `json:"amount"`
	Basis      string      `json:"basis"`
	Refundable bool        `json:"refundable"`
}

// A FeeUnset is a fee that is due by law; the agency tells its amount.
type FeeUnset struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	SetBy string `json:"set_by"` // provincial_council
	Basis string `json:"basis"`
}

// An Exemption is a ground on which the person pays less, or nothing.
type Exemption struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Basis string `json:"basis"`
	// the requirement whose files prove it; "" where none is asked
	Evidence string      `json:"evidence,omitempty"`
	Fees     []FeeExempt `json:"fees"`
}

// A FeeExempt is what an exemption does to a fee. Full and Amount are absent for a fee whose amount is not
// known here.
type FeeExempt struct {
	Code   string       `json:"code"`
	Name   string       `json:"name"`
	Whole  bool         `json:"whole"`            // nothing is left to pay
	Full   *dong.Amount `json:"full,omitempty"`   // without the exemption
	Amount *dong.Amount `json:"amount,omitempty"` // with it
}

// Bytes returns the JSON of the revision, always the same for the same revision: members in the order of the
// struct, keys of maps sorted, UTC, no white space.
func (r *Revision) Bytes() ([]byte, error) {
	c := *r
	c.SubmittedAt = c.SubmittedAt.UTC().Truncate(time.Microsecond)
	if c.Answers == nil {
		c.Answers = eform.Answers{}
	}
	if c.Files == nil {
		c.Files = []RevisionFile{}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(c); err != nil {
		return nil, fmt.Errorf("dossier: write revision %d of %s: %w", r.Number, r.Dossier, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// ParseRevision reads what Bytes wrote, also by a later program: unknown members are ignored.
func ParseRevision(body []byte) (*Revision, error) {
	var r Revision
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, fmt.Errorf("dossier: parse a revision: %w", err)
	}
	return &r, nil
}

// File returns the file with an id. Errors: ErrNotFound.
func (r *Revision) File(id string) (*RevisionFile, error) {
	for i := range r.Files {
		if r.Files[i].ID == id {
			return &r.Files[i], nil
		}
	}
	return nil, ErrNotFound
}

// revisionBind binds a revision to its place, its owner and the person who handed it in. Those of before know
// their place only.
func revisionBind(id ID, number int, owner, person identity.PartyID) []byte {
	return fmt.Appendf(nil, "revision 2/%s/%d/%s/%s", id, number, owner, person)
}

func revisionBindBefore(id ID, number int) []byte {
	return []byte("revision/" + string(id) + "/" + strconv.Itoa(number))
}

const insertRevisionSQL = `
with filed as (
    insert into filed_file (file_id) select unnest($8::text[]) on conflict do nothing
)
insert into dossier_revision (dossier_id, number, body, sha256, person_id, created_at, mark)
select $1, $2, $3, $4, $5, $6, $7
where $2::int = 1 + (select coalesce(max(number), 0) from dossier_revision where dossier_id = $1)`

// NewRevision is what is handed in.
type NewRevision struct {
	Dossier ID
	Owner   identity.PartyID // of the dossier
	Number  int              // the next one
	Body    []byte           // of Revision.Bytes
	Files   []RevisionFile   // that Body names: none of them is ever deleted
	Person  identity.PartyID
	At      time.Time
}

// InsertRevision keeps the exact bytes of the next revision, sealed, and returns the hex SHA-256 of the clear
// bytes. The Record that follows names the revision, which binds its hash into the history. Errors: ErrLocked
// when Number is not the next one.
func InsertRevision(ctx context.Context, tx pgx.Tx, v *vault.Vault, n NewRevision) (string, error) {
	sealed, err := v.Seal(n.Body, revisionBind(n.Dossier, n.Number, n.Owner, n.Person))
	if err != nil {
		return "", fmt.Errorf("dossier: seal revision %d of %s: %w", n.Number, n.Dossier, err)
	}
	sum := sha256.Sum256(n.Body)
	files := make([]string, len(n.Files))
	for i, f := range n.Files {
		files[i] = f.ID
	}
	binds := revisionBinds(n.Dossier, n.Number, n.Person, hex.EncodeToString(sum[:]))
	err = guarded(ctx, tx, ErrLocked, insertRevisionSQL, n.Dossier, n.Number, sealed, sum[:], n.Person, n.At,
		binding.Revision.Mark(v, binds...), files)
	if postgres.Unique(err, "dossier_revision_pkey") {
		return "", ErrLocked
	}
	if err != nil {
		return "", fmt.Errorf("dossier: insert revision %d of %s: %w", n.Number, n.Dossier, err)
	}
	return hex.EncodeToString(sum[:]), nil
}

// RevisionInfo is a revision without its content.
type RevisionInfo struct {
	Number    int       `db:"number"`
	SHA256    string    `db:"sha256"` // hex
	CreatedAt time.Time `db:"created_at"`
}

const revisionsSQL = `
select number, encode(sha256, 'hex') as sha256, created_at from dossier_revision where dossier_id = $1 order by number`

// Revisions lists the revisions of a dossier that the caller has found for its owner or agency.
func Revisions(ctx context.Context, db postgres.DB, id ID) ([]RevisionInfo, error) {
	rows, err := db.Query(ctx, revisionsSQL, id)
	if err != nil {
		return nil, fmt.Errorf("dossier: revisions of %s: %w", id, err)
	}
	infos, err := pgx.CollectRows(rows, pgx.RowToStructByName[RevisionInfo])
	if err != nil {
		return nil, fmt.Errorf("dossier: revisions of %s: %w", id, err)
	}
	return infos, nil
}

const revisionsOfSQL = `
select dossier_id, number, encode(sha256, 'hex') as sha256, created_at from dossier_revision
where dossier_id = any($1) order by dossier_id, number`

// RevisionsOf is Revisions of several dossiers.
func RevisionsOf(ctx context.Context, db postgres.DB, ids []ID) (map[ID][]RevisionInfo, error) {
	rows, err := db.Query(ctx, revisionsOfSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("dossier: revisions of %d dossiers: %w", len(ids), err)
	}
	all := map[ID][]RevisionInfo{}
	var id ID
	var r RevisionInfo
	_, err = pgx.ForEachRow(rows, []any{&id, &r.Number, &r.SHA256, &r.CreatedAt}, func() error {
		all[id] = append(all[id], r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("dossier: revisions of %d dossiers: %w", len(ids), err)
	}
	return all, nil
}
