package desk_test

import (
	"bytes"
	"testing"
	"time"

	"congdvc/services/attachment"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/onestop"
	"congdvc/services/workday"
)

// askName asks for the name of a business.
func askName(t testing.TB, p *desktest.Province, key string, code dossier.Code) ([]byte, error) {
	return p.Desk.AskSupplement(t.Context(), p.Office(t, key), code, onestop.Supplement{
		Fields: []string{"hkd.ten"}, Reasons: map[string]string{"hkd.ten": "Tên trùng với hộ đã đăng ký"},
		Deadline: workday.DateOf(p.Clock.Now()).AddDays(10),
	})
}

// TestASupplementPausesTheClock follows a dossier of three working days from Monday 23/11, before a holiday,
// that waits for its owner from Wednesday to Thursday.
func TestASupplementPausesTheClock(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan, ctx := p.Citizen(t, 1), t.Context()
	s, err := p.Desk.Submit(ctx, lan, p.Business(t, lan))
	do(t, err)
	_, err = p.Desk.Acknowledge(ctx, p.Office(t, "ack"), s.Code, onestop.Acknowledge{OfficeCode: "MC-1"})
	do(t, err)
	answer, err := p.Desk.Receive(ctx, p.Office(t, "receive"), s.Code, onestop.Receive{})
	if d := call(t, answer, err); !d.DueAt.Time().Equal(day(t, "2026-11-27").At(17 * 60)) {
		t.Fatalf("due %v", d.DueAt)
	}
	_, err = p.Desk.Process(ctx, p.Office(t, "process"), s.Code, onestop.Process{})
	do(t, err)
	first, err := p.Desk.RevisionFor(ctx, p.Office(t, ""), s.Code, 1)
	do(t, err)

	p.Clock.Advance(48 * time.Hour)
	asked := p.Clock.Now()
	answer, err = askName(t, p, "ask", s.Code)
	if d := call(t, answer, err); d.Status != "supplement" || d.NationalStatus != 5 ||
		!d.PausedAt.Time().Equal(asked) {
		t.Errorf("%+v", d)
	}
	_, err = askName(t, p, "ask twice", s.Code)
	refused(t, "ask while asking", err, dossier.ErrMove)
	v := view(t, p, lan, s.Code)
	same(t, "slips", slipsOf(v), dossier.SlipReceived, dossier.SlipSupplement)
	if v.Supplement == nil || v.Reasons["hkd.ten"] != "Tên trùng với hộ đã đăng ký" {
		t.Errorf("%+v %v", v.Supplement, v.Reasons)
	}
	draft, err := p.Desk.AnswerSupplement(ctx, lan, s.Code)
	do(t, err)
	_, err = p.Desk.Submit(ctx, lan, draft)
	refused(t, "a supplement that changes nothing", err, desk.ErrUnchanged)
	p.Save(t, lan, draft, eform.Answers{"hkd.ten": {Text: "Tạp hóa Lan Anh"}})
	p.Clock.Advance(26 * time.Hour)
	for range 2 {
		again, err := p.Desk.Submit(ctx, lan, draft)
		if err != nil || again.Code != s.Code {
			t.Fatalf("%+v %v", again, err)
		}
	}

	v = view(t, p, lan, s.Code)
	if h := v.Dossier; h.Status != dossier.Processing || h.PausedAt != nil ||
		!h.DueAt.Equal(day(t, "2026-11-30").At(17*60)) || h.Sync != dossier.Waiting {
		t.Errorf("%s, paused %v, due %v, sync %s", h.Status, h.PausedAt, h.DueAt.In(workday.Zone), h.Sync)
	}
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindAcknowledged, dossier.KindReceived,
		dossier.KindProcessing, dossier.KindSupplementAsked, dossier.KindSupplemented)
	moved, ok := v.History[len(v.History)-1].DueChange()
	if !ok || workday.DateOf(moved.Before) != day(t, "2026-11-27") || workday.DateOf(moved.After) != day(t,
		"2026-11-30") || !moved.PausedAt.Equal(asked.Truncate(time.Second)) {
		t.Errorf("the history tells %+v of the due date", moved)
	}
	second, err := p.Desk.RevisionFor(ctx, p.Office(t, ""), s.Code, 2)
	do(t, err)
	kept, err := p.Desk.RevisionFor(ctx, p.Office(t, ""), s.Code, 1)
	do(t, err)
	if bytes.Equal(first, second) || !bytes.Equal(first, kept) || v.Revision.Number != 2 ||
		v.Revision.Answers["hkd.ten"].Text != "Tạp hóa Lan Anh" {
		t.Errorf("revision %+v", v.Revision)
	}
	events := feed(t, p, s.Code)
	same(t, "feed", types(events), dossier.EventSubmitted, dossier.EventSupplemented)
	if one, two := events[0].Data, events[1].Data; two.Revision != 2 || two.SHA256 == one.SHA256 {
		t.Errorf("%+v", two)
	}
	same(t, "notices", told(t, p, lan), dossier.NoticeSubmitted, dossier.NoticeReceived,
		dossier.NoticeProcessing, dossier.NoticeSupplement)
}

// TestSupplements has what needs no time to pass, in one province.
func TestSupplements(t *testing.T) {
	t.Parallel()
	together(t, map[string]func(*testing.T, *desktest.Province){
		"only what was asked may change":     onlyAsked,
		"what the dossier has not":           unknownIDs,
		"files, twice, before reception":     filesTwice,
		"withdrawing":                        withdrawing,
		"withdrawing is refused":             withdrawingRefused,
		"withdrawing during a supplement":    withdrawingSupplement,
		"withdrawing and answering together": withdrawingRace,
	})
}

