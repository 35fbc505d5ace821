package desk_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"congdvc/services/attachment"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/postgres"
	"congdvc/services/result"
)

// taken is a file of a result that was read.
func taken(t testing.TB, p *desktest.Province, file []byte) *attachment.Received {
	t.Helper()
	received, err := p.Desk.TakeResultFile(t.Context(), "kq.pdf", bytes.NewReader(file))
	do(t, err)
	return received
}

// keptFile has a file wait for the result of a dossier.
func keptFile(t testing.TB, p *desktest.Province, code dossier.Code, file []byte) onestop.ResultFile {
	t.Helper()
	answer, err := p.Desk.KeepResultFile(t.Context(), p.Office(t, postgres.NewID()), code, taken(t, p, file))
	do(t, err)
	var kept onestop.ResultFile
	do(t, json.Unmarshal(answer, &kept))
	return kept
}

// ofFile is a result that names a kept file.
func ofFile(t testing.TB, file string, content []byte) onestop.DeliverStoredResult {
	t.Helper()
	sum := sha256.Sum256(content)
	return onestop.DeliverStoredResult{File: file, Number: "12/2026/TLKS", Name: "Trích lục khai sinh",
		IssuedOn: day(t, "2026-11-23"), SHA256: hex.EncodeToString(sum[:])}
}

// TestAResultOfAFileSentBefore has a province of its own: it counts the stored files.
func TestAResultOfAFileSentBefore(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), p.Citizen(t, 1)
	code, other := processing(t, p, lan), processing(t, p, lan)
	good := signed(t, paper(t, "Trich luc"))
	before := stored(t, p)
	_, err := p.Desk.KeepResultFile(ctx, p.Office(t, "unsigned"), code, taken(t, p, paper(t, "x")))
	refused(t, "nobody signed", err, desk.ErrUnsigned)
	_, err = p.Desk.KeepResultFile(ctx, p.Office(t, "nobody's"), "H42-261123-9999", taken(t, p, good))
	refused(t, "of no dossier", err, dossier.ErrNotFound)
	if now := stored(t, p); now != before {
		t.Errorf("%d files, %d before", now, before)
	}

	o := p.Office(t, "keep")
	first, err := p.Desk.KeepResultFile(ctx, o, code, taken(t, p, good))
	do(t, err)
	again, err := p.Desk.KeepResultFile(ctx, o, code, taken(t, p, good))
	if err != nil || !bytes.Equal(first, again) || stored(t, p) != before+1 {
		t.Errorf("repeated: %s %v, first %s; %d files", again, err, first, stored(t, p)-before)
	}
	var kept onestop.ResultFile
	do(t, json.Unmarshal(first, &kept))
	for name, c := range map[string]struct {
		code dossier.Code
		in   onestop.DeliverStoredResult
	}{
		"of another dossier": {other, ofFile(t, kept.ID, good)},
		"of other bytes":     {code, ofFile(t, kept.ID, []byte("x"))},
		"of no file":         {code, ofFile(t, postgres.NewID(), good)},
	} {
		_, err := p.Desk.DeliverStoredResult(ctx, p.Office(t, name), c.code, c.in)
		refused(t, name, err, result.ErrFile)
	}

	deliver := p.Office(t, "deliver")
	answer, err := p.Desk.DeliverStoredResult(ctx, deliver, code, ofFile(t, kept.ID, good))
	do(t, err)
	repeated, err := p.Desk.DeliverStoredResult(ctx, deliver, code, ofFile(t, kept.ID, good))
	if err != nil || !bytes.Equal(answer, repeated) {
		t.Errorf("repeated: %s %v, first %s", repeated, err, answer)
	}
	seen, err := p.Desk.Dossier(ctx, lan, code)
	do(t, err)
	if seen.Dossier.Status != dossier.Completed || len(seen.Results) != 1 ||
		seen.Results[0].File != kept.ID || seen.Results[0].SHA256 != kept.SHA256 || stored(t, p) != before+1 {
		t.Errorf("%s, results %+v, %d files", seen.Dossier.Status, seen.Results, stored(t, p)-before)
	}
	_, err = p.Desk.KeepResultFile(ctx, p.Office(t, "late"), code, taken(t, p, good))
	refused(t, "when the dossier has ended", err, dossier.ErrMove)
}

