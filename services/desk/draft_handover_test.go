package desk_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/attachment"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/onestop"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// doors are all the ways to a draft: what reads it and what changes it.
func doors(p *desktest.Province, id dossier.DraftID, file string) map[string]func(context.Context,
	identity.Who) error {
	const paper = "tai_lieu_lien_quan"
	save := desk.SaveIn{Operation: postgres.NewID() + ".1",
		Answers: eform.Answers{"sk.noi": {Text: "Chỗ khác"}}, Bases: map[string]int{"sk.noi": 1}}
	return map[string]func(context.Context, identity.Who) error{
		"read": func(ctx context.Context, who identity.Who) error {
			_, err := p.Desk.Draft(ctx, who, id)
			return err
		},
		"read the form": func(ctx context.Context, who identity.Who) error {
			_, err := p.Desk.DraftForm(ctx, who, id)
			return err
		},
		"read a file": func(ctx context.Context, who identity.Who) error {
			_, err := p.Desk.DraftFile(ctx, who, id, file)
			return err
		},
		"read what changes": func(ctx context.Context, who identity.Who) error {
			_, err := p.Desk.VersionChange(ctx, who, id)
			return err
		},
		"save a page": func(ctx context.Context, who identity.Who) error {
			_, err := p.Desk.SaveStep(ctx, who, id, save)
			return err
		},
		"save a field": func(ctx context.Context, who identity.Who) error {
			_, err := p.Desk.SaveOnce(ctx, who, id, save)
			return err
		},
		"attach": func(ctx context.Context, who identity.Who) error {
			_, err := p.Desk.AddAttachment(ctx, who, id, paper,
				attachment.Incoming{Name: "a.png", Reader: bytes.NewReader(nil)})
			return err
		},
		"use a document": func(ctx context.Context, who identity.Who) error {
			_, err := p.Desk.UseDocument(ctx, who, id, paper, "x")
			return err
		},
		"remove a file": func(ctx context.Context, who identity.Who) error {
			return p.Desk.RemoveAttachment(ctx, who, id, file)
		},
		"set the place": func(ctx context.Context, who identity.Who) error {
			return p.Desk.SetPlace(ctx, who, id, desk.PlaceIn{Agency: p.Commune.ID})
		},
		"accept a version": func(ctx context.Context, who identity.Who) error {
			return p.Desk.AcceptNewVersion(ctx, who, id)
		},
		"confirm": func(ctx context.Context, who identity.Who) error {
			return p.Desk.Confirm(ctx, who, id, []string{"x"})
		},
		"submit": func(ctx context.Context, who identity.Who) error {
			_, err := p.Desk.Submit(ctx, who, id)
			return err
		},
		"pay": func(ctx context.Context, who identity.Who) error {
			_, err := p.Desk.OpenPayment(ctx, who, id, i18n.Vi)
			return err
		},
		"come back from paying": func(ctx context.Context, who identity.Who) error {
			_, err := p.Desk.PaymentReturn(ctx, who, id)
			return err
		},
		"edit what waits for its fee": func(ctx context.Context, who identity.Who) error {
			return p.Desk.EditFrozen(ctx, who, id)
		},
		"discard": func(ctx context.Context, who identity.Who) error {
			return p.Desk.DiscardDraft(ctx, who, id)
		},
	}
}

// TestOnePersonWorksOnADraft: a colleague finds every door to a draft closed, whatever its state, until they
// say that they go on with it; then it is the first person who does. What is refused leaves no trace.
func TestOnePersonWorksOnADraft(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, ctx := w.Province, t.Context()
	ha, bao := p.Colleagues(t)
	stranger := p.Citizen(t, 1)
	editing, frozen := p.Copies(t, ha, 1), p.Copies(t, ha, 3)
	v, err := p.Desk.Draft(ctx, ha, editing)
	do(t, err)
	file := v.Attachments[0].ID
	w.freeze(t, ha, frozen)
	// Without the checkout a payment cannot be opened, whoever asks.
	for name, id := range map[string]dossier.DraftID{"editing": editing, "frozen": frozen} {
		shut := func(who identity.Who, want error) {
			t.Helper()
			before := contents(t, p)
			for door, ask := range doors(p, id, file) {
				refused(t, name+": "+door, ask(ctx, who), want)
			}
			if contents(t, p) != before {
				t.Errorf("%s: what was refused changed something", name)
			}
		}
		shut(bao, desk.ErrWithAnother)
		shut(stranger, dossier.ErrNotFound)
		refused(t, "go on from nobody", p.Desk.GoOn(ctx, bao, id, ""), desk.ErrWithAnother)
		refused(t, "a stranger goes on", p.Desk.GoOn(ctx, stranger, id, ha.Person), dossier.ErrNotFound)
		do(t, p.Desk.GoOn(ctx, bao, id, ha.Person))
		do(t, p.Desk.GoOn(ctx, bao, id, ha.Person)) // again: nothing more happens
		shut(ha, desk.ErrWithAnother)
		after, err := p.Desk.Draft(ctx, bao, id)
		do(t, err)
		if after.Draft.State != dossier.Editing || after.Draft.Acting() != bao.Person ||
			after.Draft.Person != ha.Person {
			t.Errorf("%s: %+v", name, after.Draft)
		}
	}
}

