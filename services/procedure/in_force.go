package procedure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"congdvc/services/eform"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// row holds the members of a version that may change, and its id.
type row struct {
	ID          string        `db:"id"`
	State       State         `db:"state"`
	EffectiveTo *workday.Date `db:"effective_to"`
}

// A correction may replace a version from its very first day, so the newest number wins.
const inForce = `select id, state, effective_to from procedure_version
where code = $1 and state <> 'draft' and effective_from <= $2 and (effective_to is null or effective_to > $2)
order by effective_from desc, number desc limit 1`

// InForce returns the version of a procedure that applies on a day. Errors: ErrNotFound.
func InForce(ctx context.Context, db postgres.DB, code string, on workday.Date) (*Version, error) {
	return find(ctx, db, inForce, code, on)
}

const byID = `select id, state, effective_to from procedure_version where id = $1`

// ByID returns a version, in force or not. Errors: ErrNotFound.
func ByID(ctx context.Context, db postgres.DB, id string) (*Version, error) {
	if !postgres.IsID(id) {
		return nil, ErrNotFound
	}
	return find(ctx, db, byID, id)
}

func find(ctx context.Context, db postgres.DB, query string, args ...any) (*Version, error) {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("procedure: find: %w", err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[row])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("procedure: find: %w", err)
	}
	return version(ctx, db, found)
}

// version completes a row by the immutable part of its version, from memory if it was read before.
func version(ctx context.Context, db postgres.DB, r row) (*Version, error) {
	fixed := cached.get(r.ID)
	if fixed == nil {
		var err error
		if fixed, err = read(ctx, db, r.ID); err != nil {
			return nil, err
		}
		if r.State != Draft { // a draft may still change
			fixed = cached.keep(fixed)
		}
	}
	v := *fixed
	v.State, v.EffectiveTo = r.State, r.EffectiveTo
	return &v, nil
}

const readVersion = `select number, definition, form, form_hash from procedure_version where id = $1`

func read(ctx context.Context, db postgres.DB, id string) (*Version, error) {
	v := &Version{ID: id}
	var definition, form []byte
	if err := db.QueryRow(ctx, readVersion, id).Scan(&v.Number, &definition, &form, &v.FormHash); err != nil {
		return nil, fmt.Errorf("procedure: read version %s: %w", id, err)
	}
	if err := json.Unmarshal(definition, &v.Definition); err != nil {
		return nil, fmt.Errorf("procedure: read version %s: %w", id, err)
	}
	v.complete()
	v.openGeneral()
	if len(form) > 0 {
		loaded, err := eform.Compiled(form)
		if err != nil {
			return nil, fmt.Errorf("procedure: form of version %s: %w", id, err)
		}
		v.form = loaded
	}
	return v, nil
}

// cached holds the immutable part of versions by id, whichever database they came from: ids are unique
// everywhere.
var cached cache

// cacheSize is above the number of versions that people file under at one time.
const cacheSize = 1024

type cache struct {
	mu       sync.RWMutex
	versions map[string]*Version
}

func (c *cache) get(id string) *Version {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.versions[id]
}

// keep stores a version, unless another request has stored it meanwhile, and returns the one that stays: all
// share it. Where there is no room, any other makes way.
func (c *cache) keep(v *Version) *Version {
	c.mu.Lock()
	defer c.mu.Unlock()
	if first := c.versions[v.ID]; first != nil {
		return first
	}
	if c.versions == nil {
		c.versions = map[string]*Version{}
	}
	for other := range c.versions {
		if len(c.versions) < cacheSize {
			break
		}
		delete(c.versions, other)
	}
	c.versions[v.ID] = v
	return v
}
