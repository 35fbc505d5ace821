package desk_test

import (
	"testing"

	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
)

// TestTheFormOfADossier is that of its revision, for its owner alone.
func TestTheFormOfADossier(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan, minh := t.Context(), p.Citizen(t, 1), p.Citizen(t, 2)
	code := p.Submitted(t, lan)
	header, err := p.Desk.DossierFor(ctx, p.Office(t, ""), code)
	do(t, err)
	form, err := p.Desk.FormOf(ctx, lan, code, 1)
	do(t, err)
	if form.Draft || form.Code != code || form.Revision != 1 ||
		form.SHA256 != header.Revisions[0].SHA256 || form.To != p.Commune.Name.Vi ||
		form.Owner.Number != "037190000001" {
		t.Errorf("%+v", form)
	}
	for _, number := range []int{0, 2} {
		_, err := p.Desk.FormOf(ctx, lan, code, number)
		refused(t, "a revision that there is not", err, dossier.ErrNotFound)
	}
	_, err = p.Desk.FormOf(ctx, minh, code, 1)
	refused(t, "another's", err, dossier.ErrNotFound)

	view, err := p.Desk.Draft(ctx, lan, p.Copies(t, lan, 3))
	do(t, err)
	view.Agency, view.Deciding = nil, nil // not chosen yet
	preview, err := p.Desk.Preview(ctx, lan, view)
	do(t, err)
	if preview.Dossier != "" || preview.Fee.Total != 24000 || preview.ReceivingAgency != "" ||
		preview.Owner.Number != "037190000001" {
		t.Errorf("%+v", preview)
	}
}
