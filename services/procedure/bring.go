package procedure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/binding"
	"congdvc/services/vault"
	"congdvc/services/workday"
)

// Outcome is what became of something that was brought in.
type Outcome string

// The outcomes. A record is kept out when the portal has a definition of its own for the procedure, which is
// more complete.
const (
	Added   Outcome = "added"
	Changed Outcome = "changed"
	Same    Outcome = "same"
	KeptOut Outcome = "kept out"
	Refused Outcome = "refused"
)

// FromRecord makes a source from a definition that was read from a record elsewhere. It is in force from the
// given day, because records have no first day. The error tells every fault.
func FromRecord(d Definition, on workday.Date) (Source, error) {
	d.complete()
	hash, err := hashRecord(d)
	if err != nil {
		return Source{}, err
	}
	d.startOn(on)
	if err := d.check(nil); err != nil {
		return Source{}, err
	}
	return Source{Definition: d, hash: hash, fromRecord: true}, nil
}

// hashRecord hashes what a record says, without the day on which it was read and without the operator's
// permission to file it through the general form.
func hashRecord(d Definition) (string, error) {
	d.complete()
	if d.General != nil {
		d.General, d.Level, d.ReceivedBy = nil, Information, d.Source.Receivers()
	}
	d.Fees = slices.Clone(d.Fees)
	d.startOn(workday.Date{})
	raw, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("procedure: hash %s: %w", d.Code, err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}

// startOn sets the first day of a definition and of its fees.
func (d *Definition) startOn(day workday.Date) {
	d.EffectiveFrom = day
	for i := range d.Fees {
		d.Fees[i].From = day
	}
}

// BringIn says how to bring a source in.
type BringIn struct {
	Draft  bool // one that was written for a portal becomes a draft, which nobody sees until it is published
	DryRun bool // look only
	// Vault marks what is written; under a version that was written without it nobody can file.
	Vault *vault.Vault
}

// A Brought tells what became of a source.
type Brought struct {
	Outcome Outcome
	Reason  error       // why it was refused, or kept out because the procedure is closed
	Was     *Definition // what stood before, where the source was compared with it; nil for a new procedure
}

// Bring compares a source with the newest version, and loads it where that is wanted, in a transaction of its
// own. A record never replaces a definition that was written for the portal, and never reopens a procedure
// that the operator has closed. The operator's permissions for it stay. Errors are those of the database; a
// fault of the source is reported as Refused.
func Bring(ctx context.Context, pool *pgxpool.Pool, s Source, in BringIn) (Brought, error) {
	var told Brought
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		write := func() error { return s.bring(ctx, tx, in, &told) }
		if in.Vault != nil {
			marked := write
			write = func() error {
				return binding.Change(ctx, tx, in.Vault, []*binding.Table{binding.ProcedureVersion}, marked,
					"code = $1", s.Definition.Code)
			}
		}
		if err := write(); err != nil {
			return err
		}
		if in.DryRun {
			return errLookedOnly
		}
		return nil
	})
	if errors.Is(err, errLookedOnly) {
		err = nil
	}
	var refusal refusal
	if errors.As(err, &refusal) {
		told.Outcome, told.Reason, err = Refused, refusal.error, nil
	}
	if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) && unstorable(refused.Code) {
		told.Outcome, told.Reason, err = Refused, errors.New("cannot be stored: "+refused.Message), nil
	}
	return told, err
}

// errLookedOnly takes back what a dry run did.
var errLookedOnly = errors.New("procedure: looked only")

// unstorable reports whether a code of PostgreSQL means data that it cannot hold. That is the source's fault,
// not the database's.
func unstorable(code string) bool { return code[:2] == "22" || code[:2] == "54" }

// A refusal is an error that is the definition's fault, not the database's.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func refuse(format string, args ...any) error { return refusal{fmt.Errorf(format, args...)} }

func (s Source) bring(ctx context.Context, tx pgx.Tx, in BringIn, told *Brought) (err error) {
	d := &s.Definition
	last, err := lockStanding(ctx, tx, d.Code)
	if err != nil {
		return err
	}
	if last != nil {
		last.Definition.complete()
	}
	switch {
	case last == nil:
	case d.Source != nil && last.Own:
		told.Outcome, told.Was = KeptOut, &last.Definition
		return nil
	case s.fromRecord && last.State == Closed:
		told.Outcome = KeptOut
		told.Reason = fmt.Errorf("was closed on %s; portal procedures publish opens it again",
			last.EffectiveTo)
		return nil
	default:
		told.Was = &last.Definition
		if s.fromRecord {
			if err := s.keepOperators(last); err != nil {
				return err
			}
		}
		if s.fromRecord && d.EffectiveFrom.Before(last.EffectiveFrom) {
			d.Fees = slices.Clone(d.Fees)
			d.startOn(last.EffectiveFrom)
		}
	}
	if in.Draft && !s.fromRecord {
		told.Outcome, err = s.draft(ctx, tx, last)
		return err
	}
	told.Outcome, err = s.load(ctx, tx, last, originOf(d))
	return err
}

// originOf tells who brings in a definition that is not the program's own.
func originOf(d *Definition) string {
	if d.Source != nil {
		return byNational
	}
	return byOperator
}
