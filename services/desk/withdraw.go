package desk

import (
	"context"

	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/dossier"

	"github.com/jackc/pgx/v5"
)

// RequestWithdrawal asks the agency to let the owner withdraw. It is a request:
// the agency accepts or refuses it. Errors: dossier.ErrNotFound, dossier.ErrMove
// when nothing can be withdrawn any more, ErrAlreadyAsked.
func (d *Desk) RequestWithdrawal(ctx context.Context, who identity.Who, code dossier.Code,
	reason string) error {
	err := d.tx(ctx, func(tx pgx.Tx) error {
		h, err := dossier.LockOwn(ctx, tx, d.Vault, code, who.Party)
		if err != nil {
			return err
		}
		if !withdrawable(h) {
			return dossier.ErrMove
		}
		history, err := dossier.History(ctx, tx, d.Vault, h.ID)
		if err != nil {
			return err
		}
		if withdrawalOpen(history) {
			return ErrAlreadyAsked
		}
		return d.record(ctx, tx, h, happening{NewEntry: dossier.NewEntry{
			Kind:  dossier.KindWithdrawalAsked,
			Actor: dossier.Actor{Kind: dossier.Citizen, Person: who.Person},
			Note:  reason, At: d.Now(),
		}})
	})
	if err == nil {
		d.Appended()
	}
	return err
}

// Answer is what an agency says to a request of the owner.
type Answer bool

const (
	Accept  Answer = true
	Decline Answer = false
)

// AnswerWithdrawal accepts or refuses the owner's request to withdraw. Errors:
// ErrNotAsked when there is none.
func (d *Desk) AnswerWithdrawal(ctx context.Context, o Office, code dossier.Code, accept Answer,
	note string) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		history, err := dossier.History(ctx, tx, d.Vault, h.ID)
		if err != nil {
			return nil, err
		}
		if !withdrawalOpen(history) {
			return nil, ErrNotAsked
		}
		if !accept {
			return nil, d.record(ctx, tx, h, happening{
				NewEntry: dossier.NewEntry{
					Kind: dossier.KindRequestRefused, Actor: o.Actor, Note: note, At: d.Now(),
				},
			})
		}
		accepted := dossier.NewEntry{
			Kind: dossier.KindRequestAccepted, Actor: o.Actor, Note: note, At: d.Now(),
		}
		if err := d.withdraw(ctx, tx, h, accepted); err != nil {
			return nil, err
		}
		return nil, d.letGo(ctx, tx, h, payments.ReasonWithdrawn)
	})
}

// withdraw ends a dossier as its owner asked. One that waits for its owner first
// goes back to where it came from, and its open supplement is thrown away.
func (d *Desk) withdraw(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, accepted dossier.NewEntry) error {
	if h.Status == dossier.Supplement {
		draft, err := dossier.SupplementDraft(ctx, tx, d.Vault, h.ID, h.Owner)
		if err != nil {
			return err
		}
		if err := dossier.Discard(ctx, tx, d.Vault, draft, accepted.At); err != nil {
			return err
		}
	}
	if err := d.record(ctx, tx, h, happening{NewEntry: accepted}); err != nil ||
		h.Status == dossier.Withdrawn {
		return err
	}
	return d.record(ctx, tx, h, happening{
		NewEntry: dossier.NewEntry{Kind: dossier.KindWithdrawn, Actor: accepted.Actor, At: accepted.At},
	})
}

// withdrawable says whether a dossier can still be withdrawn, from where it is or
// from where it goes back to.
func withdrawable(h *dossier.Dossier) bool {
	return h.CanMove(dossier.Withdrawn) || h.ReturnTo != nil && dossier.CanMove(*h.ReturnTo,
		dossier.Withdrawn)
}

// withdrawalOpen says whether the last request to withdraw is unanswered.
func withdrawalOpen(history []dossier.Entry) bool {
	request, open := dossier.OpenRequest(history)
	return open && request.Kind == dossier.KindWithdrawalAsked
}
