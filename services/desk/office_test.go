package desk_test

import (
	"bytes"
	"io"
	"sync"
	"testing"
	"time"

	"congdvc/services/agency"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/sheet"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// TestOffice has what one-stop systems do without waiting for anything, in one province.
func TestOffice(t *testing.T) {
	t.Parallel()
	together(t, map[string]func(*testing.T, *desktest.Province){
		"acknowledging moves the sync alone": acknowledging,
		"refusing":                           refusing,
		"processing and notes":               processingAndNotes,
		"a call is carried out once":         callsOnce,
		"what was seen before":               ifMatch,
		"another connection finds nothing":   anotherConnection,
		"every reading is recorded":          readings,
		"paying at the counter":              payingAtTheCounter,
	})
}

func acknowledging(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code := p.Submitted(t, lan)
	answer, err := p.Desk.Acknowledge(t.Context(), p.Office(t, t.Name()+"/1"), code, onestop.Acknowledge{OfficeCode: "MC-7"})
	d := call(t, answer, err)
	if d.Sync != "acknowledged" || d.Status != "submitted" || d.OfficeCode != "MC-7" || d.ReceivedAt != nil {
		t.Errorf("%+v", d)
	}
	_, err = p.Desk.Acknowledge(t.Context(), p.Office(t, t.Name()+"/2"), code, onestop.Acknowledge{OfficeCode: "MC-8"})
	do(t, err)
	v := view(t, p, lan, code)
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindAcknowledged)
	same(t, "notices", told(t, p, lan), dossier.NoticeSubmitted)
	if *v.Dossier.OfficeCode != "MC-8" {
		t.Errorf("the office's code is %s", *v.Dossier.OfficeCode)
	}
}

// TestReceivingSetsTheDueDate: Monday 23/11/2026 is followed by a holiday that is decided but not yet in the Labour Code.
func TestReceivingSetsTheDueDate(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	monday, wednesday := day(t, "2026-11-23"), day(t, "2026-11-25")
	for _, c := range []struct {
		name     string
		business bool
		at       time.Time
		due      time.Time
	}{
		{"same day", false, monday.At(9 * 60), monday.At(17 * 60)},
		{"at the cut-off", false, monday.At(15 * 60), monday.At(17 * 60)},
		{"after the cut-off", false, monday.At(15*60 + 1), wednesday.At(17 * 60)},
		{"three working days", true, monday.At(15*60 + 2), day(t, "2026-11-27").At(17 * 60)},
		{"after hours", true, monday.At(19 * 60), day(t, "2026-11-30").At(17 * 60)},
	} {
		id := dossier.DraftID("")
		if c.business {
			id = p.Business(t, lan)
		} else {
			id = p.Copies(t, lan, 1)
		}
		s, err := p.Desk.Submit(t.Context(), lan, id)
		do(t, err)
		p.Clock.Advance(c.at.Sub(p.Clock.Now()))
		answer, err := p.Desk.Receive(t.Context(), p.Office(t, c.name), s.Code, onestop.Receive{Note: "Hồ sơ đủ"})
		d := call(t, answer, err)
		if d.Status != "received" || !d.ReceivedAt.Equal(c.at) || !d.DueAt.Equal(c.due) {
			t.Errorf("%s: %s, received %v, due %v, want %v", c.name, d.Status, d.ReceivedAt, d.DueAt.In(workday.Zone), c.due)
		}
		v := view(t, p, lan, s.Code)
		same(t, c.name+": history", kinds(v), dossier.KindSubmitted, dossier.KindReceived)
		same(t, c.name+": slips", slipsOf(v), dossier.SlipReceived)
		_, slip, err := sheet.OpenSlip(t.Context(), p.Pool, p.Vault, string(v.Dossier.ID), v.Slips[0].ID)
		do(t, err)
		if !slip.DueAt.Equal(c.due) || slip.Officer.Name != "Đỗ Văn Hùng" || slip.Owner.Name != "Nguyễn Thị Lan" || slip.Code != string(s.Code) {
			t.Errorf("%s: slip %+v", c.name, slip)
		}
		if last := v.History[1]; last.Note != "Hồ sơ đủ" || last.Actor.Unit != "UBND phường Hoa Lư" || v.Dossier.DueSheet == nil {
			t.Errorf("%s: %+v", c.name, last)
		}
	}
	same(t, "notices", told(t, p, lan)[:2], dossier.NoticeSubmitted, dossier.NoticeReceived)
}

