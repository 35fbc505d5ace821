package payments_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/agency"
	"congdvc/services/dong"
	"congdvc/services/dossier"
	"congdvc/services/pgtest"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// insertDraft writes the draft and agency that a quote refers to, without what these refer to in turn: the
// foreign keys of other rooms are not what is tested here.
const insertDraft = `insert into draft (id, party_id, person_id, procedure_version_id, procedure_code, case_id, lang, revision, created_at, updated_at, expires_at)
values ($1, $2, $2, $3, '1.001193', '', 'vi', 1, $4, $4, $4)`

const insertAgency = `insert into agency (id, code, name, kind, calendar, valid_from) values ($1, 'H42', '{}', 'province', 'none', '2025-01-01')`

func newQuote(t *testing.T, pool *pgxpool.Pool, amounts ...dong.Amount) payments.Quote {
	t.Helper()
	q := payments.Quote{ID: postgres.NewID(), Draft: dossier.DraftID(postgres.NewID()),
		Party: identity.PartyID(postgres.NewID()), Agency: agency.ID(postgres.NewID()),
		Due: payments.DueAtSubmission, CreatedAt: noon}
	for n, amount := range amounts {
		q.Total += amount
		q.Lines = append(q.Lines,
			payments.Line{Code: fmt.Sprint(n), Name: i18n.Text{Vi: "Lệ phí", En: "Charge"},
				Kind: payments.KindLePhi, Unit: amount, Quantity: 1, Amount: amount,
				Basis: "Nghị quyết 01/2025/NQ-HĐND", Refundable: true})
	}
	inTx(t, pool, func(tx pgx.Tx) error {
		for _, act := range []struct {
			sql  string
			args []any
		}{
			{"set local session_replication_role = replica", nil},
			{insertAgency, []any{q.Agency}},
			{insertDraft, []any{q.Draft, q.Party, postgres.NewID(), noon}},
			{"set local session_replication_role = origin", nil},
		} {
			if _, err := tx.Exec(t.Context(), act.sql, act.args...); err != nil {
				return err
			}
		}
		return payments.InsertQuote(t.Context(), tx, keys, q)
	})
	return q
}

func inTx(t *testing.T, pool *pgxpool.Pool, do func(pgx.Tx) error) {
	t.Helper()
	if err := pgx.BeginFunc(t.Context(), pool, do); err != nil {
		t.Fatal(err)
	}
}

func newAttempt(t *testing.T, pool *pgxpool.Pool, quote, channel string) *payments.Attempt {
	t.Helper()
	var a *payments.Attempt
	inTx(t, pool, func(tx pgx.Tx) (err error) {
		a, _, err = payments.InsertAttempt(t.Context(), tx, keys,
			payments.NewAttempt{Quote: quote, Channel: channel, Lang: i18n.Vi, ExpiresAt: noon.Add(time.Hour),
				Now: noon})
		return err
	})
	return a
}

func record(t *testing.T, pool *pgxpool.Pool, f payments.Fact) (fresh bool) {
	t.Helper()
	inTx(t, pool, func(tx pgx.Tx) (err error) {
		_, fresh, err = payments.Record(t.Context(), tx, keys, f)
		return err
	})
	return fresh
}

