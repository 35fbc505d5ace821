package desk_test

import (
	"testing"
	"time"

	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/onestop"
	"congdvc/services/sheet"
	"congdvc/services/workday"
)

// TestReceivingSetsTheDueDate: Monday 23/11/2026 is followed by a holiday that is decided but not yet in the
// Labour Code.
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
		answer, err := p.Desk.Receive(t.Context(), p.Office(t, c.name), s.Code,
			onestop.Receive{Note: "Hồ sơ đủ"})
		d := call(t, answer, err)
		if d.Status != "received" || !d.ReceivedAt.Time().Equal(c.at) ||
			!d.DueAt.Time().Equal(c.due) {
			t.Errorf("%s: %s, received %v, due %v, want %v", c.name, d.Status, d.ReceivedAt,
				d.DueAt.Time().In(workday.Zone), c.due)
		}
		v := view(t, p, lan, s.Code)
		same(t, c.name+": history", kinds(v), dossier.KindSubmitted, dossier.KindReceived)
		same(t, c.name+": slips", slipsOf(v), dossier.SlipReceived)
		_, slip, err := sheet.OpenSlip(t.Context(), p.Pool, p.Vault, v.Dossier.ID, v.Slips[0].ID)
		do(t, err)
		if !slip.DueAt.Equal(c.due) || slip.Officer.Name != "Đỗ Văn Hùng" ||
			slip.Owner.Name != "Nguyễn Thị Lan" || slip.Code != s.Code {
			t.Errorf("%s: slip %+v", c.name, slip)
		}
		if last := v.History[1]; last.Note != "Hồ sơ đủ" || last.Actor.Unit != "UBND phường Hoa Lư" ||
			v.Dossier.DueSheet == nil {
			t.Errorf("%s: %+v", c.name, last)
		}
	}
	same(t, "notices", told(t, p, lan)[:2], dossier.NoticeSubmitted, dossier.NoticeReceived)
}

func TestReceivingAsOfAnEarlierInstant(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	for name, c := range map[string]struct {
		said, want time.Duration // from now, an hour after the submission
		missed     string        // the bound, where it is refused
	}{
		"earlier today":                {-10 * time.Minute, -10 * time.Minute, ""},
		"just before the submission":   {-time.Hour - 5*time.Minute, -time.Hour, ""},
		"before the submission":        {-time.Hour - 301*time.Second, 0, "onestop.too_early"},
		"a century before":             {-876_000 * time.Hour, 0, "onestop.too_early"},
		"by a clock that is ahead":     {5 * time.Minute, 0, ""},
		"by a clock that is wrong":     {301 * time.Second, 0, "onestop.too_late"},
		"at the instant of submitting": {-time.Hour, -time.Hour, ""},
	} {
		code := p.Submitted(t, lan)
		p.Clock.Advance(time.Hour)
		said, want := onestop.At(p.Clock.Now().Add(c.said)), p.Clock.Now().Add(c.want)
		answer, err := p.Desk.Receive(t.Context(), p.Office(t, name), code,
			onestop.Receive{ReceivedAt: &said})
		if c.missed != "" {
			refused(t, name, err, onestop.ErrValue)
			if all := fault.All(err); len(all) != 1 || all[0].Field != "received_at" {
				t.Errorf("%s: %v", name, err)
			} else if key, _ := onestop.Bound(all[0]); key != c.missed {
				t.Errorf("%s: %s", name, key)
			}
			continue
		}
		if d := call(t, answer, err); !d.ReceivedAt.Time().Equal(want) {
			t.Errorf("%s: received at %v, want %v", name, d.ReceivedAt, want)
		}
	}
}

// TestReceivedAfterASupplement: what was completed later was not received before.
func TestReceivedAfterASupplement(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	code := p.Submitted(t, lan)
	first := onestop.At(p.Clock.Now().Add(time.Minute))
	p.Clock.Advance(time.Hour)
	_, err := p.Desk.AskSupplement(t.Context(), p.Office(t, "ask"), code, onestop.Supplement{
		Fields: []string{"sk.so"}, Reasons: map[string]string{"sk.so": "Thiếu"},
		Deadline: day(t, "2026-12-01")})
	do(t, err)
	draft, err := p.Desk.AnswerSupplement(t.Context(), lan, code)
	do(t, err)
	p.Save(t, lan, draft, eform.Answers{"sk.so": {Text: "12"}})
	p.Clock.Advance(time.Hour)
	_, err = p.Desk.Submit(t.Context(), lan, draft)
	do(t, err)
	_, err = p.Desk.Receive(t.Context(), p.Office(t, "too early"), code, onestop.Receive{ReceivedAt: &first})
	refused(t, "received before it was complete", err, onestop.ErrValue)
	_, err = p.Desk.Receive(t.Context(), p.Office(t, "now"), code, onestop.Receive{})
	do(t, err)
}