func TestReceivingAsOfAnEarlierInstant(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	for name, c := range map[string]struct{ said, want time.Duration }{
		"earlier today":     {-10 * time.Minute, -10 * time.Minute},
		"before submission": {-2 * time.Hour, 0},
		"ahead":             {time.Hour, 0},
	} {
		code := p.Submitted(t, lan)
		p.Clock.Advance(time.Hour)
		said, want := p.Clock.Now().Add(c.said), p.Clock.Now().Add(c.want)
		answer, err := p.Desk.Receive(t.Context(), p.Office(t, name), code, onestop.Receive{ReceivedAt: &said})
		if d := call(t, answer, err); !d.ReceivedAt.Equal(want) {
			t.Errorf("%s: received at %v, want %v", name, d.ReceivedAt, want)
		}
	}
}

func refusing(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code, other := p.Submitted(t, lan), p.Submitted(t, lan)
	business, err := p.Desk.Submit(t.Context(), lan, p.Business(t, lan))
	do(t, err)
	answer, err := p.Desk.Refuse(t.Context(), p.Office(t, t.Name()+"/1"), code, onestop.Refuse{Reason: "Không thuộc thẩm quyền"})
	if d := call(t, answer, err); d.Status != "refused" || d.NationalStatus != 3 || d.Payment != "none" {
		t.Errorf("%+v", d)
	}
	v := view(t, p, lan, code)
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindRefused)
	same(t, "slips", slipsOf(v), dossier.SlipRefused)
	if v.History[1].Note != "Không thuộc thẩm quyền" {
		t.Errorf("%+v", v.History[1])
	}
	_, err = p.Desk.PaidAtCounter(t.Context(), p.Office(t, t.Name()+"/2"), code, onestop.CounterPayment{Amount: 8000})
	refused(t, "a fee of what was refused", err, desk.ErrNothingOwed)
	answer, err = p.Desk.Refuse(t.Context(), p.Office(t, t.Name()+"/3"), business.Code, onestop.Refuse{Reason: "Trùng tên"})
	if d := call(t, answer, err); d.Payment != "counter_due" {
		t.Errorf("a charge that is owed in any case is %s", d.Payment)
	}
	_, err = p.Desk.Receive(t.Context(), p.Office(t, t.Name()+"/4"), code, onestop.Receive{})
	refused(t, "receive what was refused", err, dossier.ErrMove)
	_, err = p.Desk.Receive(t.Context(), p.Office(t, t.Name()+"/5"), other, onestop.Receive{})
	do(t, err)
	_, err = p.Desk.Refuse(t.Context(), p.Office(t, t.Name()+"/6"), other, onestop.Refuse{Reason: "x"})
	refused(t, "refuse what was received", err, dossier.ErrMove)
}

func processingAndNotes(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code := p.Submitted(t, lan)
	_, err := p.Desk.Process(t.Context(), p.Office(t, t.Name()+"/1"), code, onestop.Process{})
	refused(t, "process what was not received", err, dossier.ErrMove)
	code = processing(t, p, lan)
	answer, err := p.Desk.Note(t.Context(), p.Office(t, t.Name()+"/2"), code, onestop.Note{Note: "Đang tra sổ gốc năm 1990"})
	if d := call(t, answer, err); d.Status != "processing" {
		t.Errorf("%+v", d)
	}
	v := view(t, p, lan, code)
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindReceived, dossier.KindProcessing, dossier.KindNote)
	if v.History[3].Note != "Đang tra sổ gốc năm 1990" {
		t.Errorf("%+v", v.History[3])
	}
	if all := told(t, p, lan); all[len(all)-1] != dossier.NoticeProcessing {
		t.Errorf("notices %v", all)
	}
	var clear int
	do(t, p.Pool.QueryRow(t.Context(), `select count(*) from dossier_history where note_sealed like '%tra s%'::bytea`).Scan(&clear))
	if clear != 0 {
		t.Error("a note lies in clear")
	}
}

