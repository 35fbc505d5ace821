package desk_test

import (
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

// saying saves answers and reasons as a page does, over what the draft holds.
func saying(t *testing.T, p *desktest.Province, id dossier.DraftID, answers eform.Answers,
	reasons map[string]string) {
	t.Helper()
	lan := p.Citizen(t, 1)
	view, err := p.Desk.Draft(t.Context(), lan, id)
	do(t, err)
	in := desk.SaveIn{Operation: postgres.NewID(), Answers: answers, Bases: map[string]int{},
		Reasons: reasons}
	for field := range answers {
		in.Bases[field] = view.Fields[field].Revision
	}
	conflicts, err := p.Desk.SaveStep(t.Context(), lan, id, in)
	do(t, err)
	if len(conflicts) > 0 {
		t.Fatalf("conflicts %+v", conflicts)
	}
}

// TestProvenance follows what a source says, and what the person says instead, into the revision.
func TestProvenance(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	id := p.Copies(t, lan, 1)
	before, err := p.Desk.Draft(t.Context(), lan, id)
	do(t, err)
	given := before.Given["nyc.ho_ten"]
	if given.Source != dossier.FromIdentity || !given.Value.Equal(before.Answers["nyc.ho_ten"]) ||
		!given.TakenAt.Equal(p.Clock.Now()) {
		t.Fatalf("the name is given by %+v, answers %+v", given, before.Answers["nyc.ho_ten"])
	}
	own := eform.Value{Text: "Nguyễn Thị Lan Hương"}
	long := strings.Repeat("à", 400)
	saying(t, p, id, eform.Answers{"nyc.ho_ten": own},
		map[string]string{"nyc.ho_ten": " Tên đã\u202e đổi\nnăm 2025 ", "nyc.so_dinh_danh": long,
			"sk.noi": "no source speaks about this"})
	s, err := p.Desk.Submit(t.Context(), lan, id)
	do(t, err)
	list := map[string]dossier.Provenance{}
	for _, one := range view(t, p, lan, s.Code).First.Provenance {
		list[one.Field] = one
	}
	if got := list["nyc.ho_ten"]; got.Own == nil || !got.Own.Equal(own) || !got.Value.Equal(given.Value) ||
		got.Reason != "Tên đã đổi năm 2025" {
		t.Errorf("the name's provenance is %+v", got)
	}
	if got := list["nyc.so_dinh_danh"]; got.Own != nil || got.Reason != "" ||
		got.Source != dossier.FromIdentity {
		t.Errorf("the number's provenance is %+v", got)
	}
	if _, told := list["sk.noi"]; told {
		t.Error("a field that no source speaks about has a provenance")
	}
}

// TestProvenanceIsSealed holds that neither what a source says nor a reason lies open in the database, and
// that both are gone with the draft.
func TestProvenanceIsSealed(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	draft, err := p.Desk.StartDraft(t.Context(), lan,
		desk.StartIn{Procedure: "2.000635", Agency: p.Commune.ID, Lang: i18n.Vi})
	do(t, err)
	saying(t, p, draft.ID, nil, map[string]string{"nyc.ho_ten": "bi-mat-khong-lo"})
	if n := count(t, p, `select count(*) from draft_given where draft_id = $1`, draft.ID); n < 2 {
		t.Fatalf("%d fields are given", n)
	}
	for _, open := range []string{"bi-mat-khong-lo", "037190000001", "identity"} {
		if n := count(t, p, `select count(*) from draft_given where position($1::bytea in sealed) > 0`,
			[]byte(open)); n != 0 {
			t.Errorf("%q lies open in %d rows", open, n)
		}
	}
	do(t, p.Desk.DiscardDraft(t.Context(), lan, draft.ID))
	if n := count(t, p, `select count(*) from draft_given where draft_id = $1`, draft.ID); n != 0 {
		t.Errorf("%d rows are left of a discarded draft", n)
	}
	other, err := p.Desk.StartDraft(t.Context(), lan,
		desk.StartIn{Procedure: "2.000635", Agency: p.Commune.ID, Lang: i18n.Vi})
	do(t, err)
	_, err = p.Pool.Exec(t.Context(), `update draft set warned_at = $2 where id = $1`, other.ID,
		p.Clock.Now())
	do(t, err)
	p.Clock.Advance(400 * 24 * time.Hour)
	do(t, pgx.BeginFunc(t.Context(), p.Pool, func(tx pgx.Tx) error {
		_, err := dossier.Expire(t.Context(), tx, p.Vault, p.Clock.Now(), time.Hour, 10)
		return err
	}))
	if n := count(t, p, `select count(*) from draft_given where draft_id = $1`, other.ID); n != 0 {
		t.Errorf("%d rows are left of an expired draft", n)
	}
}

// TestPrefillFromAnEarlierDossier holds that what the same person wrote for the same owner is proposed where
// the identity says too little, and nobody else's is.
func TestPrefillFromAnEarlierDossier(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan, other := p.Citizen(t, 1), p.Citizen(t, 2)
	id := p.Copies(t, lan, 1)
	s, err := p.Desk.Submit(t.Context(), lan, id)
	do(t, err)
	in := desk.StartIn{Procedure: "1.001193", Agency: p.Commune.ID, Lang: i18n.Vi}
	draft, err := p.Desk.StartDraft(t.Context(), lan, in)
	do(t, err)
	next, err := p.Desk.Draft(t.Context(), lan, draft.ID)
	do(t, err)
	got, home := next.Given["nyc.cu_tru"], view(t, p, lan, s.Code).First.Answers["nyc.cu_tru"]
	if got.Source != dossier.FromDossier || got.Dossier != s.Code || !got.Value.Equal(home) ||
		!next.Answers["nyc.cu_tru"].Equal(home) {
		t.Errorf("the address is given by %+v; answers %+v", got, next.Answers["nyc.cu_tru"])
	}
	if name := next.Given["nyc.ho_ten"]; name.Source != dossier.FromIdentity {
		t.Errorf("the name is given by %+v", name)
	}
	foreign, err := p.Desk.StartDraft(t.Context(), other, in)
	do(t, err)
	theirs, err := p.Desk.Draft(t.Context(), other, foreign.ID)
	do(t, err)
	if g := theirs.Given["nyc.cu_tru"]; g.Source != dossier.FromIdentity || g.Value.Equal(home) {
		t.Errorf("another person's answer was proposed: %+v", g)
	}
}
