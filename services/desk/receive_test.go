package desk_test

import (
	"testing"
	"time"

	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
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
		if d.Status != "received" || !d.ReceivedAt.Equal(c.at) || !d.DueAt.Equal(c.due) {
			t.Errorf("%s: %s, received %v, due %v, want %v", c.name, d.Status, d.ReceivedAt,
				d.DueAt.In(workday.Zone), c.due)
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
	for name, c := range map[string]struct{ said, want time.Duration }{
		"earlier today":     {-10 * time.Minute, -10 * time.Minute},
		"before submission": {-2 * time.Hour, 0},
		"ahead":             {time.Hour, 0},
	} {
		code := p.Submitted(t, lan)
		p.Clock.Advance(time.Hour)
		said, want := p.Clock.Now().Add(c.said), p.Clock.Now().Add(c.want)
		answer, err := p.Desk.Receive(t.Context(), p.Office(t, name), code,
			onestop.Receive{ReceivedAt: &said})
		if d := call(t, answer, err); !d.ReceivedAt.Equal(want) {
			t.Errorf("%s: received at %v, want %v", name, d.ReceivedAt, want)
		}
	}
}
