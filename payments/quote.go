package payments

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/dong"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// Line is one fee of a quote. Amount is what is charged, which a ceiling may make less than Unit × Quantity.
type Line struct {
	Code       string      `json:"code"`
	Name       i18n.Text   `json:"name"`
	Kind       string      `json:"kind"` // KindPhi, KindLePhi
	Unit       dong.Amount `json:"unit"`
	Quantity   int64       `json:"quantity"`
	Amount     dong.Amount `json:"amount"`
	Basis      string      `json:"basis"` // the legal document that sets it
	Refundable bool        `json:"refundable"`
}

// Quote is what a draft costs, fixed when it was frozen. Its row never changes; a draft that is edited again
// gets another.
type Quote struct {
	ID        string           `db:"id"`
	Draft     dossier.DraftID  `db:"draft_id"`
	Party     identity.PartyID `db:"party_id"` // who owes
	Agency    agency.ID        `db:"agency_id"`
	Lines     []Line           `db:"lines"`
	Total     dong.Amount      `db:"total"`
	Due       string           `db:"due"` // DueAtSubmission, DueAtCounter
	CreatedAt time.Time        `db:"created_at"`
	VoidedAt  *time.Time       `db:"voided_at"` // set once it is no longer the one to pay
	Mark      []byte           `db:"mark"`      // see services/binding
}

func (q *Quote) binds() []string {
	lines := make([]string, len(q.Lines))
	for n, l := range q.Lines {
		lines[n] = fmt.Sprintf("%s|%s|%s|%s|%d|%d|%d|%s|%t", l.Code, l.Name.Vi, l.Name.En, l.Kind,
			l.Unit, l.Quantity,
			l.Amount, l.Basis, l.Refundable)
	}
	return []string{q.ID, string(q.Draft), string(q.Party), string(q.Agency),
		strconv.FormatInt(int64(q.Total), 10), q.Due, strings.Join(lines, ";"), binding.Instant(q.VoidedAt)}
}

const insertQuote = `insert into payment_quote (id, draft_id, party_id, agency_id, lines, total, due, created_at, mark)
values (@id, @draft_id, @party_id, @agency_id, @lines, @total, @due, @created_at, @mark)`

// InsertQuote stores a quote. Lines that do not add up to the total are a mistake of the caller and an error.
func InsertQuote(ctx context.Context, tx pgx.Tx, v *vault.Vault, q Quote) error {
	amounts := make([]dong.Amount, len(q.Lines))
	for n, line := range q.Lines {
		amounts[n] = line.Amount
	}
	sum, err := dong.Sum(amounts...)
	if err != nil {
		return fmt.Errorf("payments: quote %s: %w", q.ID, err)
	}
	if sum != q.Total {
		return fmt.Errorf("payments: quote %s: lines come to %d, total is %d", q.ID, sum, q.Total)
	}
	lines := q.Lines
	if lines == nil {
		lines = []Line{}
	}
	_, err = tx.Exec(ctx, insertQuote, pgx.StrictNamedArgs{
		"id": q.ID, "draft_id": q.Draft, "party_id": q.Party, "agency_id": q.Agency, "lines": lines,
		"total": q.Total, "due": q.Due, "created_at": q.CreatedAt,
		"mark": binding.Quote.Mark(v, q.binds()...),
	})
	if err != nil {
		return fmt.Errorf("payments: insert quote %s: %w", q.ID, err)
	}
	return nil
}

const quoteColumns = `id, draft_id, party_id, agency_id, lines, total, due, created_at, voided_at, mark`

// QuoteOf returns the newest quote of a draft that was not voided. Errors: ErrNotFound; binding.ErrForeign,
// also when somebody else than this portal voided one.
func QuoteOf[ID ~string](ctx context.Context, db postgres.DB, v *vault.Vault, draft ID) (*Quote, error) {
	if !postgres.IsID(draft) {
		return nil, ErrNotFound
	}
	all, err := quotes(ctx, db, v, quotesOfDraft, string(draft))
	if err != nil {
		return nil, err
	}
	for _, q := range slices.Backward(all) {
		if q.VoidedAt == nil {
			return &q, nil
		}
	}
	return nil, ErrNotFound
}

const quotesOfDraft = `select ` + quoteColumns + ` from payment_quote where draft_id = $1 order by created_at, id`

const findQuote = `select ` + quoteColumns + ` from payment_quote where id = $1`

// FindQuote returns a quote, voided or not. Errors: ErrNotFound.
func FindQuote(ctx context.Context, db postgres.DB, v *vault.Vault, id string) (*Quote, error) {
	return oneQuote(ctx, db, v, findQuote, id)
}

// QuoteOfAttempt returns the quote that an attempt is to pay, voided or not. Errors: ErrNotFound,
// binding.ErrForeign.
func QuoteOfAttempt(ctx context.Context, db postgres.DB, v *vault.Vault, attempt string) (*Quote, error) {
	a, err := FindAttempt(ctx, db, v, attempt)
	if err != nil {
		return nil, err
	}
	return FindQuote(ctx, db, v, a.Quote)
}

const lockQuote = `select ` + quoteColumns + ` from payment_quote where id = $1 for update`

// LockQuote returns a quote and holds it until the transaction ends: whoever decides by a standing holds its
// quote. A transaction that also locks the draft locks the draft first. Errors: ErrNotFound.
func LockQuote(ctx context.Context, tx pgx.Tx, v *vault.Vault, id string) (*Quote, error) {
	return oneQuote(ctx, tx, v, lockQuote, id)
}

func oneQuote(ctx context.Context, db postgres.DB, v *vault.Vault, sql, id string) (*Quote, error) {
	if !postgres.IsID(id) {
		return nil, ErrNotFound
	}
	all, err := quotes(ctx, db, v, sql, id)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, ErrNotFound
	}
	return &all[0], nil
}

// quotes returns those of a query, in its order. Errors: binding.ErrForeign.
func quotes(ctx context.Context, db postgres.DB, v *vault.Vault, sql, id string) ([]Quote, error) {
	rows, err := db.Query(ctx, sql, id)
	if err != nil {
		return nil, fmt.Errorf("payments: quotes by %s: %w", id, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Quote])
	if err != nil {
		return nil, fmt.Errorf("payments: quotes by %s: %w", id, err)
	}
	for _, q := range all {
		holds, err := binding.Quote.Holds(ctx, db, v, q.Mark, q.binds()...)
		if err == nil && !holds {
			err = fmt.Errorf("payments: quote %s: %w", q.ID, binding.ErrForeign)
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

const voidQuote = `update payment_quote set voided_at = $2, mark = $3 where id = $1`

// VoidQuote says that a quote is no longer the one to pay. Facts that still arrive for it are recorded all
// the same. Voiding twice changes nothing.
func VoidQuote(ctx context.Context, tx pgx.Tx, v *vault.Vault, id string, at time.Time) error {
	q, err := LockQuote(ctx, tx, v, id)
	if err != nil || q.VoidedAt != nil {
		return err
	}
	at = at.Truncate(time.Microsecond) // as the database keeps it
	q.VoidedAt = &at
	if _, err := tx.Exec(ctx, voidQuote, id, at, binding.Quote.Mark(v, q.binds()...)); err != nil {
		return fmt.Errorf("payments: void quote %s: %w", id, err)
	}
	return nil
}
