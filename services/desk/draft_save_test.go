package desk_test

import (
	"testing"

	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
)

// TestASaveThatIsSentAgain is carried out once: what was written meanwhile stays.
func TestASaveThatIsSentAgain(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), p.Citizen(t, 1)
	id := p.Copies(t, lan, 1)
	read := func() dossier.Field {
		t.Helper()
		v, err := p.Desk.Draft(ctx, lan, id)
		do(t, err)
		return v.Fields["sk.noi"]
	}
	in := desk.SaveIn{Operation: "01936f2e-7d0a-7000-8000-00000000000a",
		Answers: eform.Answers{"sk.noi": {Text: "UBND xã Ninh An"}},
		Bases:   map[string]int{"sk.noi": read().Revision}}
	first, err := p.Desk.SaveOnce(ctx, lan, id, in)
	if err != nil || first.Repeated || !first.Fresh || len(first.Conflicts) != 0 {
		t.Fatalf("%+v %v", first, err)
	}
	p.Save(t, lan, id, eform.Answers{"sk.noi": {Text: "UBND xã Ninh Vân"}})
	again, err := p.Desk.SaveOnce(ctx, lan, id, in)
	if err != nil || !again.Repeated || again.Revisions["sk.noi"] != first.Revisions["sk.noi"] {
		t.Errorf("%+v %v, want as before: %+v", again, err, first)
	}
	if f := read(); f.Value.Text != "UBND xã Ninh Vân" {
		t.Errorf("the field says %q", f.Value.Text)
	}
	in.Answers = eform.Answers{"sk.noi": {Text: "UBND xã Ninh Hải"}}
	_, err = p.Desk.SaveOnce(ctx, lan, id, in)
	refused(t, "other answers under the same id", err, dossier.ErrOperation)
	in.Operation = "01936f2e-7d0a-7000-8000-00000000000b"
	stale, err := p.Desk.SaveOnce(ctx, lan, id, in)
	if err != nil || len(stale.Conflicts) != 1 || stale.Conflicts[0].Theirs.Text != "UBND xã Ninh Vân" {
		t.Errorf("%+v %v", stale, err)
	}
}
