package backoffice

import (
	"context"
	"encoding/json"
	"fmt"

	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// keeping says how the answer of a call is kept for its repetition.
type keeping struct {
	seal, open func(kept []byte, c onestop.Call) ([]byte, error)
}

func asItIs(kept []byte, _ onestop.Call) ([]byte, error) { return kept, nil }

// once carries out a call about the caller's connection in one transaction, and answers with what it returns;
// a repeated call gets its answer of then.
func (b *Backoffice) once(v *call, act func(context.Context, pgx.Tx) (any, error)) error {
	return b.onceKept(v, keeping{asItIs, asItIs}, act)
}

// onceSealed is once for an answer that the database must not tell.
func (b *Backoffice) onceSealed(v *call, act func(context.Context, pgx.Tx) (any, error)) error {
	place := func(c onestop.Call) []byte { return []byte("office_call.answer/" + c.Connection + "/" + c.Key) }
	return b.onceKept(v, keeping{
		func(kept []byte, c onestop.Call) ([]byte, error) { return b.Desk.Vault.Seal(kept, place(c)) },
		func(kept []byte, c onestop.Call) ([]byte, error) { return b.Desk.Vault.Open(kept, place(c)) },
	}, act)
}

func (b *Backoffice) onceKept(v *call, k keeping, act func(context.Context, pgx.Tx) (any, error)) error {
	o, err := v.changing(v.Body())
	if err != nil {
		return err
	}
	ctx := v.UserContext()
	var answer []byte
	err = pgx.BeginFunc(ctx, b.Pool, func(tx pgx.Tx) error {
		prior, err := onestop.Claim(ctx, tx, o.Call)
		if err != nil {
			return err
		}
		if prior != nil {
			answer, err = k.open(prior, o.Call)
			return err
		}
		value, err := act(ctx, tx)
		if err != nil {
			return err
		}
		if answer, err = json.Marshal(value); err != nil {
			return fmt.Errorf("backoffice: answer: %w", err)
		}
		kept, err := k.seal(answer, o.Call)
		if err != nil {
			return fmt.Errorf("backoffice: keep an answer: %w", err)
		}
		return onestop.Answer(ctx, tx, o.Call, kept)
	})
	if err != nil {
		return err
	}
	return v.bytes(answer)
}
