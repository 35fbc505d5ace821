package payments

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/dong"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/vault"
	"congdvc/services/workday"
)

// Receipt is the portal's own electronic record that a fee was paid. It is not an e-receipt registered with
// the tax authority (Decree 123/2020/NĐ-CP, art. 30-34): that one is the collecting agency's to issue.
type Receipt struct {
	ID       string
	Number   string // as printed: BL-<series>-<year>-<seven digits>
	Quote    string
	Attempt  string
	Draft    dossier.DraftID
	Agency   agency.ID // that collected
	Provider string    // ChannelStripe, ChannelCounter
	Payer    string
	Lines    []Line
	Amount   dong.Amount
	PaidAt   time.Time
	IssuedAt time.Time
	VoidedAt *time.Time // set when all of it was given back
}

// Words is the amount in words.
func (r *Receipt) Words(l i18n.Lang) string {
	if l == i18n.En {
		return r.Amount.InWordsEnglish()
	}
	return r.Amount.InWords()
}

// NewReceipt is what a receipt needs beside its quote and standing.
type NewReceipt struct {
	Quote    *Quote // locked
	Standing Standing
	Series   string // the collecting agency's code: numbers run per series and year
	Payer    string // full name; kept sealed
	Now      time.Time
}

const liveReceipt = receiptFrom + ` where r.quote_id = $1 and r.voided_at is null`

// nextSerial goes on behind the numbers that are taken, whatever the series says: one that was put back would
// stop every payment.
const nextSerial = `
with taken as (select coalesce(max(serial), 0) as most from receipt where series = $1 and year = $2)
insert into receipt_series as s (series, year, next) select $1, $2, most + 2 from taken
on conflict (series, year) do update
set next = greatest(s.next, (select most from taken) + 1) + 1 returning next - 1`

const insertReceipt = `insert into receipt (id, quote_id, attempt_id, series, year, serial, amount, payer_sealed, paid_at, issued_at, mark)
values (@id, @quote_id, @attempt_id, @series, @year, @serial, @amount, @payer_sealed, @paid_at, @issued_at, @mark)`

// IssueReceipt writes the receipt of a quote that was paid, or returns the one that it has; fresh tells
// which. The quote must be locked by the same transaction (Record does it). A number is drawn only in a
// transaction that commits, so that a series has no gaps. It fails when the standing says that the quote is
// not paid.
func IssueReceipt(ctx context.Context, tx pgx.Tx, v *vault.Vault,
	n NewReceipt) (r *Receipt, fresh bool, err error) {
	r, err = oneReceipt(ctx, tx, v, liveReceipt, n.Quote.ID)
	if !errors.Is(err, ErrNotFound) {
		return r, false, err
	}
	if n.Standing.PaidBy == "" || !n.Standing.Settled() {
		return nil, false,
			fmt.Errorf("payments: receipt of %s: the quote is %s, nothing that settles it was paid",
				n.Quote.ID, n.Standing.State)
	}
	id := postgres.NewID()
	sealed, err := v.SealText(n.Payer, payerPlace(id))
	if err != nil {
		return nil, false, fmt.Errorf("payments: seal payer of receipt %s: %w", id, err)
	}
	year := workday.DateOf(n.Now).Year
	var serial int64
	if err := tx.QueryRow(ctx, nextSerial, n.Series, year).Scan(&serial); err != nil {
		return nil, false, fmt.Errorf("payments: next receipt of %s: %w", n.Series, err)
	}
	row := receiptRow{ID: id, Quote: n.Quote.ID, Attempt: n.Standing.PaidBy, Series: n.Series, Year: year,
		Serial: serial, Amount: n.Quote.Total, PaidAt: n.Standing.PaidAt, IssuedAt: n.Now}
	_, err = tx.Exec(ctx, insertReceipt, pgx.StrictNamedArgs{
		"id": id, "quote_id": n.Quote.ID, "attempt_id": n.Standing.PaidBy, "series": n.Series,
		"year": year, "serial": serial, "amount": n.Quote.Total, "payer_sealed": sealed,
		"paid_at": n.Standing.PaidAt, "issued_at": n.Now,
		"mark": binding.Receipt.Mark(v, row.binds()...),
	})
	if err != nil {
		return nil, false, fmt.Errorf("payments: insert receipt of %s: %w", n.Quote.ID, err)
	}
	r, err = oneReceipt(ctx, tx, v, liveReceipt, n.Quote.ID)
	return r, err == nil, err
}

// payerPlace binds the sealed name to its row.
func payerPlace(id string) string { return "receipt.payer:" + id }

const voidReceipt = `update receipt set voided_at = $2, mark = $3 where id = $1`

