package desk_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"congdvc/identity"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
)

// reads are what the readings of a dossier are of, the first one first.
func reads(t *testing.T, p *desktest.Province, who identity.Who, code dossier.Code) (all []string) {
	t.Helper()
	r, err := p.Desk.Readers(t.Context(), who, code, "")
	do(t, err)
	for _, a := range slices.Backward(r.List) {
		all = append(all, r.Names[a.Actor.Person]+" "+a.What)
	}
	return all
}

// TestColleaguesAreRecorded: what a colleague reads is recorded with their name, once for some minutes; what
// the person who filed reads is not.
func TestColleaguesAreRecorded(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ha, bao := p.Colleagues(t)
	ctx := t.Context()
	code := p.Submitted(t, ha)
	read := func(who identity.Who) {
		v, err := p.Desk.Dossier(ctx, who, code)
		do(t, err)
		p.Clock.Advance(time.Second)
		_, err = p.Desk.DossierRead(ctx, who, code, dossier.ReadRevision)
		do(t, err)
		p.Clock.Advance(time.Second)
		f, err := p.Desk.DossierFile(ctx, who, code, v.First.Files[0].ID)
		do(t, err)
		do(t, f.Reader.Close())
		p.Clock.Advance(time.Second)
		_, err = p.Desk.FormOf(ctx, who, code, 1)
		do(t, err)
	}
	read(ha)
	same(t, "before anybody else", reads(t, p, ha, code))
	read(bao)
	want := []string{"Lê Quốc Bảo header", "Lê Quốc Bảo revision", "Lê Quốc Bảo file"}
	same(t, "read once", reads(t, p, ha, code), want...)
	read(bao)
	same(t, "read again within minutes", reads(t, p, ha, code), want...)
	r, err := p.Desk.Readers(ctx, ha, code, "")
	if err != nil || r.List[1].Times != 4 || r.Owner != "Công ty TNHH Gạo Tám Xoan Hải Hậu" ||
		r.Filer != "Phạm Thu Hà" {
		t.Errorf("%+v, %v", r, err)
	}
	p.Clock.Advance(time.Hour)
	read(bao)
	same(t, "read later", reads(t, p, ha, code), append(want, want...)...)
	_, err = p.Desk.Dossier(desk.Unseen(ctx), bao, code)
	do(t, err)
	same(t, "an answer without content", reads(t, p, ha, code), append(want, want...)...)

	// She left the company: the dossier is not hers to read, who read it is hers to know.
	alone := identity.Who{Person: ha.Person, Party: ha.Person}
	_, err = p.Desk.Dossier(ctx, alone, code)
	refused(t, "the dossier", err, dossier.ErrNotFound)
	same(t, "who read it", reads(t, p, alone, code), append(want, want...)...)
	_, err = p.Desk.Readers(ctx, p.Citizen(t, 1), code, "")
	refused(t, "who read it, to a stranger", err, dossier.ErrNotFound)
	filed, err := dossier.FiledFor(ctx, p.Pool, p.Vault, ha.Person, ha.Person, 10)
	if err != nil || len(filed) != 1 || filed[0].Code != code {
		t.Errorf("filed for others: %+v, %v", filed, err)
	}
}

// TestReadersOfADraft: who went on with a draft, and what they read of it, is told with the draft and later
// with its dossier.
func TestReadersOfADraft(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ha, bao := p.Colleagues(t)
	ctx := context.WithoutCancel(t.Context())
	id := p.Copies(t, ha, 1)
	v, err := p.Desk.Draft(ctx, ha, id)
	do(t, err)
	list, _, err := p.Desk.DraftReaders(ctx, v.Draft)
	if err != nil || len(list) != 0 {
		t.Errorf("her own: %+v, %v", list, err)
	}
	do(t, p.Desk.GoOn(ctx, bao, id, ha.Person))
	p.Clock.Advance(time.Second)
	v, err = p.Desk.Draft(ctx, bao, id)
	do(t, err)
	p.Clock.Advance(time.Second)
	f, err := p.Desk.DraftFile(ctx, bao, id, v.Attachments[0].ID)
	do(t, err)
	do(t, f.Reader.Close())
	p.Clock.Advance(time.Second)
	do(t, p.Desk.GoOn(ctx, ha, id, bao.Person))
	want := []string{"Lê Quốc Bảo went_on", "Lê Quốc Bảo draft", "Lê Quốc Bảo given", "Phạm Thu Hà went_on"}
	list, names, err := p.Desk.DraftReaders(ctx, v.Draft)
	do(t, err)
	var got []string
	for _, a := range slices.Backward(list) {
		got = append(got, names[a.Actor.Person]+" "+a.What)
	}
	same(t, "readers of the draft", got, want...)
	p.Save(t, ha, id, eform.Answers{"nyc.cu_tru": {Rows: []map[string]string{{eform.PartProvince: "37",
		eform.PartCommune: "14329", eform.PartCommuneName: "Phường Hoa Lư", eform.PartDetail: "Số 9"}}}})
	s, err := p.Desk.Submit(ctx, ha, id)
	do(t, err)
	same(t, "readers of the dossier", reads(t, p, ha, s.Code)[:4], want...)
}

// TestTakenOverIsRead: a file of a colleague's dossier that is given once more is recorded as read, and one's
// own is not.
func TestTakenOverIsRead(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ha, bao := p.Colleagues(t)
	ctx := t.Context()
	code := p.Submitted(t, ha)
	const paper = "tai_lieu_lien_quan"
	for _, who := range []identity.Who{ha, bao} {
		draft, err := p.Desk.StartDraft(ctx, who,
			desk.StartIn{Procedure: "2.000635", Agency: p.Commune.ID, Lang: "vi"})
		do(t, err)
		v, err := p.Desk.Draft(ctx, who, draft.ID)
		do(t, err)
		offered, err := p.Desk.Documents(ctx, v)
		do(t, err)
		if len(offered[paper]) != 1 {
			t.Fatalf("offered %+v", offered)
		}
		same(t, "before it is taken", reads(t, p, ha, code))
		_, err = p.Desk.UseDocument(ctx, who, draft.ID, paper, offered[paper][0].Key)
		do(t, err)
	}
	same(t, "taken by a colleague", reads(t, p, ha, code), "Lê Quốc Bảo file")
}

// TestTrackByWhom: an organisation's dossier is followed by its tax code or by the number of who filed it,
// and by no colleague's.
func TestTrackByWhom(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ha, _ := p.Colleagues(t)
	code := p.Submitted(t, ha)
	for digits, want := range map[string]error{
		"9902": nil, "2468": nil, "7315": dossier.ErrNotFound, "0000": dossier.ErrNotFound,
	} {
		_, err := p.Desk.Track(t.Context(), string(code), digits)
		if want == nil {
			do(t, err)
			continue
		}
		refused(t, digits, err, want)
	}
}