func TestQuote(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ctx := t.Context()
	q := newQuote(t, pool, 20_000, 30_000)
	got, err := payments.QuoteOf(ctx, pool, keys, q.Draft)
	if err != nil || got.Total != 50_000 || len(got.Lines) != 2 || got.Lines[1] != q.Lines[1] ||
		got.Party != q.Party {
		t.Fatalf("quote read back: %+v %v", got, err)
	}
	for _, id := range []string{"", "x", "'; drop table receipt; --", postgres.NewID()} {
		if _, err := payments.QuoteOf(ctx, pool, keys, id); !errors.Is(err, payments.ErrNotFound) {
			t.Errorf("quote of %q: %v", id, err)
		}
	}
	wrong := q
	wrong.ID, wrong.Total = postgres.NewID(), 49_999
	if err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		return payments.InsertQuote(ctx, tx, keys, wrong)
	}); err == nil {
		t.Error("a quote was stored whose lines do not add up")
	}
	for _, sql := range []string{
		"update payment_quote set total = 1", "delete from payment_quote",
	} {
		if _, err := pool.Exec(ctx, sql); err == nil {
			t.Errorf("%s: allowed", sql)
		}
	}
	inTx(t, pool, func(tx pgx.Tx) error { return payments.VoidQuote(ctx, tx, keys, q.ID, noon) })
	inTx(t, pool, func(tx pgx.Tx) error {
		return payments.VoidQuote(ctx, tx, keys, q.ID, noon.Add(time.Hour))
	})
	if _, err := payments.QuoteOf(ctx, pool, keys, q.Draft); !errors.Is(err, payments.ErrNotFound) {
		t.Errorf("voided quote: %v", err)
	}
	if got, err := payments.FindQuote(ctx, pool, keys, q.ID); err != nil || !got.VoidedAt.Equal(noon) {
		t.Errorf("voided quote by id: %+v %v", got, err)
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, _, err := payments.InsertAttempt(ctx, tx, keys,
			payments.NewAttempt{Quote: q.ID, Channel: payments.ChannelStripe, Lang: i18n.Vi, ExpiresAt: noon,
				Now: noon})
		return err
	})
	if !errors.Is(err, payments.ErrVoided) {
		t.Errorf("attempt on a voided quote: %v", err)
	}
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ctx := t.Context()
	q := newQuote(t, pool, 50_000)
	var mu sync.Mutex
	ids := map[string]bool{}
	together(t, 8, func() error {
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			a, _, err := payments.InsertAttempt(ctx, tx, keys,
				payments.NewAttempt{Quote: q.ID, Channel: payments.ChannelStripe, Lang: i18n.En,
					ExpiresAt: noon.Add(time.Hour), Now: noon})
			if err == nil {
				mu.Lock()
				ids[a.ID] = true
				mu.Unlock()
			}
			return err
		})
	})
	if len(ids) != 1 {
		t.Fatalf("%d attempts are open at once", len(ids))
	}
	a := newAttempt(t, pool, q.ID, payments.ChannelStripe)
	if a.State != payments.AttemptOpening || a.Lapsed(noon) || !a.Lapsed(noon.Add(time.Hour)) {
		t.Fatalf("attempt: %+v", a)
	}
	session := payments.NewSession{Ref: "cs_1", URL: "https://pay.example/1", ExpiresAt: noon.Add(time.Hour),
		Now: noon}
	for range 2 {
		if err := payments.SaveSession(ctx, pool, keys, a.ID, session); err != nil {
			t.Fatal(err)
		}
	}
	session.Ref = "cs_2"
	if err := payments.SaveSession(ctx, pool, keys, a.ID, session); !errors.Is(err, payments.ErrNotFound) {
		t.Errorf("another session was saved: %v", err)
	}
	if got, err := payments.FindAttempt(ctx, pool, keys, a.ID); err != nil ||
		got.State != payments.AttemptOpen || *got.SessionRef != "cs_1" ||
		*got.SessionURL != "https://pay.example/1" {
		t.Errorf("attempt with its session: %+v %v", got, err)
	}
	if s, err := payments.StandingOf(ctx, pool, keys, q.ID); err != nil || s.State != payments.Pending {
		t.Errorf("standing: %+v %v", s, err)
	}
	if open, err := payments.OpenAttempts(ctx, pool, keys, noon.Add(time.Minute), 10); err != nil ||
		len(open) != 1 {
		t.Errorf("open attempts: %v %v", open, err)
	}
	if open, err := payments.OpenAttempts(ctx, pool, keys, noon, 10); err != nil || len(open) != 0 {
		t.Errorf("attempts older than themselves: %v %v", open, err)
	}
	// Paid wins over ended, whichever is heard of first.
	for _, f := range []payments.Fact{said("cs_1", a.ID, payments.FactExpired, 0, 60),
		said("cs_1", a.ID, payments.FactPaid, 50_000, 5)} {
		record(t, pool, f)
	}
	if got, err := payments.FindAttempt(ctx, pool, keys,
		a.ID); err != nil || got.State != payments.AttemptPaid {
		t.Errorf("attempt after both: %+v %v", got, err)
	}
	unopened := newAttempt(t, pool, newQuote2(t, pool), payments.ChannelStripe)
	if err := payments.AbandonAttempt(ctx, pool, unopened.ID); err != nil {
		t.Fatal(err)
	}
	if all, err := payments.AttemptsOf(ctx, pool, keys, unopened.Quote); err != nil ||
		all[0].State != payments.AttemptEnded {
		t.Errorf("abandoned: %+v %v", all, err)
	}
}

