package desk_test

import (
	"bytes"
	"io"
	"testing"

	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
)

func readings(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code := p.Submitted(t, lan)
	v := view(t, p, lan, code)
	office := p.Office(t, "")
	_, err := p.Desk.DossierFor(t.Context(), office, code)
	do(t, err)
	body, err := p.Desk.RevisionFor(t.Context(), office, code, 1)
	do(t, err)
	revision, err := dossier.ParseRevision(body)
	do(t, err)
	if revision.Owner.Number != v.First.Owner.Number {
		t.Errorf("%+v", revision.Owner)
	}
	f, err := p.Desk.FileFor(t.Context(), office, code, 1, v.First.Files[0].ID)
	do(t, err)
	defer f.Reader.Close()
	got, err := io.ReadAll(f.Reader)
	do(t, err)
	if !bytes.Equal(got, desktest.Photo(t)) {
		t.Error("the file is not what was given")
	}
	_, err = p.Desk.RevisionFor(t.Context(), office, code, 2)
	refused(t, "a revision that is not", err, dossier.ErrNotFound)
	_, err = p.Desk.FileFor(t.Context(), office, code, 1, "01900000-0000-7000-8000-000000000000")
	refused(t, "a file that is not", err, dossier.ErrNotFound)
	read, err := dossier.Accesses(t.Context(), p.Pool, p.Vault, v.Dossier.ID, "")
	do(t, err)
	var what []string
	for _, a := range read {
		what = append(what, a.What)
		if a.Actor.Name != "Đỗ Văn Hùng" || a.Actor.Unit != "UBND phường Hoa Lư" {
			t.Errorf("%+v", a.Actor)
		}
	}
	same(t, "readings", what, dossier.ReadFile, dossier.ReadRevision, dossier.ReadHeader)
}
