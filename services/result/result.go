// Package result records the e-results that agencies deliver: which file was issued for which dossier, under
// which code anybody can verify it, and whether it was superseded or revoked since. A result is never changed
// otherwise, and never deleted: a verification page answers for revoked ones too.
package result

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/binding"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/vault"
	"congdvc/services/workday"
)

// ID names a result inside the portal; a UUIDv7.
type ID string

// Faults of results.
var (
	ErrNotFound = fault.New(fault.NotFound, "result.not_found")
	ErrLocked   = fault.New(fault.Conflict, "result.locked") // it is superseded or revoked already
	// too many codes of the dossier wait for a result
	ErrReserved = fault.New(fault.Conflict, "result.reserved")
	ErrCode     = fault.New(fault.Invalid, "result.code") // not reserved for the dossier, or used
)

// A Result is one issued file. FileName is "" where it was read for anybody (ByCode): it may name a
// person.
type Result struct {
	ID           ID
	Dossier      dossier.ID
	Code         Code
	Kind         string    // code of the procedure.ResultKind that it is; "" when the agency did not say
	Name         i18n.Text // of the kind of paper
	Number       string    // the agency's number of the paper; "" when it has none
	IssuedOn     workday.Date
	File         string // id in the store
	FileName     string
	Size         int64
	SHA256       string          // hex, over the whole file
	Signer       json.RawMessage // the report of package signature at the delivery
	State        State
	SupersededBy *ID
	Reason       string // why it was superseded or revoked
	CreatedAt    time.Time
	EndedAt      *time.Time // when it was superseded or revoked
	OpenedAt     *time.Time // when its owner opened it first
}

// New is a result that an agency delivers. The file lies in the store already.
type New struct {
	Dossier  dossier.ID
	Code     Code // as Reserve gave it for this dossier; "" draws one
	Kind     string
	Name     i18n.Text
	Number   string
	IssuedOn workday.Date
	File     string
	FileName string
	Size     int64
	SHA256   string
	Signer   any // written as JSON
	Now      time.Time
}

func nameBind(id ID) string { return "result/" + string(id) + "/name" }

const insertSQL = `
insert into result (id, dossier_id, code, kind, name, number, issued_on, file_id, file_name_sealed, size, sha256, signer, created_at)
values (@id, @dossier, @code, @kind, @name, @number, @issued_on, @file, @file_name, @size, @sha256, @signer, @now)
on conflict do nothing`

// Insert records a delivered result under its reserved code, or under a new one. The same file delivered
// again for the dossier returns the result that is there; its File then differs from the given one, which the
// caller deletes. Errors: ErrCode; then the transaction must not be committed.
func Insert(ctx context.Context, tx pgx.Tx, v *vault.Vault, n New) (*Result, error) {
	id, code := ID(postgres.NewID()), n.Code
	if code == "" {
		code = NewCode()
	}
	name, err := v.SealText(n.FileName, nameBind(id))
	if err != nil {
		return nil, fmt.Errorf("result: seal the name of %s: %w", id, err)
	}
	signer, err := json.Marshal(n.Signer)
	if err != nil {
		return nil, fmt.Errorf("result: write the signer of %s: %w", id, err)
	}
	tag, err := tx.Exec(ctx, insertSQL, pgx.StrictNamedArgs{
		"id": id, "dossier": n.Dossier, "code": code, "kind": n.Kind, "name": n.Name, "number": n.Number,
		"issued_on": n.IssuedOn, "file": n.File, "file_name": name, "size": n.Size, "sha256": n.SHA256,
		"signer": json.RawMessage(signer), "now": n.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("result: insert for %s: %w", n.Dossier, err)
	}
	if tag.RowsAffected() == 0 {
		return repeated(ctx, tx, v, n)
	}
	if err := binding.Result.Sign(ctx, tx, v, "id = $1", id); err != nil {
		return nil, err
	}
	if err := use(ctx, tx, id, code, n); err != nil {
		return nil, err
	}
	return one(ctx, tx, v, findSQL, id, n.Dossier)
}

// repeated returns the result that kept another one from being inserted: the same file for the same dossier.
// It is not enough that the code is the same.
func repeated(ctx context.Context, tx pgx.Tx, v *vault.Vault, n New) (*Result, error) {
	r, err := one(ctx, tx, v, issuedSQL, n.Dossier, n.SHA256)
	if errors.Is(err, ErrNotFound) || err == nil && n.Code != "" && n.Code != r.Code {
		return nil, ErrCode.At("code")
	}
	return r, err
}

var selectSQL = `
select id, dossier_id, code, kind, name, number, issued_on, file_id, file_name_sealed, size, sha256, signer, state,
    superseded_by, reason, created_at, ended_at, opened_at, mark,
    ` + binding.Result.Values() + `
from result `

var (
	issuedSQL     = selectSQL + `where dossier_id = $1 and sha256 = $2 and state = 'issued'`
	forDossierSQL = selectSQL + `where dossier_id = $1 order by created_at, id`
	findSQL       = selectSQL + `where id = $1 and dossier_id = $2`
	byCodeSQL     = selectSQL + `where code = $1`
)

// ByCode returns the result with a code, typed as ParseCode takes it. Errors: ErrNotFound, also for a
// malformed code.
func ByCode(ctx context.Context, db postgres.DB, v *vault.Vault, typed string) (*Result, error) {
	code, ok := ParseCode(typed)
	if !ok {
		return nil, ErrNotFound
	}
	r, err := one(ctx, db, v, byCodeSQL, code)
	if err != nil {
		return nil, err
	}
	r.FileName = "" // it may name the person
	return r, nil
}

func one(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, args ...any) (*Result, error) {
	list, err := many(ctx, db, v, sql, args...)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrNotFound
	}
	return &list[0], nil
}

// many reads results, and leaves out those that this portal did not write so.
func many(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, args ...any) ([]Result, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("result: find: %w", err)
	}
	type bound struct {
		Result
		mark   []byte
		values []string
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r bound, err error) {
		var name []byte
		err = row.Scan(&r.ID, &r.Dossier, &r.Code, &r.Kind, &r.Name, &r.Number, &r.IssuedOn, &r.File, &name,
			&r.Size, &r.SHA256, &r.Signer, &r.State, &r.SupersededBy, &r.Reason, &r.CreatedAt, &r.EndedAt,
			&r.OpenedAt, &r.mark, &r.values)
		if err == nil {
			r.FileName, err = v.OpenText(name, nameBind(r.ID))
		}
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("result: find: %w", err)
	}
	var list []Result
	for _, r := range found {
		holds, err := binding.Result.Holds(ctx, db, v, r.mark, r.values...)
		if err != nil {
			return nil, err
		}
		if holds {
			list = append(list, r.Result)
		}
	}
	return list, nil
}
