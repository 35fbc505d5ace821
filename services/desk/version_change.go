package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/procedure"

	"github.com/jackc/pgx/v5"
)

// VersionChange says what changes for a draft when it is carried over to the version in force now.
type VersionChange struct {
	Added, Changed []*eform.Field // questions that are asked of this draft
	// questions of the old version that this draft has answered; the answers are kept, but not handed in
	Dropped []*eform.Field
	// The same for papers.
	PapersAdded, PapersChanged, PapersDropped []procedure.Requirement
	// FeeBefore and FeeNow are what this draft costs by its answers so far.
	FeeBefore, FeeNow procedure.FeeQuote
	// Missing is what keeps the draft from being submitted under the new version.
	Missing fault.List
}

// VersionChange compares a draft as it is with the same draft under the version in force now, by the stable
// ids of questions and papers. It changes nothing. Errors: dossier.ErrNotFound; procedure.ErrNotFound when no
// version is in force.
func (d *Desk) VersionChange(ctx context.Context, who identity.Who,
	id dossier.DraftID) (*VersionChange, error) {
	draft, err := d.findHeld(ctx, who, id)
	if err != nil {
		return nil, err
	}
	v, err := procedure.InForce(ctx, d.Pool, draft.ProcedureCode, d.today())
	if err != nil {
		return nil, err
	}
	before, err := d.view(ctx, d.Pool, draft, d.today())
	if err != nil {
		return nil, err
	}
	carried := *draft
	carried.VersionID, carried.Case = v.ID, carriedCase(v, carried.Case)
	now, err := d.view(ctx, d.Pool, &carried, d.today())
	if err != nil {
		return nil, err
	}
	c := &VersionChange{FeeBefore: before.Fee, FeeNow: now.Fee, Missing: now.Faults}
	if err := c.compareQuestions(before, now); err != nil {
		return nil, err
	}
	return c, c.comparePapers(before.Requirements, now.Requirements)
}

func (c *VersionChange) compareQuestions(before, now *DraftView) error {
	shown := now.Form.Shown(now.Answers)
	for _, f := range now.Form.Fields() {
		was := before.Form.Field(f.ID)
		if !shown[f.ID] || !f.Asks() {
			continue
		}
		if was == nil {
			c.Added = append(c.Added, f)
			continue
		}
		same, err := equalData(was, f)
		if err != nil {
			return err
		}
		if !same {
			c.Changed = append(c.Changed, f)
		}
	}
	for _, f := range before.Form.Fields() {
		if _, answered := before.Answers[f.ID]; answered && f.Asks() && now.Form.Field(f.ID) == nil {
			c.Dropped = append(c.Dropped, f)
		}
	}
	return nil
}

func (c *VersionChange) comparePapers(before, now []procedure.Requirement) error {
	was := map[string]procedure.Requirement{}
	for _, r := range before {
		was[r.ID] = r
	}
	for _, r := range now {
		old, known := was[r.ID]
		delete(was, r.ID)
		if !known {
			c.PapersAdded = append(c.PapersAdded, r)
			continue
		}
		same, err := equalData(old, r)
		if err != nil {
			return err
		}
		if !same {
			c.PapersChanged = append(c.PapersChanged, r)
		}
	}
	for _, r := range before {
		if _, dropped := was[r.ID]; dropped {
			c.PapersDropped = append(c.PapersDropped, r)
		}
	}
	return nil
}

// equalData compares two parts of definitions as they are written down.
func equalData(a, b any) (bool, error) {
	one, err := json.Marshal(a)
	if err != nil {
		return false, fmt.Errorf("desk: write a definition: %w", err)
	}
	other, err := json.Marshal(b)
	if err != nil {
		return false, fmt.Errorf("desk: write a definition: %w", err)
	}
	return bytes.Equal(one, other), nil
}

// CheckVersion says by ErrNewVersion that a draft was begun under a version that
// is no longer the one in force.
func (d *Desk) CheckVersion(ctx context.Context, draft *dossier.Draft) error {
	v, err := procedure.InForce(ctx, d.Pool, draft.ProcedureCode, d.today())
	if err != nil {
		return err
	}
	if v.ID != draft.VersionID {
		return ErrNewVersion
	}
	return nil
}

// carriedCase is what becomes of a draft's case under another version.
func carriedCase(v *procedure.Version, id string) string {
	if id = meantCase(v, id); hasCase(v, id) {
		return id
	}
	return ""
}

// AcceptNewVersion carries a draft over to the version in force now, by the
// stable ids of its fields. A case that is no more is to be chosen anew: the
// draft's faults say so, and so they do of a capacity that is asked for now. Errors:
// procedure.ErrCitizensOnly.
func (d *Desk) AcceptNewVersion(ctx context.Context, who identity.Who, id dossier.DraftID) error {
	return d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := d.lockHeld(ctx, tx, who, id)
		if err != nil {
			return err
		}
		v, err := procedure.InForce(ctx, tx, draft.ProcedureCode, d.today())
		if err != nil {
			return err
		}
		if err := d.proved(ctx, tx, v); err != nil {
			return err
		}
		// An organisation cannot go on under a version that is for citizens only; its draft stays as it is.
		owner, err := identity.Find(ctx, tx, d.Vault, draft.Party)
		if err != nil {
			return err
		}
		if err := v.CheckFiler(owner.Kind, draft.Capacity); errors.Is(err, procedure.ErrCitizensOnly) {
			return err
		}
		return dossier.SetVersion(ctx, tx, d.Vault, draft,
			dossier.Rules{VersionID: v.ID, Case: carriedCase(v, draft.Case)}, d.Now())
	})
}
