package desk_test

import (
	"errors"
	"sync"
	"testing"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/onestop"
	"congdvc/services/workday"
)

func TestSubmitWritesEverythingOnce(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	id := p.Copies(t, lan, 1)

	codes := make([]dossier.Code, 8)
	var wg sync.WaitGroup
	for i := range codes {
		wg.Go(func() {
			s, err := p.Desk.Submit(t.Context(), lan, id)
			if err != nil {
				t.Error(err)
			}
			codes[i] = s.Code
		})
	}
	wg.Wait()
	for _, c := range codes {
		if c == "" || c != codes[0] {
			t.Fatalf("a double submit gave %v", codes)
		}
	}
	view, err := p.Desk.Dossier(t.Context(), lan, codes[0])
	if err != nil {
		t.Fatal(err)
	}
	if view.Dossier.Status != dossier.Submitted || view.Dossier.Payment != dossier.CounterDue ||
		len(view.History) != 1 {
		t.Errorf("header %+v, %d rows of history", view.Dossier, len(view.History))
	}
	if view.First.Owner.Number != "037190000001" || len(view.First.Files) != 1 ||
		view.First.Fee.Total != 8000 {
		t.Errorf("revision %+v", view.First)
	}
	if err := dossier.VerifyChain(t.Context(), p.Pool, p.Vault, view.Dossier.ID); err != nil {
		t.Error(err)
	}
	if n, err := onestop.Sequence(t.Context(), p.Pool); n != 1 || err != nil {
		t.Errorf("%d events, %v", n, err)
	}
}

func TestSubmitSaysAllThatIsMissing(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	draft, err := p.Desk.StartDraft(t.Context(), lan,
		desk.StartIn{Procedure: "1.001193", Agency: p.Commune.ID, Lang: i18n.Vi})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Desk.Submit(t.Context(), lan, draft.ID)
	faults := fault.All(err)
	if len(faults) < 5 {
		t.Fatalf("%d faults: %v", len(faults), err)
	}
	for _, f := range faults {
		if f.Field == "" {
			t.Errorf("%v has no place on a page", f)
		}
	}
}

func TestStartRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	provincial, err := agency.List(t.Context(), p.Pool, agency.Filter{Kind: agency.Department,
		On: workday.DateOf(p.Clock.Now())})
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]desk.StartIn{
		"no agency":            {Procedure: "1.001193"},
		"another kind":         {Procedure: "1.001193", Agency: provincial[0].ID},
		"a case that is not":   {Procedure: "1.001193", Agency: p.Commune.ID, Case: "x"},
		"no such procedure":    {Procedure: "9.999999", Agency: p.Commune.ID},
		"a malformed identity": {Procedure: "1.001193", Agency: "x"},
	} {
		if _, err := p.Desk.StartDraft(t.Context(), lan, in); len(fault.All(err)) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnotherPartysIsNotFound(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan, minh := p.Citizen(t, 1), p.Citizen(t, 2)
	id := p.Copies(t, lan, 1)
	view, err := p.Desk.Draft(t.Context(), lan, id)
	if err != nil {
		t.Fatal(err)
	}
	code := p.Submitted(t, lan)
	file := view.Attachments[0].ID
	for name, try := range map[string]func() error{
		"draft":  func() error { _, err := p.Desk.Draft(t.Context(), minh, id); return err },
		"submit": func() error { _, err := p.Desk.Submit(t.Context(), minh, id); return err },
		"save": func() error {
			_, err := p.Desk.SaveStep(t.Context(), minh, id, desk.SaveIn{Operation: "x"})
			return err
		},
		"draft file": func() error { _, err := p.Desk.DraftFile(t.Context(), minh, id, file); return err },
		"remove":     func() error { return p.Desk.RemoveAttachment(t.Context(), minh, id, file) },
		"discard":    func() error { return p.Desk.DiscardDraft(t.Context(), minh, id) },
		"dossier":    func() error { _, err := p.Desk.Dossier(t.Context(), minh, code); return err },
		"file": func() error {
			_, err := p.Desk.DossierFile(t.Context(), minh, code, file)
			return err
		},
		"withdraw": func() error { return p.Desk.RequestWithdrawal(t.Context(), minh, code, "x") },
		"track":    func() error { _, err := p.Desk.Track(t.Context(), string(code), "9999"); return err },
	} {
		if err := try(); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.Desk.Track(t.Context(), string(code), "0001"); err != nil {
		t.Error(err)
	}
}

func TestColleaguesShareTheCompanysDossiers(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ha, bao, lan := p.Employee(t, 1, "0100233488"), p.Employee(t, 2, "0100233488"), p.Citizen(t, 3)
	if ha.Party != bao.Party || ha.Person == bao.Person {
		t.Fatalf("%+v %+v", ha, bao)
	}
	code := p.Submitted(t, ha)
	view, err := p.Desk.Dossier(t.Context(), bao, code)
	if err != nil {
		t.Fatal(err)
	}
	if !view.First.OnBehalf || view.First.Owner.Number != "0100233488" ||
		view.First.Person.Number != "037190000001" {
		t.Errorf("%+v", view.First)
	}
	if _, err := p.Desk.Dossier(t.Context(), lan, code); !errors.Is(err, dossier.ErrNotFound) {
		t.Error(err)
	}
	if may, err := identity.MayAct(t.Context(), p.Pool, p.Vault, lan.Person, ha.Party,
		p.Clock.Now()); err != nil ||
		may {
		t.Error(may, err)
	}
}

func TestAStaleFieldIsShownAndNothingIsOverwritten(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	id := p.Copies(t, lan, 1)
	view, err := p.Desk.Draft(t.Context(), lan, id)
	if err != nil {
		t.Fatal(err)
	}
	base := map[string]int{"sk.noi": view.Fields["sk.noi"].Revision, "muc_dich": 0}
	first := desk.SaveIn{Operation: "a", Bases: base,
		Answers: eform.Answers{"sk.noi": {Text: "UBND xã Ninh Hải"}}}
	second := desk.SaveIn{Operation: "b", Bases: base,
		Answers: eform.Answers{"sk.noi": {Text: "UBND xã Ninh An"}, "muc_dich": {Text: "Nhập học"}}}
	if conflicts, err := p.Desk.SaveStep(t.Context(), lan, id, first); len(conflicts) != 0 || err != nil {
		t.Fatal(conflicts, err)
	}
	conflicts, err := p.Desk.SaveStep(t.Context(), lan, id, second)
	if err != nil || len(conflicts) != 1 || conflicts[0].Theirs.Text != "UBND xã Ninh Hải" ||
		conflicts[0].Mine.Text != "UBND xã Ninh An" {
		t.Fatalf("%+v %v", conflicts, err)
	}
	view, err = p.Desk.Draft(t.Context(), lan, id)
	if err != nil {
		t.Fatal(err)
	}
	if view.Answers["sk.noi"].Text != "UBND xã Ninh Hải" || view.Answers["muc_dich"].Text != "Nhập học" {
		t.Errorf("%+v", view.Answers)
	}
}

func TestSubmittingWhatWasThrownAway(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	id := p.Copies(t, lan, 1)
	if err := p.Desk.DiscardDraft(t.Context(), lan, id); err != nil {
		t.Fatal(err)
	}
	if s, err := p.Desk.Submit(t.Context(), lan, id); !errors.Is(err, dossier.ErrNotFound) || s.Code != "" {
		t.Errorf("%+v %v", s, err)
	}
	whole(t, p, id)
}
