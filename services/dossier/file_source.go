package dossier

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// A FileSource is the document of the same owner that the portal held already and that a file was copied from, instead
// of being sent anew (Decree 45/2020/NĐ-CP: a person may refer to a document in the personal store). Dossier is the one
// that it was issued or given for.
type FileSource struct {
	Dossier    Code         `json:"dossier"`
	Agency     string       `json:"agency"`      // code of the agency that issued or received it
	AgencyName i18n.Text    `json:"agency_name"` // at the time when it was chosen
	Date       workday.Date `json:"date"`        // of issue; else on which the dossier was submitted
	// Result is nil for a file that was given for the dossier.
	Result *ResultSource `json:"result,omitempty"`
}

// A ResultSource is an e-result. When a revision is submitted it holds; whether it still does is seen at VerifyURL.
type ResultSource struct {
	Code      string `json:"code"`
	Kind      string `json:"kind"` // code of the kind of result in the national catalogue
	Name      string `json:"name"`
	Number    string `json:"number,omitempty"`
	VerifyURL string `json:"verify_url"`
}

// EarlierFiling is an earlier dossier of a party, with what was submitted last.
type EarlierFiling struct {
	ID          ID        `db:"id"`
	Code        Code      `db:"code"`
	Receiving   agency.ID `db:"receiving_agency_id"`
	SubmittedAt time.Time `db:"submitted_at"`
	Revision    int       `db:"revision"`
}

const earlierForSQL = `
select d.id, d.code, d.receiving_agency_id, d.submitted_at,
    (select max(number) from dossier_revision r where r.dossier_id = d.id) as revision
from dossier d where d.owner_party_id = $1 and d.procedure_code = $2 and d.id is distinct from $3
order by d.submitted_at desc, d.id desc limit $4`

// EarlierFor returns the last dossiers of a party for a procedure, but for one (nil: none), the last one first.
func EarlierFor(ctx context.Context, db postgres.DB, party identity.PartyID, procedure string, but *ID, limit int) ([]EarlierFiling, error) {
	rows, err := db.Query(ctx, earlierForSQL, party, procedure, but, limit)
	if err != nil {
		return nil, fmt.Errorf("dossier: earlier dossiers of %s for %s: %w", party, procedure, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[EarlierFiling])
	if err != nil {
		return nil, fmt.Errorf("dossier: earlier dossiers of %s for %s: %w", party, procedure, err)
	}
	return list, nil
}
