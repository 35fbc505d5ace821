package dossier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// ErrOperation means that the id of a save was used before, for other changes: the sender counts wrongly.
var ErrOperation = fault.New(fault.Conflict, "dossier.operation_reused")

// operationsKept is for how long a repeated save is answered as the first time. After that the revisions of
// the fields still keep it from overwriting anything.
const operationsKept = 120 * 24 * time.Hour

// Saved is what became of a save.
type Saved struct {
	Revisions map[string]int // of each field that now holds what the save, or a later one of its page, said
	Conflicts []Conflict
	Fresh     bool // it changed something
	Repeated  bool `json:"-"` // it was carried out before
	At        time.Time
}

// answer is a Saved as it is kept, with a hash of the changes that it answers.
type answer struct {
	Changes string `json:"changes"`
	Saved   Saved  `json:"saved"`
}

// OperationID is the id of the n-th save of a page, counted from 1; page is a UUID. The page's own post has
// the page's id alone or, when it follows saves of the script, the next number.
func OperationID(page string, n int) string { return page + "." + strconv.Itoa(n) }

// ParseOperation splits the id of a save into the page and the number; the number is 0 when the id has none.
func ParseOperation(operation string) (page string, n int, ok bool) {
	page, number, numbered := strings.Cut(operation, ".")
	if !postgres.IsID(page) {
		return "", 0, false
	}
	if !numbered {
		return page, 0, true
	}
	n, err := strconv.Atoi(number)
	return page, n, err == nil && n > 0 && strconv.Itoa(n) == number
}

// samePage reports whether two saves are of one page, and whether the first is as new as the stored one or
// newer.
func samePage(operation, stored string) (own, later bool) {
	page, n, ok := ParseOperation(operation)
	was, m, okStored := ParseOperation(stored)
	own = ok && okStored && page == was
	return own, own && n >= m
}

const findOperationSQL = `select answer_sealed from draft_operation where draft_id = $1 and operation = $2`

const insertOperationSQL = `insert into draft_operation (draft_id, operation, answer_sealed, at) values ($1, $2, $3, $4)`

// SaveOnce is SaveFields for a save that may be sent repeatedly: the same operation is carried out once, and
// answered the same each time, also when the draft has been closed meanwhile. Errors as of SaveFields, and
// ErrOperation.
func SaveOnce(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, operation string, changes []Change,
	now time.Time) (Saved, error) {
	hash, err := hashOf(changes)
	if err != nil {
		return Saved{}, err
	}
	bind := operationBind(d.ID, operation)
	sealed, err := scanOne[[]byte](ctx, tx, findOperationSQL, d.ID, operation)
	if err == nil {
		return openAnswer(v, sealed, bind, hash)
	}
	if !errors.Is(err, ErrNotFound) {
		return Saved{}, fmt.Errorf("dossier: find operation of draft %s: %w", d.ID, err)
	}
	saved, err := saveFields(ctx, tx, v, d, operation, changes, now)
	if err != nil {
		return Saved{}, err
	}
	raw, err := json.Marshal(answer{hash, saved})
	if err != nil {
		return Saved{}, fmt.Errorf("dossier: write the answer of draft %s: %w", d.ID, err)
	}
	if sealed, err = v.Seal(raw, bind); err != nil {
		return Saved{}, fmt.Errorf("dossier: seal the answer of draft %s: %w", d.ID, err)
	}
	if _, err := tx.Exec(ctx, insertOperationSQL, d.ID, operation, sealed, now); err != nil {
		return Saved{}, fmt.Errorf("dossier: keep the operation of draft %s: %w", d.ID, err)
	}
	return saved, nil
}

const markPostedSQL = `insert into draft_operation (draft_id, operation, answer_sealed, at, posted) values ($1, $2, $3, $4, true)
on conflict (draft_id, operation) do nothing`

// markPosted remembers the post of a page whose script has sent saves before.
func markPosted(ctx context.Context, tx pgx.Tx, v *vault.Vault, id DraftID, operation string,
	now time.Time) error {
	if _, n, ok := ParseOperation(operation); !ok || n == 0 {
		return nil
	}
	sealed, err := v.Seal([]byte("{}"), operationBind(id, operation))
	if err != nil {
		return fmt.Errorf("dossier: seal the answer of draft %s: %w", id, err)
	}
	if _, err := tx.Exec(ctx, markPostedSQL, id, operation, sealed, now); err != nil {
		return fmt.Errorf("dossier: keep the operation of draft %s: %w", id, err)
	}
	return nil
}

const postedSQL = `select operation from draft_operation where draft_id = $1 and posted and starts_with(operation, $2)`

// saidAgain reports whether the page of a save was posted after the save was made.
func saidAgain(ctx context.Context, db postgres.DB, id DraftID, operation string) (bool, error) {
	page, n, ok := ParseOperation(operation)
	if !ok || n == 0 {
		return false, nil
	}
	rows, err := db.Query(ctx, postedSQL, id, page+".")
	if err != nil {
		return false, fmt.Errorf("dossier: posts of draft %s: %w", id, err)
	}
	posts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return false, fmt.Errorf("dossier: posts of draft %s: %w", id, err)
	}
	return slices.ContainsFunc(posts, func(post string) bool {
		_, m, ok := ParseOperation(post)
		return ok && m > n
	}), nil
}

func operationBind(id DraftID, operation string) []byte {
	return []byte("draft/" + string(id) + "/operation/" + operation)
}

func openAnswer(v *vault.Vault, sealed, bind []byte, hash string) (Saved, error) {
	raw, err := v.Open(sealed, bind)
	if err != nil {
		return Saved{}, fmt.Errorf("dossier: open an answer: %w", err)
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		return Saved{}, fmt.Errorf("dossier: read an answer: %w", err)
	}
	if a.Changes != hash {
		return Saved{}, ErrOperation
	}
	a.Saved.Repeated = true
	return a.Saved, nil
}

func hashOf(changes []Change) (string, error) {
	raw, err := json.Marshal(changes)
	if err != nil {
		return "", fmt.Errorf("dossier: write changes: %w", err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}

const forgetOperationsSQL = `delete from draft_operation where draft_id = $1`

func forgetOperations(ctx context.Context, tx pgx.Tx, id DraftID) error {
	if _, err := tx.Exec(ctx, forgetOperationsSQL, id); err != nil {
		return fmt.Errorf("dossier: forget the operations of draft %s: %w", id, err)
	}
	return nil
}

const forgetOldSQL = `delete from draft_operation where at < $1`

// ForgetOperations forgets the answers of saves that nobody will send again.
func ForgetOperations(ctx context.Context, db postgres.DB, now time.Time) error {
	if _, err := db.Exec(ctx, forgetOldSQL, now.Add(-operationsKept)); err != nil {
		return fmt.Errorf("dossier: forget old operations: %w", err)
	}
	return nil
}
