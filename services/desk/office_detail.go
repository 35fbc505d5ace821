package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/postgres"
	"congdvc/services/result"
	"congdvc/services/sheet"
	"congdvc/services/signature"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// DossierFor gives a dossier to a one-stop system with all that is open, was decided, paid and delivered, and
// records that its officer read it. A system whose place another one has taken sees the dossier as it stood
// then, with the revisions that it had and the history up to then, and nothing of the rest. Errors:
// dossier.ErrNotFound.
func (d *Desk) DossierFor(ctx context.Context, o Office, code dossier.Code) (*onestop.DossierDetail, error) {
	h, last, err := d.readable(ctx, o, code, 1)
	if err != nil {
		return nil, err
	}
	if err := d.recordReading(ctx, o, h, dossier.ReadHeader); err != nil {
		return nil, err
	}
	out := &onestop.DossierDetail{Requests: []onestop.Request{}, Results: []onestop.DeliveredResult{},
		Fees: []onestop.Fee{}, Slips: []onestop.Slip{}, History: []onestop.HistoryEntry{}}
	// One snapshot: what is said of the history, the money and the results agrees.
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, d.Pool, snapshot, func(tx pgx.Tx) error {
		if last != allRevisions {
			return d.formerDetail(ctx, tx, o, h, last, out)
		}
		now, err := dossier.FindForAgencies(ctx, tx, d.Vault, code, []agency.ID{h.ReceivingAgency})
		if err != nil {
			return err
		}
		return d.detail(ctx, tx, now, out)
	})
	return out, err
}

// formerDetail is what a system may still read that had acknowledged the dossier.
func (d *Desk) formerDetail(ctx context.Context, db postgres.DB, o Office, h *dossier.Dossier, last int,
	out *onestop.DossierDetail) error {
	stood, known, err := onestop.FormerStandingOf(ctx, db, d.Vault, o.Connection, h.ID)
	if err != nil {
		return err
	}
	out.Dossier = stood.Header
	if known {
		err = d.historyOf(ctx, db, h, stood.Entries, out)
	} else {
		var now *onestop.Dossier
		if now, err = d.header(ctx, db, h); err == nil {
			out.Dossier, out.OfficeCode = *now, "" // the number is the other system's
		}
	}
	out.Revisions = out.Revisions[:min(last, len(out.Revisions))]
	return err
}

func (d *Desk) detail(ctx context.Context, db postgres.DB, h *dossier.Dossier,
	out *onestop.DossierDetail) error {
	header, err := d.header(ctx, db, h)
	if err != nil {
		return err
	}
	out.Dossier = *header
	if err := d.historyOf(ctx, db, h, h.HistorySeq, out); err != nil {
		return err
	}
	if h.Status == dossier.Supplement {
		if err := d.supplementOf(ctx, db, h, out); err != nil {
			return err
		}
	}
	if err := d.resultsOf(ctx, db, h, out); err != nil {
		return err
	}
	if err := d.feesOf(ctx, db, h, out); err != nil {
		return err
	}
	slips, err := sheet.SlipsOf(ctx, db, d.Vault, h.ID)
	for _, s := range slips {
		out.Slips = append(out.Slips, onestop.Slip{Kind: s.Kind, Number: s.Number,
			IssuedAt: onestop.At(s.CreatedAt)})
	}
	return err
}

// historyOf tells the first entries of the history. Who serves the dossier, and so reads all of it, also
// reads the request that is open.
func (d *Desk) historyOf(ctx context.Context, db postgres.DB, h *dossier.Dossier, first int,
	out *onestop.DossierDetail) error {
	entries, err := dossier.History(ctx, db, d.Vault, h.ID)
	if err != nil {
		return err
	}
	whole := first >= len(entries)
	entries = entries[:min(first, len(entries))]
	people := make([]identity.PartyID, 0, len(entries))
	for _, e := range entries {
		people = append(people, e.Actor.Person)
	}
	names, err := identity.FindNames(ctx, db, d.Vault, people...)
	if err != nil {
		return err
	}
	for _, e := range entries {
		out.History = append(out.History, onestop.HistoryEntry{Number: e.Seq, At: onestop.At(e.At),
			Kind:   e.Kind,
			Status: e.To, By: doer(e.Actor, names), Note: e.Note, Revision: e.Revision})
	}
	if asked, open := dossier.OpenRequest(entries); open && whole {
		out.Requests = append(out.Requests, onestop.Request{
			Kind:    strings.TrimSuffix(string(asked.Kind), "_asked"),
			AskedAt: onestop.At(asked.At), AskedBy: doer(asked.Actor, names), Reason: asked.Note,
		})
	}
	return nil
}

func doer(a dossier.Actor, names map[identity.PartyID]string) onestop.Doer {
	by := onestop.Doer{Kind: a.Kind, Name: a.Name, Title: a.Title, Unit: a.Unit, Phone: a.Phone}
	if a.Kind == dossier.Citizen {
		by.Name = names[a.Person]
	}
	return by
}