// VoidReceipt marks the receipt of a quote whose payment was given back whole. Its number stays taken.
func VoidReceipt(ctx context.Context, tx pgx.Tx, v *vault.Vault, quote string, at time.Time) error {
	rows, err := receiptRows(ctx, tx, v, liveReceipt+" for update of r", quote)
	if err != nil {
		return err
	}
	at = at.Truncate(time.Microsecond) // as the database keeps it
	for _, r := range rows {
		r.VoidedAt = &at
		if _, err := tx.Exec(ctx, voidReceipt, r.ID, at, binding.Receipt.Mark(v, r.binds()...)); err != nil {
			return fmt.Errorf("payments: void receipt of %s: %w", quote, err)
		}
	}
	return nil
}

const receiptOf = receiptFrom + ` where r.quote_id = $1 order by r.issued_at desc, r.serial desc limit 1`

// ReceiptOf returns the newest receipt of a quote, voided or not. Errors: ErrNotFound.
func ReceiptOf(ctx context.Context, db postgres.DB, v *vault.Vault, quote string) (*Receipt, error) {
	return oneReceipt(ctx, db, v, receiptOf, quote)
}

const receiptsOfDraft = receiptFrom + ` where q.draft_id = $1 order by r.issued_at, r.serial`

// ReceiptsOfDraft returns every receipt of the quotes of a draft, oldest first.
func ReceiptsOfDraft[ID ~string](ctx context.Context, db postgres.DB, v *vault.Vault, draft ID) ([]Receipt,
	error) {
	if !postgres.IsID(draft) {
		return nil, ErrNotFound
	}
	return receipts(ctx, db, v, receiptsOfDraft, string(draft))
}

// receiptFrom selects a receiptRow.
const receiptFrom = `select r.id, r.series, r.year, r.serial, r.quote_id, r.attempt_id, q.draft_id, q.agency_id, a.channel, r.payer_sealed,
q.lines, r.amount, r.paid_at, r.issued_at, r.voided_at, r.mark
from receipt r join payment_quote q on q.id = r.quote_id join payment_attempt a on a.id = r.attempt_id`

type receiptRow struct {
	ID       string          `db:"id"`
	Series   string          `db:"series"`
	Year     int             `db:"year"`
	Serial   int64           `db:"serial"`
	Quote    string          `db:"quote_id"`
	Attempt  string          `db:"attempt_id"`
	Draft    dossier.DraftID `db:"draft_id"`
	Agency   agency.ID       `db:"agency_id"`
	Channel  string          `db:"channel"`
	Payer    []byte          `db:"payer_sealed"`
	Lines    []Line          `db:"lines"`
	Amount   dong.Amount     `db:"amount"`
	PaidAt   time.Time       `db:"paid_at"`
	IssuedAt time.Time       `db:"issued_at"`
	VoidedAt *time.Time      `db:"voided_at"`
	Mark     []byte          `db:"mark"`
}

func (r *receiptRow) binds() []string {
	return []string{r.ID, r.Quote, r.Attempt, r.Series, strconv.Itoa(r.Year),
		strconv.FormatInt(r.Serial, 10), strconv.FormatInt(int64(r.Amount), 10), binding.Instant(&r.PaidAt),
		binding.Instant(&r.IssuedAt), binding.Instant(r.VoidedAt)}
}

func oneReceipt(ctx context.Context, db postgres.DB, v *vault.Vault, sql, id string) (*Receipt, error) {
	if !postgres.IsID(id) {
		return nil, ErrNotFound
	}
	all, err := receipts(ctx, db, v, sql, id)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, ErrNotFound
	}
	return &all[0], nil
}

// receiptRows returns the rows of a query that hold, in its order.
func receiptRows(ctx context.Context, db postgres.DB, v *vault.Vault, sql, id string) ([]receiptRow, error) {
	found, err := db.Query(ctx, sql, id)
	if err != nil {
		return nil, fmt.Errorf("payments: receipts of %s: %w", id, err)
	}
	rows, err := pgx.CollectRows(found, pgx.RowToStructByName[receiptRow])
	if err != nil {
		return nil, fmt.Errorf("payments: receipts of %s: %w", id, err)
	}
	return binding.Keep(rows, func(r *receiptRow) (bool, error) {
		return binding.Receipt.Holds(ctx, db, v, r.Mark, r.binds()...)
	})
}

func receipts(ctx context.Context, db postgres.DB, v *vault.Vault, sql, id string) ([]Receipt, error) {
	rows, err := receiptRows(ctx, db, v, sql, id)
	if err != nil {
		return nil, err
	}
	all := make([]Receipt, 0, len(rows))
	for _, row := range rows {
		payer, err := v.OpenText(row.Payer, payerPlace(row.ID))
		if err != nil {
			return nil, fmt.Errorf("payments: open payer of receipt %s: %w", row.ID, err)
		}
		all = append(all, Receipt{ID: row.ID, Number: fmt.Sprintf("BL-%s-%d-%07d", row.Series, row.Year,
			row.Serial), Quote: row.Quote,
			Attempt: row.Attempt, Draft: row.Draft, Agency: row.Agency, Provider: row.Channel, Payer: payer,
			Lines: row.Lines, Amount: row.Amount, PaidAt: row.PaidAt, IssuedAt: row.IssuedAt,
			VoidedAt: row.VoidedAt})
	}
	return all, nil
}