// TestFilesOfResultsEnd: a file that no result names ends by its age, and no sooner.
func TestFilesOfResultsEnd(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx := t.Context()
	code := processing(t, p, p.Citizen(t, 1))
	good := signed(t, paper(t, "Trich luc"))
	kept := keptFile(t, p, code, good)
	const years = 3 * 365 * 24 * time.Hour
	aside := func() int {
		t.Helper()
		stray(t, p, kept.ID, years)
		do(t, p.Desk.Tidy(ctx))
		found, err := p.Desk.SetAside(ctx)
		do(t, err)
		return found.Files
	}
	p.Clock.Advance(result.WaitsFor - time.Minute)
	if n := aside(); n != 0 {
		t.Errorf("%d files ended too soon", n)
	}
	if p.Clock.Advance(time.Minute); onestop.At(p.Clock.Now()).String() != kept.Until.String() {
		t.Errorf("it is %s, told was %s", p.Clock.Now(), kept.Until)
	}
	_, err := p.Desk.DeliverStoredResult(ctx, p.Office(t, "late"), code, ofFile(t, kept.ID, good))
	refused(t, "after its time", err, result.ErrFile)
	if n := aside(); n != 1 {
		t.Errorf("%d files ended, want 1", n)
	}
}

// TestFilesOfResultsAreBounded: so many wait for one dossier.
func TestFilesOfResultsAreBounded(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	code := processing(t, p, p.Citizen(t, 1))
	good := signed(t, paper(t, "Trich luc"))
	for range result.MostWaiting {
		keptFile(t, p, code, good)
	}
	before := stored(t, p)
	_, err := p.Desk.KeepResultFile(t.Context(), p.Office(t, "more"), code, taken(t, p, good))
	refused(t, "one too many", err, result.ErrFilesWaiting)
	if now := stored(t, p); now != before {
		t.Errorf("%d files, %d before", now, before)
	}
}

// TestAFormerSystemDeliversNothing: its repeated call is answered as before, at each door, and any other is
// refused.
func TestAFormerSystemDeliversNothing(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, old := t.Context(), p.Connection
	code, open := processing(t, p, p.Citizen(t, 1)), processing(t, p, p.Citizen(t, 2))
	good := signed(t, paper(t, "Trich luc"))
	for _, c := range []dossier.Code{code, open} {
		acknowledge(t, p, old, c, "OLD "+string(c))
	}
	kept, waiting := keptFile(t, p, code, good), keptFile(t, p, open, good)
	doors := map[string]func(o desk.Office, code dossier.Code, file string) ([]byte, error){
		"the file beside": func(o desk.Office, code dossier.Code, _ string) ([]byte, error) {
			in := resultIn(t, "kq.pdf", nil)
			return p.Desk.DeliverResult(ctx, o, code, desk.ResultIn{DeliverResult: in.DeliverResult,
				Taken: taken(t, p, good)})
		},
		"the file before": func(o desk.Office, code dossier.Code, file string) ([]byte, error) {
			return p.Desk.DeliverStoredResult(ctx, o, code, ofFile(t, file, good))
		},
		"a file": func(o desk.Office, code dossier.Code, _ string) ([]byte, error) {
			return p.Desk.KeepResultFile(ctx, o, code, taken(t, p, good))
		},
	}
	answers := map[string][]byte{}
	for _, name := range []string{"a file", "the file before"} {
		answer, err := doors[name](officeOf(t, p, old, name), code, kept.ID)
		do(t, err)
		answers[name] = answer
	}
	next := newSystem(t, p, "rieng")
	move(t, p, next, p.Commune)
	for name, door := range doors {
		before := stored(t, p)
		_, err := door(officeOf(t, p, old, "late "+name), open, waiting.ID)
		refused(t, fmt.Sprintf("%s, by the former system", name), err, onestop.ErrMoved)
		if answers[name] == nil {
			continue
		}
		again, err := door(officeOf(t, p, old, name), code, kept.ID)
		if err != nil || !bytes.Equal(again, answers[name]) || stored(t, p) != before {
			t.Errorf("%s, repeated: %s %v, %d files more", name, again, err, stored(t, p)-before)
		}
	}
}
