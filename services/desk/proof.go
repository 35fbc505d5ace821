package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"congdvc/payments"
	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/fault"
)

// ErrFilesChanged says that the files of a draft changed while it was handed in.
var ErrFilesChanged = fault.New(fault.Conflict, "desk.files_changed")

// proofTries is how often the files are proven anew when they changed while a draft was handed in.
const proofTries = 3

// A proof is the set of files that lay in the store, each with its size, just before a transaction.
type proof map[string]int64

// proven looks in the store for each file of a revision that is to be handed in. Files are never changed, and
// none that a draft has is deleted, so what lies there just before the transaction lies there after it.
// Errors: a fault.List of attachment.ErrLost at the requirements; filestore.ErrAway.
func (d *Desk) proven(ctx context.Context, files []dossier.RevisionFile,
	names map[string]any) (proof, error) {
	lie, lost := proof{}, fault.List{}
	for _, f := range files {
		err := attachment.Lies(ctx, d.Files, f.ID, f.Size)
		if errors.Is(err, attachment.ErrLost) {
			lost.Add(attachment.ErrLost.At(RequirementField(f.Requirement)).From(err).
				With("Name", names[f.Requirement]).With("File", f.Name))
			continue
		}
		if err != nil {
			return nil, err
		}
		lie[f.ID] = f.Size
	}
	return lie, lost.Err()
}

// provenView is proven for what a draft would hand in now.
func (d *Desk) provenView(ctx context.Context, view *DraftView) (proof, error) {
	names := map[string]any{}
	for _, r := range view.Requirements {
		names[r.ID] = r.Name
	}
	return d.proven(ctx, view.files(), names)
}

// LostFiles tells of each file of a draft that the store lost; see Submit. Errors: filestore.ErrAway.
func (d *Desk) LostFiles(ctx context.Context, view *DraftView) (fault.List, error) {
	_, err := d.provenView(ctx, view)
	if lost := (fault.List{}); errors.As(err, &lost) {
		return lost, nil
	}
	return nil, err
}

// covers refuses another set of files than the proven one.
func (p proof) covers(files []dossier.RevisionFile) error {
	distinct := map[string]bool{}
	for _, f := range files {
		if size, lies := p[f.ID]; !lies || size != f.Size {
			return ErrFilesChanged
		}
		distinct[f.ID] = true
	}
	if len(distinct) != len(p) {
		return ErrFilesChanged
	}
	return nil
}

// files are those that a draft hands in: of the requirements that are asked.
func (d *DraftView) files() []dossier.RevisionFile {
	asked := map[string]bool{}
	for _, requirement := range d.Requirements {
		asked[requirement.ID] = true
	}
	var files []dossier.RevisionFile
	for _, a := range d.Attachments {
		if asked[a.Requirement] {
			files = append(files, dossier.RevisionFile{ID: a.File, Requirement: a.Requirement, Name: a.Name,
				MediaType: a.MediaType, Size: a.Size, SHA256: a.SHA256, Source: a.Source})
		}
	}
	return files
}

// ErrPaidLost says that files of a paid draft are not in the store. It is for whoever runs the portal.
var ErrPaidLost = errors.New("desk: files of a paid draft are not in the store")

// lostGrace is how long after a payment its files may be brought back to the store. Then the money goes back,
// and the person is asked for them.
const lostGrace = 24 * time.Hour

// frozenFiles are the files of a draft that was paid for.
type frozenFiles struct {
	proof
	lost bool // some are not there, and nobody brought them back in time
}

// provenFrozen proves the files of a draft that is frozen for a quote, once that is paid. Errors: ErrPaidLost
// while they may still be brought back; filestore.ErrAway.
func (d *Desk) provenFrozen(ctx context.Context, draft *dossier.Draft, quote string) (f frozenFiles,
	err error) {
	if draft.State != dossier.Frozen || draft.Quote == nil || *draft.Quote != quote {
		return f, nil
	}
	standing, err := payments.StandingOf(ctx, d.Pool, d.Vault, quote)
	if err != nil || !standing.Settled() {
		return f, err
	}
	revision, err := dossier.FrozenRevision(ctx, d.Pool, d.Vault, draft)
	if errors.Is(err, dossier.ErrNotFound) {
		return f, nil // it was filed or opened meanwhile, which the transaction finds
	}
	if err != nil {
		return f, err
	}
	f.proof, err = d.proven(ctx, revision.Files, nil)
	if !errors.Is(err, attachment.ErrLost) {
		return f, err
	}
	if d.Now().Before(standing.PaidAt.Add(lostGrace)) {
		return f, fmt.Errorf("%w: quote %s: %w", ErrPaidLost, quote, err)
	}
	f.lost = true
	return f, nil
}

// heal brings a file back to the store that a row names, out of the same bytes received anew. One that lies
// there stays.
func (d *Desk) heal(ctx context.Context, file string, from attachment.Received) error {
	err := attachment.Lies(ctx, d.Files, file, from.Size)
	if !errors.Is(err, attachment.ErrLost) {
		return err
	}
	reader, err := d.Files.Open(ctx, from.File)
	if err != nil {
		return err
	}
	_, err = d.Files.Put(ctx, file, reader, from.Size)
	return errors.Join(err, reader.Close())
}

// again runs what hands a draft in, anew where its files changed meanwhile.
func again(act func() (Submission, error)) (s Submission, err error) {
	for range proofTries {
		if s, err = act(); !errors.Is(err, ErrFilesChanged) {
			break
		}
	}
	return s, err
}
