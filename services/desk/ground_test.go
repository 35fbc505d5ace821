package desk_test

import (
	"testing"

	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
)

// TestGround holds that the revision says on what ground a person filed.
func TestGround(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	s, err := p.Desk.Submit(t.Context(), lan, p.Copies(t, lan, 1))
	do(t, err)
	if g := view(t, p, lan, s.Code).First.Ground; g == nil || *g != (dossier.Ground{Kind: eform.GroundSelf}) {
		t.Errorf("for oneself: %+v", g)
	}
	draft, err := p.Desk.Draft(t.Context(), lan, p.Copies(t, lan, 1))
	do(t, err)
	saying(t, p, draft.Draft.ID, eform.Answers{"nyc.quan_he": {Text: "nguoi_duoc_uy_quyen"},
		"sk.ho_ten": {Text: "Trần Gia Bảo"}}, nil)
	draft, err = p.Desk.Draft(t.Context(), lan, draft.Draft.ID)
	do(t, err)
	shown, err := p.Desk.Preview(t.Context(), lan, draft)
	do(t, err)
	if g := shown.Ground; g == nil || g.Kind != eform.GroundMandate || g.For != "Trần Gia Bảo" ||
		g.Detail == "" {
		t.Errorf("under a mandate: %+v", g)
	}
	company := p.Employee(t, 2, "0100233488")
	theirs, err := p.Desk.Draft(t.Context(), company, p.Copies(t, company, 1))
	do(t, err)
	if shown, err = p.Desk.Preview(t.Context(), company, theirs); err != nil || shown.Ground == nil ||
		shown.Ground.Kind != dossier.Representative {
		t.Errorf("for an organisation: %+v, %v", shown, err)
	}
}