// newQuote2 is another quote beside the first, of a draft of its own but the same agency code.
func newQuote2(t *testing.T, pool *pgxpool.Pool) string {
	t.Helper()
	q := payments.Quote{ID: postgres.NewID(), Party: identity.PartyID(postgres.NewID()),
		Due: payments.DueAtSubmission, CreatedAt: noon, Total: 50_000,
		Lines: []payments.Line{{Code: "x", Kind: payments.KindPhi, Unit: 50_000, Quantity: 1,
			Amount: 50_000}}}
	inTx(t, pool, func(tx pgx.Tx) error {
		if err := tx.QueryRow(t.Context(), "select draft_id, agency_id from payment_quote limit 1").
			Scan(&q.Draft, &q.Agency); err != nil {
			return err
		}
		return payments.InsertQuote(t.Context(), tx, keys, q)
	})
	return q.ID
}

// together runs one act many times at once.
func together(t *testing.T, n int, act func() error) {
	t.Helper()
	var wg sync.WaitGroup
	faults := make(chan error, n)
	for range n {
		wg.Go(func() { faults <- act() })
	}
	wg.Wait()
	for range n {
		if err := <-faults; err != nil {
			t.Fatal(err)
		}
	}
}

// TestOnePaymentOneReceipt lets webhook, return page and sweeper report the same payment at once.
func TestOnePaymentOneReceipt(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ctx := t.Context()
	v := keys
	first := newQuote(t, pool, 50_000)
	quotes := []string{first.ID}
	for range 4 {
		quotes = append(quotes, newQuote2(t, pool))
	}
	var mu sync.Mutex
	freshFacts, freshReceipts := 0, 0
	numbers := map[string]string{}
	for i, quote := range quotes {
		if i == 2 { // whoever puts the series back stops no payment
			if _, err := pool.Exec(ctx, `update receipt_series set next = 1`); err != nil {
				t.Fatal(err)
			}
		}
		a := newAttempt(t, pool, quote, payments.ChannelStripe)
		f := said("cs_"+a.ID, a.ID, payments.FactPaid, 50_000, 5)
		f.At = time.Date(2026, 12, 31, 18, 0, 0, 0, time.UTC) // already the new year in Vietnam
		together(t, 6, func() error {
			return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				id, fresh, err := payments.Record(ctx, tx, keys, f)
				if err != nil {
					return err
				}
				r, issued, err := issue(ctx, tx, v, id, f.At)
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				freshFacts += one(fresh)
				freshReceipts += one(issued)
				numbers[r.Number] = quote
				return nil
			})
		})
	}
	if freshFacts != 5 || freshReceipts != 5 || len(numbers) != 5 {
		t.Fatalf("%d facts, %d receipts, numbers %v", freshFacts, freshReceipts, numbers)
	}
	for n := range 5 {
		if want := fmt.Sprintf("BL-H42-2027-%07d", n+1); numbers[want] == "" {
			t.Errorf("no receipt %s in %v", want, numbers)
		}
	}
	r, err := payments.ReceiptOf(ctx, pool, v, first.ID)
	if err != nil || r.Payer != "Nguyễn Thị Lan" || r.Amount != 50_000 ||
		r.Words(i18n.Vi) != "Năm mươi nghìn đồng" || len(r.Lines) != 1 ||
		r.Provider != payments.ChannelStripe {
		t.Fatalf("receipt: %+v %v", r, err)
	}
	var leaks int
	if err := pool.QueryRow(ctx,
		"select count(*) from receipt where position('Lan' in encode(payer_sealed, 'escape')) > 0").
		Scan(&leaks); err != nil || leaks != 0 {
		t.Errorf("the payer's name lies open %d times (%v)", leaks, err)
	}
	if all, err := payments.ReceiptsOfDraft(ctx, pool, v, first.Draft); err != nil || len(all) != 5 {
		t.Errorf("receipts of the draft: %d %v", len(all), err)
	}
	inTx(t, pool, func(tx pgx.Tx) error { return payments.VoidReceipt(ctx, tx, keys, first.ID, noon) })
	if r, err := payments.ReceiptOf(ctx, pool, v, first.ID); err != nil || r.VoidedAt == nil {
		t.Errorf("voided receipt: %+v %v", r, err)
	}
}

func issue(ctx context.Context, tx pgx.Tx, v *vault.Vault, quote string,
	now time.Time) (*payments.Receipt, bool, error) {
	q, err := payments.FindQuote(ctx, tx, keys, quote)
	if err != nil {
		return nil, false, err
	}
	s, err := payments.StandingOf(ctx, tx, keys, quote)
	if err != nil {
		return nil, false, err
	}
	return payments.IssueReceipt(ctx, tx, v, payments.NewReceipt{Quote: q, Standing: s, Series: "H42",
		Payer: "Nguyễn Thị Lan", Now: now})
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// keys are those of every test.
var keys = func() *vault.Vault {
	v, err := vault.New()
	if err != nil {
		panic(err)
	}
	return v
}()
