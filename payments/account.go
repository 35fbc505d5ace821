package payments

import (
	"context"
	"slices"

	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// An Account is a quote with all that was paid, receipted and given back for it.
type Account struct {
	Quote
	Standing Standing
	Paid     []Fact    // the payments, in the order of the providers' instants
	Receipts []Receipt // oldest first
	Refunds  []Refund  // oldest first
}

const (
	factsOfDraft = `select ` + factColumns + `
		where a.quote_id in (select id from payment_quote where draft_id = $1) order by f.at, f.id`

	refundsOfDraft = `select ` + refundColumns + ` from payment_refund
where quote_id in (select id from payment_quote where draft_id = $1) order by created_at, id`
)

// AccountsOf returns the fees of a draft, oldest first: the quote that counts, and each that money was paid
// for.
func AccountsOf(ctx context.Context, db postgres.DB, v *vault.Vault, draft dossier.DraftID) ([]Account,
	error) {
	if !postgres.IsID(draft) {
		return nil, ErrNotFound
	}
	owed, err := quotes(ctx, db, v, quotesOfDraft, string(draft))
	if err != nil {
		return nil, err
	}
	if len(owed) == 0 {
		return nil, nil
	}
	facts, err := factsByQuote(ctx, db, v, draft)
	if err != nil {
		return nil, err
	}
	receipts, err := ReceiptsOfDraft(ctx, db, v, draft)
	if err != nil {
		return nil, err
	}
	back, err := refunds(ctx, db, v, refundsOfDraft, draft)
	if err != nil {
		return nil, err
	}
	var all []Account
	for _, q := range owed {
		a := Account{Quote: q, Standing: Reduce(q.Total, facts[q.ID])}
		for _, f := range facts[q.ID] {
			if f.Kind == FactPaid || f.Kind == FactCounterPaid {
				a.Paid = append(a.Paid, f)
			}
		}
		if q.VoidedAt != nil && len(a.Paid) == 0 {
			continue
		}
		a.Receipts = slices.DeleteFunc(slices.Clone(receipts),
			func(r Receipt) bool { return r.Quote != q.ID })
		a.Refunds = slices.DeleteFunc(slices.Clone(back), func(r Refund) bool { return r.Quote != q.ID })
		all = append(all, a)
	}
	return all, nil
}

func factsByQuote(ctx context.Context, db postgres.DB, v *vault.Vault, draft dossier.DraftID) (
	map[string][]Fact, error) {
	found, err := readFacts(ctx, db, v, factsOfDraft, string(draft))
	if err != nil {
		return nil, err
	}
	facts := map[string][]Fact{}
	for _, f := range found {
		facts[f.Quote] = append(facts[f.Quote], f.Fact)
	}
	return facts, nil
}