func onlyAsked(t *testing.T, p *desktest.Province) {
	lan, minh, ctx := person(t, p), person(t, p), t.Context()
	s, err := p.Desk.Submit(ctx, lan, p.Business(t, lan))
	do(t, err)
	_, err = p.Desk.AnswerSupplement(ctx, lan, s.Code)
	refused(t, "answer what was not asked", err, desk.ErrNotAsked)
	_, err = askName(t, p, t.Name(), s.Code)
	do(t, err)
	_, err = p.Desk.AnswerSupplement(ctx, minh, s.Code)
	refused(t, "answer another's", err, dossier.ErrNotFound)
	id, err := p.Desk.AnswerSupplement(ctx, lan, s.Code)
	do(t, err)
	draft, err := p.Desk.Draft(ctx, lan, id)
	do(t, err)
	if len(draft.Faults) != 0 || draft.Answers["hkd.von"].Text != "50000000" || draft.DossierCode != s.Code ||
		draft.Draft.Revision != 2 {
		t.Errorf("faults %v, %+v", draft.Faults, draft.Draft)
	}
	save := desk.SaveIn{Operation: "x", Answers: eform.Answers{"hkd.ten": {Text: "A"},
		"hkd.von": {Text: "9"}},
		Bases: map[string]int{"hkd.ten": draft.Fields["hkd.ten"].Revision,
			"hkd.von": draft.Fields["hkd.von"].Revision}}
	_, err = p.Desk.SaveStep(ctx, lan, id, save)
	refused(t, "change another field", err, dossier.ErrNotAsked)
	_, err = p.Desk.AddAttachment(ctx, lan, id, "giay_to_khac",
		attachment.Incoming{Name: "a.png", Reader: bytes.NewReader(desktest.Photo(t))})
	refused(t, "give another paper", err, desk.ErrNotAllowed)
	refused(t, "discard", p.Desk.DiscardDraft(ctx, lan, id), desk.ErrNotAllowed)
	refused(t, "go elsewhere", p.Desk.SetPlace(ctx, lan, id, desk.PlaceIn{Agency: p.Commune.ID}),
		dossier.ErrFrozen)
	after, err := p.Desk.Draft(ctx, lan, id)
	do(t, err)
	if after.Answers["hkd.ten"].Text != "Tạp hóa Lan" || after.Answers["hkd.von"].Text != "50000000" {
		t.Errorf("%+v", after.Answers)
	}
}

func unknownIDs(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code := p.Submitted(t, lan)
	for name, in := range map[string]onestop.Supplement{
		"no such field":       {Fields: []string{"sk.noi", "x"}},
		"no such requirement": {Requirements: []string{"x"}},
		"a paper only shown":  {Requirements: []string{"giay_to_tuy_than"}},
		"another case's":      {Requirements: []string{"van_ban_uy_quyen"}},
	} {
		in.Deadline = day(t, "2026-12-01")
		_, err := p.Desk.AskSupplement(t.Context(), p.Office(t, t.Name()+name), code, in)
		refused(t, name, err, desk.ErrUnknownField)
	}
	// All of them are told at once, with a day that is too far off.
	_, err := p.Desk.AskSupplement(t.Context(), p.Office(t, t.Name()+"all"), code, onestop.Supplement{
		Fields: []string{"x", "sk.noi", "y"}, Requirements: []string{"z", "w"},
		Deadline: day(t, "2027-01-23")})
	var members []string
	for _, f := range fault.All(err) {
		members = append(members, f.Field)
	}
	same(t, "faults", members, "fields.0", "fields.2", "requirements.0", "requirements.1", "deadline")
	v := view(t, p, lan, code)
	if v.Dossier.Status != dossier.Submitted || len(v.History) != 1 || len(v.Slips) != 0 {
		t.Errorf("%+v", v.Dossier)
	}
}

func filesTwice(t *testing.T, p *desktest.Province) {
	lan, ctx := person(t, p), t.Context()
	code := p.Submitted(t, lan)
	for round := 2; round <= 3; round++ {
		_, err := p.Desk.AskSupplement(ctx, p.Office(t, t.Name()+string(rune('0'+round))), code,
			onestop.Supplement{
				Requirements: []string{"tai_lieu_lien_quan"}, Deadline: day(t, "2026-12-01")})
		do(t, err)
		id, err := p.Desk.AnswerSupplement(ctx, lan, code)
		do(t, err)
		paper := append(desktest.Photo(t), byte(round)) // other bytes each time
		_, err = p.Desk.AddAttachment(ctx, lan, id, "tai_lieu_lien_quan",
			attachment.Incoming{Name: "bổ sung.png", Reader: bytes.NewReader(paper)})
		do(t, err)
		_, err = p.Desk.Submit(ctx, lan, id)
		do(t, err)
		v := view(t, p, lan, code)
		if v.Revision.Number != round || len(v.Revision.Files) != round ||
			v.Dossier.Status != dossier.Submitted || v.Dossier.DueAt != nil {
			t.Fatalf("round %d: revision %d with %d files, %s", round, v.Revision.Number,
				len(v.Revision.Files), v.Dossier.Status)
		}
		if v.Revision.Files[0] != v.First.Files[0] {
			t.Errorf("the first file became %+v", v.Revision.Files[0])
		}
		f, err := p.Desk.DossierFile(ctx, lan, code, v.Revision.Files[round-1].ID)
		do(t, err)
		do(t, f.Reader.Close())
	}
}