func callsOnce(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code, other := p.Submitted(t, lan), p.Submitted(t, lan)
	office := p.Office(t, t.Name()+"/one key")
	answers := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			var err error
			if answers[i], err = p.Desk.Note(t.Context(), office, code, onestop.Note{Note: "một lần"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	_, err := p.Desk.Process(t.Context(), p.Office(t, t.Name()+"/fails"), code, onestop.Process{})
	refused(t, "a call that fails", err, dossier.ErrMove)
	_, err = p.Desk.Receive(t.Context(), p.Office(t, t.Name()+"/between"), code, onestop.Receive{})
	do(t, err)
	late, err := p.Desk.Note(t.Context(), office, code, onestop.Note{Note: "một lần"})
	do(t, err)
	for _, a := range append(answers, late) {
		if !bytes.Equal(a, answers[0]) || len(a) == 0 {
			t.Errorf("the answer %s is not %s", a, answers[0])
		}
	}
	same(t, "history", kinds(view(t, p, lan, code)), dossier.KindSubmitted, dossier.KindNote, dossier.KindReceived)
	// What failed was not kept: the same key works once it is possible.
	_, err = p.Desk.Process(t.Context(), p.Office(t, t.Name()+"/fails"), code, onestop.Process{})
	do(t, err)
	reused := office
	reused.Call.Request = []byte("another request")
	_, err = p.Desk.Note(t.Context(), reused, other, onestop.Note{Note: "khác"})
	refused(t, "a key for another request", err, onestop.ErrCallReused)
	if n := len(view(t, p, lan, other).History); n != 1 {
		t.Errorf("%d events of the other dossier", n)
	}
}

func ifMatch(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code := p.Submitted(t, lan)
	header, err := p.Desk.DossierFor(t.Context(), p.Office(t, ""), code)
	do(t, err)
	seen := header.RowVersion
	office := p.Office(t, t.Name()+"/1")
	office.IfMatch = &seen
	answer, err := p.Desk.Note(t.Context(), office, code, onestop.Note{Note: "một"})
	if d := call(t, answer, err); d.RowVersion <= seen {
		t.Errorf("row version %d after %d", d.RowVersion, seen)
	}
	office = p.Office(t, t.Name()+"/2")
	office.IfMatch = &seen
	_, err = p.Desk.Note(t.Context(), office, code, onestop.Note{Note: "hai"})
	refused(t, "what changed since", err, desk.ErrStale)
	if n := len(view(t, p, lan, code).History); n != 2 {
		t.Errorf("%d events", n)
	}
}

// anotherConnection: what a connection's agencies do not receive or decide does not exist for it.
func anotherConnection(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code := p.Submitted(t, lan)
	file := view(t, p, lan, code).First.Files[0].ID
	departments, err := agency.List(t.Context(), p.Pool, agency.Filter{Kind: agency.Department, On: workday.DateOf(p.Clock.Now())})
	do(t, err)
	var other onestop.Connection
	do(t, pgx.BeginFunc(t.Context(), p.Pool, func(tx pgx.Tx) error {
		c, _, err := onestop.CreateConnection(t.Context(), tx, p.Vault, onestop.NewConnection{Code: "so", Name: "Sở", Now: p.Clock.Now()})
		other = *c
		return err
	}))
	foreign := func(key string) desk.Office {
		o := p.Office(t, t.Name()+"/"+key)
		o.Connection, o.Agencies, o.Call.Connection = other.ID, []agency.ID{departments[0].ID}, other.ID
		return o
	}
	for name, try := range map[string]func(o desk.Office) error{
		"header":   func(o desk.Office) error { _, err := p.Desk.DossierFor(t.Context(), o, code); return err },
		"revision": func(o desk.Office) error { _, err := p.Desk.RevisionFor(t.Context(), o, code, 1); return err },
		"file":     func(o desk.Office) error { _, err := p.Desk.FileFor(t.Context(), o, code, 1, file); return err },
		"receive": func(o desk.Office) error {
			_, err := p.Desk.Receive(t.Context(), o, code, onestop.Receive{})
			return err
		},
		"note": func(o desk.Office) error {
			_, err := p.Desk.Note(t.Context(), o, code, onestop.Note{Note: "x"})
			return err
		},
		"withdraw": func(o desk.Office) error {
			_, err := p.Desk.AnswerWithdrawal(t.Context(), o, code, true, "")
			return err
		},
		"paid": func(o desk.Office) error {
			_, err := p.Desk.PaidAtCounter(t.Context(), o, code, onestop.CounterPayment{Amount: 8000})
			return err
		},
		"result": func(o desk.Office) error {
			_, err := p.Desk.DeliverResult(t.Context(), o, code, desk.ResultIn{FileName: "a.pdf", File: bytes.NewReader(nil)})
			return err
		},
		"supplement": func(o desk.Office) error {
			_, err := p.Desk.AskSupplement(t.Context(), o, code, onestop.Supplement{})
			return err
		},
	} {
		refused(t, name, try(foreign(name)), dossier.ErrNotFound)
	}
	v := view(t, p, lan, code)
	read, err := dossier.Accesses(t.Context(), p.Pool, v.Dossier.ID)
	do(t, err)
	if len(read) != 0 || len(v.History) != 1 {
		t.Errorf("%d readings, %d events", len(read), len(v.History))
	}
}

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
	read, err := dossier.Accesses(t.Context(), p.Pool, v.Dossier.ID)
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

func payingAtTheCounter(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code := p.Submitted(t, lan)
	pay := func(key string, in onestop.CounterPayment) ([]byte, error) {
		return p.Desk.PaidAtCounter(t.Context(), p.Office(t, t.Name()+"/"+key), code, in)
	}
	for _, wrong := range []int64{7999, 8001, 16000} {
		_, err := pay("wrong", onestop.CounterPayment{Amount: wrong, ReceiptNumber: "BL 1"})
		if err == nil {
			t.Errorf("%d đồng were taken for 8,000", wrong)
		}
	}
	answer, err := pay("1", onestop.CounterPayment{Amount: 8000, ReceiptNumber: "BL 1"})
	if d := call(t, answer, err); d.Payment != "paid" || d.Status != "submitted" {
		t.Errorf("%+v", d)
	}
	again, err := pay("1", onestop.CounterPayment{Amount: 8000, ReceiptNumber: "BL 1"})
	if err != nil || !bytes.Equal(again, answer) {
		t.Errorf("%s %v", again, err)
	}
	_, err = pay("2", onestop.CounterPayment{Amount: 8000, ReceiptNumber: "BL 1"})
	refused(t, "the same payment as another call", err, desk.ErrNothingOwed)

	v := view(t, p, lan, code)
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindFeePaid)
	if len(v.Receipts) != 1 || v.Receipts[0].Amount != 8000 || v.Receipts[0].Payer != "Nguyễn Thị Lan" {
		t.Fatalf("receipts %+v", v.Receipts)
	}
	events := feed(t, p, code)
	same(t, "feed", types(events), dossier.EventSubmitted, dossier.EventFeePaid)
	if fee := events[1].Data.Fee; fee == nil || fee.Amount != 8000 || fee.Receipt != v.Receipts[0].Number {
		t.Errorf("fee %+v", fee)
	}
	same(t, "notices", told(t, p, lan), dossier.NoticeSubmitted, dossier.NoticePaymentReceived)
}
