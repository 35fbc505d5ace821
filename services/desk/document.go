package desk

import (
	"context"
	"errors"
	"slices"

	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/agency"
	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/procedure"
	"congdvc/services/result"
	"congdvc/services/workday"
)

// A Document is a paper that the portal holds for a party already and that may be given for a requirement.
type Document struct {
	Key       string // names it among the documents of its requirement
	File      string // id in the store
	Name      string // of the file
	MediaType string
	Size      int64
	SHA256    string
	Source    dossier.FileSource
}

const (
	earlierFilings  = 5  // of the procedure are looked through for files
	mostDocumentsOf = 10 // a requirement are offered
)

// Documents returns, by requirement, what the party of an editable draft may attach without sending it again:
// valid e-results of the kinds that the requirement names, and files that the party gave for the same
// requirement before. The newest come first. What the requirement does not accept, and what is already
// attached, is left out.
func (d *Desk) Documents(ctx context.Context, view *DraftView) (map[string][]Document, error) {
	asked := map[string]*procedure.Requirement{}
	var kinds []string
	for i, r := range view.Requirements {
		if r.Mode == procedure.Submit && view.Draft.MayAttach(r.ID) {
			asked[r.ID] = &view.Requirements[i]
			kinds = append(kinds, r.Substitute.Results...)
		}
	}
	results, err := d.resultDocuments(ctx, view.Draft.Party, kinds)
	if err != nil {
		return nil, err
	}
	files, err := d.earlierFiles(ctx, view.Draft)
	if err != nil {
		return nil, err
	}
	found := map[string][]Document{}
	for id, r := range asked {
		var list []Document
		for _, document := range slices.Concat(results, files[id]) {
			if fits(document, r, view, list) {
				list = append(list, document)
			}
		}
		slices.SortStableFunc(list, func(a, b Document) int {
			return compareText(b.Source.Date.String(), a.Source.Date.String())
		})
		found[id] = list[:min(len(list), mostDocumentsOf)]
	}
	return found, nil
}

// fits reports whether a document may be offered for a requirement, in addition to those already offered.
func fits(document Document, r *procedure.Requirement, view *DraftView, offered []Document) bool {
	if of := document.Source.Result; of != nil && !slices.Contains(r.Substitute.Results, of.Kind) {
		return false
	}
	if !slices.Contains(r.Accept, document.MediaType) || document.Size > r.MaxBytes {
		return false
	}
	same := func(sum string) bool { return sum == document.SHA256 }
	return !slices.ContainsFunc(view.FilesOf(r.ID), func(a attachment.Attachment) bool {
		return same(a.SHA256)
	}) &&
		!slices.ContainsFunc(offered, func(o Document) bool { return same(o.SHA256) })
}

func (d *Desk) resultDocuments(ctx context.Context, party identity.PartyID,
	kinds []string) ([]Document, error) {
	held, err := result.HeldBy(ctx, d.Pool, d.Vault, party, kinds)
	if err != nil {
		return nil, err
	}
	var list []Document
	for _, h := range held {
		issuer, err := agency.Find(ctx, d.Pool, h.Issuer)
		if err != nil {
			return nil, err
		}
		list = append(list, Document{
			Key: string(h.Result.Code), File: h.File, Name: h.FileName, MediaType: attachment.PDF,
			Size: h.Size, SHA256: h.SHA256, Source: dossier.FileSource{Dossier: h.DossierCode,
				Agency: issuer.Code, AgencyName: issuer.Name, Date: h.IssuedOn,
				Result: &dossier.ResultSource{
					Code: string(h.Result.Code), Kind: h.Kind, Name: h.Result.Name.Vi, Number: h.Number,
					VerifyURL: d.Site.URL(address.VerifyCode(address.Vietnamese, h.Result.Code)),
				}},
		})
	}
	return list, nil
}

// earlierFiles are the files of the party's last dossiers for the same procedure, by requirement, as last
// submitted. E-results are left out, because an earlier dossier does not tell whether they still hold.
func (d *Desk) earlierFiles(ctx context.Context, draft *dossier.Draft) (map[string][]Document, error) {
	filings, err := dossier.EarlierFor(ctx, d.Pool, d.Vault, draft.Party, draft.ProcedureCode, draft.Dossier,
		earlierFilings)
	if err != nil {
		return nil, err
	}
	found := map[string][]Document{}
	for _, f := range filings {
		revision, err := dossier.OwnRevision(ctx, d.Pool, d.Vault, f.ID, f.Revision)
		if err != nil {
			return nil, err
		}
		office, err := agency.Find(ctx, d.Pool, f.Receiving)
		if err != nil {
			return nil, err
		}
		source := dossier.FileSource{
			Dossier: f.Code, Agency: office.Code, AgencyName: office.Name,
			Date: workday.DateOf(f.SubmittedAt),
		}
		for _, file := range revision.Files {
			if file.Source != nil && file.Source.Result != nil {
				continue
			}
			found[file.Requirement] = append(found[file.Requirement], Document{
				Key: file.ID, File: file.ID, Name: file.Name, MediaType: file.MediaType,
				Size: file.Size, SHA256: file.SHA256, Source: source,
			})
		}
	}
	return found, nil
}

// UseDocument attaches one of the Documents of a draft to a requirement. The bytes are copied and sealed
// anew, so that each copy can be deleted without the other. Errors: as of AddAttachment; ErrNoDocument for a
// key that is not, or no longer, among them.
func (d *Desk) UseDocument(ctx context.Context, who identity.Who, id dossier.DraftID,
	requirement, key string) (*attachment.Attachment, error) {
	view, err := d.draftOf(ctx, who, id)
	if err != nil {
		return nil, err
	}
	r, err := view.mayAttach(requirement)
	if err != nil {
		return nil, err
	}
	all, err := d.Documents(ctx, view)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all[requirement], func(o Document) bool { return o.Key == key })
	if i < 0 {
		return nil, ErrNoDocument
	}
	document := all[requirement][i]
	reader, err := attachment.OpenFile(ctx, d.Files, document.File)
	if errors.Is(err, attachment.ErrNotFound) {
		return nil, ErrNoDocument.From(err)
	}
	if err != nil {
		return nil, err
	}
	kept, err := d.attach(ctx, who, attaching{
		draft: id, requirement: r, source: &document.Source, sum: document.SHA256,
		in: attachment.Incoming{Name: document.Name, Reader: reader},
	})
	return kept, errors.Join(err, reader.Close())
}