// contents is what is stored of drafts, with who read them.
func contents(t *testing.T, p *desktest.Province) string {
	t.Helper()
	var all string
	do(t, p.Pool.QueryRow(t.Context(), `select concat((select string_agg(d::text, '' order by id) from draft d),
		(select string_agg(f::text, '' order by draft_id, field) from draft_field f),
		(select string_agg(a::text, '' order by id) from attachment a),
		(select string_agg(a::text, '' order by id) from dossier_access a))`).Scan(&all))
	return all
}

// TestWhoGoesOnDeclares: the part about who files becomes theirs, what came from the other's account is gone,
// what was typed and attached stays, and the dossier is filed under their name.
func TestWhoGoesOnDeclares(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ha, bao := p.Colleagues(t)
	ctx := t.Context()
	id := p.Copies(t, ha, 1)
	before, err := p.Desk.Draft(ctx, ha, id)
	do(t, err)
	if before.Answers["nyc.ho_ten"].Text != "Phạm Thu Hà" || before.Given["nyc.ho_ten"].Of != "Phạm Thu Hà" ||
		before.Given["nyc.co_quan"].Of != "Công ty TNHH Gạo Tám Xoan Hải Hậu" {
		t.Fatalf("prefilled %+v", before.Given)
	}
	do(t, p.Desk.GoOn(ctx, bao, id, ha.Person))
	after, err := p.Desk.Draft(ctx, bao, id)
	do(t, err)
	for field, want := range map[string]string{
		"nyc.ho_ten": "Lê Quốc Bảo", "nyc.so_dinh_danh": "037090007315", "nyc.dien_thoai": "0356789012",
		"nyc.email":   "",
		"nyc.co_quan": "Công ty TNHH Gạo Tám Xoan Hải Hậu", "sk.noi": "UBND xã Ninh Nhất",
		"ban_sao.so_luong": "1",
	} {
		if got := after.Fields[field].Value.Text; got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if home := after.Fields["nyc.cu_tru"].Value; home.Equal(before.Fields["nyc.cu_tru"].Value) {
		t.Errorf("he lives where she does: %+v", home)
	}
	if len(after.Attachments) != 1 {
		t.Errorf("files %+v", after.Attachments)
	}
	for field, g := range after.Given {
		if g.Of == "Phạm Thu Hà" {
			t.Errorf("%s still says what her account does: %+v", field, g)
		}
	}
	h, err := p.Desk.Handover(ctx, after)
	do(t, err)
	renewed := func(id string) bool {
		return slices.ContainsFunc(h.Renewed, func(f *eform.Field) bool { return f.ID == id })
	}
	emptied := slices.ContainsFunc(h.Emptied, func(f *eform.Field) bool { return f.ID == "nyc.email" })
	if h.From != "Phạm Thu Hà" || !emptied || !renewed("nyc.ho_ten") || renewed("sk.noi") ||
		renewed("nyc.co_quan") {
		t.Errorf("%+v", h)
	}

	// A page that she still has open changes nothing, also when she takes the draft back.
	stale := desk.SaveIn{Operation: postgres.NewID()}
	stale.Answers = eform.Answers{
		"nyc.ho_ten": {Text: "Phạm Thị Thu Hà"}, "sk.noi": {Text: "UBND xã Ninh Tiến"},
	}
	stale.Bases = map[string]int{
		"nyc.ho_ten": before.Fields["nyc.ho_ten"].Revision, "sk.noi": before.Fields["sk.noi"].Revision}
	_, err = p.Desk.SaveStep(ctx, ha, id, stale)
	refused(t, "her page", err, desk.ErrWithAnother)
	do(t, p.Desk.GoOn(ctx, ha, id, bao.Person))
	conflicts, err := p.Desk.SaveStep(ctx, ha, id, stale)
	if err != nil || len(conflicts) != 1 || conflicts[0].Field != "nyc.ho_ten" {
		t.Errorf("her page after taking it back: %+v, %v", conflicts, err)
	}
	do(t, p.Desk.GoOn(ctx, bao, id, ha.Person))

	p.Save(t, bao, id, eform.Answers{"nyc.cu_tru": {Rows: []map[string]string{{eform.PartProvince: "37",
		eform.PartCommune: "14329", eform.PartCommuneName: "Phường Hoa Lư", eform.PartDetail: "Số 9"}}}})
	s, err := p.Desk.Submit(ctx, bao, id)
	do(t, err)
	d := view(t, p, bao, s.Code)
	if d.First.Person.Name != "Lê Quốc Bảo" || d.Dossier.SubmittedBy != bao.Person ||
		d.History[0].Actor.Person != bao.Person || d.Dossier.Owner != ha.Party {
		t.Errorf("filed by %+v", d.First.Person)
	}
	if raw, err := d.First.Bytes(); err != nil || bytes.Contains(raw, []byte("Phạm Thu Hà")) ||
		bytes.Contains(raw, []byte("035179002468")) || bytes.Contains(raw, []byte("0903456789")) ||
		bytes.Contains(raw, []byte("ha@example.vn")) {
		t.Errorf("what is filed tells of her: %v\n%s", err, raw)
	}
}

// TestWhoAnswersASupplement: a colleague answers for the one who filed; what was not asked for stays.
func TestWhoAnswersASupplement(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ha, bao := p.Colleagues(t)
	ctx := t.Context()
	code := p.Submitted(t, ha)
	_, err := p.Desk.AskSupplement(ctx, p.Office(t, "ask"), code, onestop.Supplement{
		Fields: []string{"sk.noi"}, Deadline: workday.DateOf(p.Clock.Now()).AddDays(7)})
	do(t, err)
	id, err := p.Desk.AnswerSupplement(ctx, bao, code)
	do(t, err)
	_, err = p.Desk.Draft(ctx, bao, id)
	refused(t, "the colleague's look", err, desk.ErrWithAnother)
	_, err = p.Desk.Submit(ctx, bao, id)
	refused(t, "the colleague's submit", err, desk.ErrWithAnother)
	do(t, p.Desk.GoOn(ctx, bao, id, ha.Person))
	p.Save(t, bao, id, eform.Answers{"sk.noi": {Text: "UBND xã Ninh Tiến"}})
	_, err = p.Desk.Submit(ctx, ha, id)
	refused(t, "the first person's submit", err, desk.ErrWithAnother)
	_, err = p.Desk.Submit(ctx, bao, id)
	do(t, err)
	v := view(t, p, ha, code)
	if v.Revision.Number != 2 || v.Revision.Person.Name != "Lê Quốc Bảo" ||
		v.Revision.Answers["nyc.ho_ten"].Text != "Phạm Thu Hà" {
		t.Errorf("revision %d by %s, about %s", v.Revision.Number, v.Revision.Person.Name,
			v.Revision.Answers["nyc.ho_ten"].Text)
	}
	form, err := p.Desk.FormOf(ctx, ha, code, 2)
	do(t, err)
	if form.Person.Name != "Lê Quốc Bảo" || form.Filer.Name != "Phạm Thu Hà" {
		t.Errorf("the form is by %s, and followed by the digits of %s", form.Person.Name, form.Filer.Name)
	}
	// Who filed reads what another added, and that is recorded.
	before := count(t, p, `select coalesce(sum(times), 0) from dossier_access where dossier_id is not null`)
	view(t, p, ha, code)
	after := count(t, p, `select coalesce(sum(times), 0) from dossier_access where dossier_id is not null`)
	if after != before+1 {
		t.Errorf("%d readings, then %d", before, after)
	}
}

// TestPaidMeanwhile: who goes on with a draft that was paid gets the dossier of the one who paid.
func TestPaidMeanwhile(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ha, bao := w.Colleagues(t)
	ctx := t.Context()
	b := w.freeze(t, ha, w.Copies(t, ha, 2))
	b.pay(t)
	refused(t, "go on", w.Desk.GoOn(ctx, bao, b.draft, ha.Person), desk.ErrAlreadyPaid)
	s, err := w.Desk.PaymentReturn(ctx, bao, b.draft)
	if err != nil || s.Code == "" {
		t.Fatalf("%+v, %v", s, err)
	}
	if v := view(t, w.Province, bao, s.Code); v.Dossier.SubmittedBy != ha.Person {
		t.Errorf("filed by %s", v.Dossier.SubmittedBy)
	}
}

// TestTwoGoOn: of two who take a draft from the same person at the same time one gets it, and the other is
// asked about the first.
func TestTwoGoOn(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ha, bao := p.Colleagues(t)
	chi := p.Employee(t, 7, "0609999902")
	id := p.Copies(t, ha, 1)
	outcome := make(chan error, 2)
	for _, who := range []identity.Who{bao, chi} {
		go func() { outcome <- p.Desk.GoOn(t.Context(), who, id, ha.Person) }()
	}
	one, other := <-outcome, <-outcome
	if (one == nil) == (other == nil) || !errors.Is(errors.Join(one, other), desk.ErrWithAnother) {
		t.Errorf("%v, %v", one, other)
	}
}