// supplementOf tells what the citizen is asked for. The entry that asked is in the history already.
func (d *Desk) supplementOf(ctx context.Context, db postgres.DB, h *dossier.Dossier,
	out *onestop.DossierDetail) error {
	draft, err := dossier.SupplementDraft(ctx, db, d.Vault, h.ID, h.Owner)
	if err != nil {
		return err
	}
	reasons, err := dossier.Reasons(ctx, db, d.Vault, draft)
	if err != nil {
		return err
	}
	open := &onestop.OpenSupplement{Revision: draft.Revision, Fields: []string{}, Requirements: []string{},
		Reasons: reasons, Deadline: workday.DateOf(draft.Asked.Deadline.Add(-time.Nanosecond))}
	open.Fields = append(open.Fields, draft.Asked.Fields...)
	open.Requirements = append(open.Requirements, draft.Asked.Requirements...)
	for _, e := range out.History {
		if e.Kind == dossier.KindSupplementAsked {
			open.AskedAt, open.AskedBy = e.At, e.By
		}
	}
	out.Supplement = open
	return nil
}

func (d *Desk) resultsOf(ctx context.Context, db postgres.DB, h *dossier.Dossier,
	out *onestop.DossierDetail) error {
	results, err := result.ForDossier(ctx, db, d.Vault, h.ID)
	if err != nil {
		return err
	}
	for _, r := range results {
		var report signature.Report
		if err := json.Unmarshal(r.Signer, &report); err != nil {
			return fmt.Errorf("desk: read the signer of result %s: %w", r.ID, err)
		}
		out.Results = append(out.Results, onestop.DeliveredResult{
			Result: onestop.Result{Code: r.Code, Kind: r.Kind, Number: r.Number, Name: r.Name.In(i18n.Vi),
				IssuedOn: r.IssuedOn, SHA256: r.SHA256, State: string(r.State), Signed: report.Signed,
				Signature: report.Problem},
			DeliveredAt: onestop.At(r.CreatedAt), OpenedAt: onestop.AtOrNone(r.OpenedAt),
		})
	}
	return nil
}

func (d *Desk) feesOf(ctx context.Context, db postgres.DB, h *dossier.Dossier,
	out *onestop.DossierDetail) error {
	accounts, err := payments.AccountsOf(ctx, db, d.Vault, h.Draft)
	if errors.Is(err, payments.ErrNotFound) || err == nil && len(accounts) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	collecting := make([]agency.ID, len(accounts))
	for i, a := range accounts {
		collecting[i] = a.Agency
	}
	agencies, err := agency.FindMany(ctx, db, collecting...)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		fee := feeOf(a)
		fee.Agency = agencies[a.Agency].Code
		out.Fees = append(out.Fees, fee)
	}
	return nil
}

func feeOf(a payments.Account) onestop.Fee {
	fee := onestop.Fee{Lines: []onestop.FeeLine{}, Total: int64(a.Total), Due: a.Due,
		QuotedAt: onestop.At(a.CreatedAt), Paid: int64(a.Standing.Paid), Refunded: int64(a.Standing.Refunded),
		RefundDue: int64(a.Standing.RefundDue), Payments: []onestop.FeePayment{},
		Receipts: []onestop.FeeReceipt{}, Refunds: []onestop.FeeRefund{}}
	for _, l := range a.Lines {
		fee.Lines = append(fee.Lines, onestop.FeeLine{Code: l.Code, Name: l.Name.In(i18n.Vi), Kind: l.Kind,
			Unit: int64(l.Unit), Quantity: l.Quantity, Amount: int64(l.Amount), Basis: l.Basis,
			Refundable: l.Refundable})
	}
	for _, p := range a.Paid {
		one := onestop.FeePayment{Channel: p.Provider, Amount: int64(p.Amount), PaidAt: onestop.At(p.At)}
		if p.Provider == payments.ChannelCounter {
			one.Reference = p.PaymentRef
		}
		fee.Payments = append(fee.Payments, one)
	}
	for _, r := range a.Receipts {
		fee.Receipts = append(fee.Receipts, onestop.FeeReceipt{Number: r.Number, Amount: int64(r.Amount),
			PaidAt: onestop.At(r.PaidAt), IssuedAt: onestop.At(r.IssuedAt),
			VoidedAt: onestop.AtOrNone(r.VoidedAt)})
	}
	for _, r := range a.Refunds {
		fee.Refunds = append(fee.Refunds, onestop.FeeRefund{Amount: int64(r.Amount), Reason: r.Reason,
			State: string(r.State), AskedAt: onestop.At(r.CreatedAt), DoneAt: onestop.AtOrNone(r.DoneAt)})
	}
	return fee
}
