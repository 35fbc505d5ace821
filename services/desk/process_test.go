package desk_test

import (
	"testing"

	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
)

func processingAndNotes(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code := p.Submitted(t, lan)
	_, err := p.Desk.Process(t.Context(), p.Office(t, t.Name()+"/1"), code, onestop.Process{})
	refused(t, "process what was not received", err, dossier.ErrMove)
	code = processing(t, p, lan)
	answer, err := p.Desk.Note(t.Context(), p.Office(t, t.Name()+"/2"), code,
		onestop.Note{Note: "Đang tra sổ gốc năm 1990"})
	if d := call(t, answer, err); d.Status != "processing" {
		t.Errorf("%+v", d)
	}
	v := view(t, p, lan, code)
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindReceived, dossier.KindProcessing,
		dossier.KindNote)
	if v.History[3].Note != "Đang tra sổ gốc năm 1990" {
		t.Errorf("%+v", v.History[3])
	}
	if all := told(t, p, lan); all[len(all)-1] != dossier.NoticeProcessing {
		t.Errorf("notices %v", all)
	}
	var clear int
	do(t,
		p.Pool.QueryRow(t.Context(),
			`select count(*) from dossier_history where note_sealed like '%tra s%'::bytea`).Scan(&clear))
	if clear != 0 {
		t.Error("a note lies in clear")
	}
}
