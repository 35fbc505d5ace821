package desk_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"time"

	"congdvc/identity"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/result"

	"github.com/jackc/pgx/v5"
)

// related is the requirement of 2.000635 for which an earlier copy of a record may be given.
const related = "tai_lieu_lien_quan"

// holding is a person who holds an e-result of 2.000635: the dossier, the result and its file.
func holding(t testing.TB, p *desktest.Province, who identity.Who) (dossier.Code, onestop.Result, []byte) {
	t.Helper()
	code, file := processing(t, p, who), signed(t, paper(t, t.Name()))
	answer, err := p.Desk.DeliverResult(t.Context(), p.Office(t, "deliver "+string(code)), code,
		resultIn(t, "trích lục.pdf", file))
	do(t, err)
	var r onestop.Result
	do(t, json.Unmarshal(answer, &r))
	return code, r, file
}

// emptied is a draft that is complete but for its files, of which it has none.
func emptied(t testing.TB, p *desktest.Province, who identity.Who, copies int) dossier.DraftID {
	t.Helper()
	id := p.Copies(t, who, copies)
	v, err := p.Desk.Draft(t.Context(), who, id)
	do(t, err)
	do(t, p.Desk.RemoveAttachment(t.Context(), who, id, v.Attachments[0].ID))
	return id
}

// offered are the documents of one requirement of a draft.
func offered(t testing.TB, p *desktest.Province, who identity.Who, id dossier.DraftID) []desk.Document {
	t.Helper()
	v, err := p.Desk.Draft(t.Context(), who, id)
	do(t, err)
	all, err := p.Desk.Documents(t.Context(), v)
	do(t, err)
	return all[related]
}

// revoke takes a result back in a transaction of its own, unless between says not to commit yet.
func revoke(t testing.TB, p *desktest.Province, code string, between func(pgx.Tx)) {
	t.Helper()
	do(t, pgx.BeginFunc(t.Context(), p.Pool, func(tx pgx.Tx) error {
		r, err := result.ByCode(t.Context(), tx, p.Vault, code)
		if err != nil {
			return err
		}
		err = result.Revoke(t.Context(), tx, p.Vault, r, "Cấp sai thẩm quyền", p.Clock.Now())
		if between != nil {
			between(tx)
		}
		return err
	}))
}

// bytesOf reads a stored file whole.
func bytesOf(t testing.TB, f *desk.File, err error) []byte {
	t.Helper()
	do(t, err)
	b, err := io.ReadAll(f.Reader)
	do(t, err)
	do(t, f.Reader.Close())
	return b
}

// TestDocuments uses what the portal holds already, in one province.
func TestDocuments(t *testing.T) {
	t.Parallel()
	together(t, map[string]func(*testing.T, *desktest.Province){
		"a result is given again":             resultGiven,
		"a file is given again":               fileGiven,
		"a revoked result is told":            revokedResult,
		"a revocation waits for no one":       revokedWhileSubmitting,
		"a result that is not said to be one": kindsOfResults,
		"a number is filled in":               documentPrefill,
	})
}

func resultGiven(t *testing.T, p *desktest.Province) {
	lan, minh := person(t, p), person(t, p)
	code, r, file := holding(t, p, lan)
	if r.Kind != "KQ.G15.000342" {
		t.Errorf("the only kind of result is %q", r.Kind)
	}
	id, theirs := emptied(t, p, lan, 1), emptied(t, p, minh, 1)
	list := offered(t, p, lan, id)
	if len(list) != 2 || list[0].Source.Result == nil && list[1].Source.Result == nil {
		t.Fatalf("offered %+v", list)
	}
	for _, foreign := range offered(t, p, minh, theirs) {
		t.Errorf("another's document is offered: %+v", foreign)
	}
	_, err := p.Desk.UseDocument(t.Context(), minh, theirs, related, string(r.Code))
	refused(t, "another's result", err, desk.ErrNoDocument)
	_, err = p.Desk.UseDocument(t.Context(), minh, id, related, string(r.Code))
	refused(t, "another's draft", err, dossier.ErrNotFound)
	_, err = p.Desk.UseDocument(t.Context(), lan, id, "khong_co", string(r.Code))
	refused(t, "no requirement", err, desk.ErrNotAllowed)

	a, err := p.Desk.UseDocument(t.Context(), lan, id, related, string(r.Code))
	do(t, err)
	stored := count(t, p, `select count(*) from result where file_id = $1`, a.File)
	if s := a.Source; stored != 0 || s == nil || s.Dossier != code || s.Agency != p.Commune.Code ||
		s.Date != r.IssuedOn || s.Result.Number != r.Number ||
		s.Result.VerifyURL != "http://portal.test/xac-minh/"+string(r.Code) {
		t.Errorf("%+v %+v, %d results share the file", s, s.Result, stored)
	}
	again, err := p.Desk.UseDocument(t.Context(), lan, id, related, string(r.Code))
	refused(t, "twice", err, desk.ErrNoDocument)
	if again != nil || len(offered(t, p, lan, id)) != 1 {
		t.Error("what is attached is still offered")
	}
	s, err := p.Desk.Submit(t.Context(), lan, id)
	do(t, err)
	files := view(t, p, lan, s.Code).First.Files
	if len(files) != 1 || files[0].Source == nil || files[0].Source.Result.Code != string(r.Code) ||
		files[0].SHA256 != r.SHA256 {
		t.Fatalf("the revision has %+v", files)
	}
	sent, err := p.Desk.FileFor(t.Context(), p.Office(t, "read"), s.Code, 1, files[0].ID)
	if got := bytesOf(t, sent, err); !bytes.Equal(got, file) {
		t.Errorf("the officer reads %d bytes, want %d", len(got), len(file))
	}
	// A file that was an e-result is offered as the result, not as a file.
	for _, o := range offered(t, p, lan, emptied(t, p, lan, 1)) {
		if o.Key == files[0].ID {
			t.Errorf("offered as a file: %+v", o)
		}
	}
}

func fileGiven(t *testing.T, p *desktest.Province) {
	lan, minh := person(t, p), person(t, p)
	code := p.Submitted(t, lan)
	first := view(t, p, lan, code).First.Files[0]
	id := emptied(t, p, lan, 1)
	list := offered(t, p, lan, id)
	if len(list) != 1 || list[0].Key != first.ID || list[0].Source.Dossier != code ||
		list[0].Source.Result != nil {
		t.Fatalf("offered %+v", list)
	}
	_, err := p.Desk.UseDocument(t.Context(), minh, emptied(t, p, minh, 1), related, first.ID)
	refused(t, "another's file", err, desk.ErrNoDocument)
	a, err := p.Desk.UseDocument(t.Context(), lan, id, related, first.ID)
	do(t, err)
	if a.File == first.ID || a.SHA256 != first.SHA256 || a.Name != first.Name || a.Source.Dossier != code {
		t.Errorf("%+v %+v", a, a.Source)
	}
	s, err := p.Desk.Submit(t.Context(), lan, id)
	do(t, err)
	if f := view(t, p, lan, s.Code).First.Files[0]; f.Source == nil || f.Source.Dossier != code ||
		f.Source.AgencyName != p.Commune.Name {
		t.Errorf("%+v", f)
	}
	// The same bytes in two dossiers are one document: that of the newer.
	if list := offered(t, p, lan, emptied(t, p, lan, 1)); len(list) != 1 || list[0].Source.Dossier != s.Code {
		t.Errorf("offered %+v", list)
	}
}

func revokedResult(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	_, r, _ := holding(t, p, lan)
	id := emptied(t, p, lan, 1)
	a, err := p.Desk.UseDocument(t.Context(), lan, id, related, string(r.Code))
	do(t, err)
	revoke(t, p, string(r.Code), nil)
	_, err = p.Desk.Submit(t.Context(), lan, id)
	refused(t, "a revoked result", err, desk.ErrDocumentEnded)
	do(t, p.Desk.RemoveAttachment(t.Context(), lan, id, a.ID))
	for _, o := range offered(t, p, lan, id) {
		if o.Source.Result != nil {
			t.Errorf("a revoked result is offered: %+v", o)
		}
	}
	_, err = p.Desk.UseDocument(t.Context(), lan, id, related, string(r.Code))
	refused(t, "attached after it was revoked", err, desk.ErrNoDocument)
	_, err = p.Desk.Submit(t.Context(), lan, id)
	do(t, err)
}

// revokedWhileSubmitting revokes between the look at the draft and the submission's own transaction: what is
// committed first counts.
func revokedWhileSubmitting(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	_, r, _ := holding(t, p, lan)
	id := emptied(t, p, lan, 1)
	_, err := p.Desk.UseDocument(t.Context(), lan, id, related, string(r.Code))
	do(t, err)
	done := make(chan error, 1)
	const waiting = `select count(*) from pg_stat_activity where $1::int = any(pg_blocking_pids(pid))`
	revoke(t, p, string(r.Code), func(tx pgx.Tx) {
		go func() { _, err := p.Desk.Submit(t.Context(), lan, id); done <- err }()
		for count(t, p, waiting, int(tx.Conn().PgConn().PID())) == 0 {
			select {
			case err := <-done:
				t.Fatalf("the submission did not wait: %v", err)
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	refused(t, "revoked first", <-done, desk.ErrDocumentEnded)
}

func kindsOfResults(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code := processing(t, p, lan)
	in := resultIn(t, "a.pdf", signed(t, paper(t, "a")))
	in.Kind = "KQ.G15.000038"
	_, err := p.Desk.DeliverResult(t.Context(), p.Office(t, "foreign kind"), code, in)
	refused(t, "another procedure's result", err, onestop.ErrValue)
	if v := view(t, p, lan, code); len(v.Results) != 0 {
		t.Errorf("%+v", v.Results)
	}
}

// TestDocumentsOutliveEachOther: deleting a draft with all its files leaves what they were copied from, and
// the sweep takes the copies only.
func TestDocumentsOutliveEachOther(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	code, r, file := holding(t, p, lan)
	first := view(t, p, lan, code)
	before := stored(t, p)
	id := emptied(t, p, lan, 1)
	for _, key := range []string{string(r.Code), first.First.Files[0].ID} {
		_, err := p.Desk.UseDocument(t.Context(), lan, id, related, key)
		do(t, err)
	}
	do(t, p.Desk.DiscardDraft(t.Context(), lan, id))
	p.Clock.Advance(48 * time.Hour)
	do(t, p.Desk.Tidy(t.Context()))
	if now := stored(t, p); now != before {
		t.Errorf("%d files, %d before the draft", now, before)
	}
	f, err := desktest.OpenResult(t.Context(), p.Desk, lan, code, first.Results[0].ID)
	if got := bytesOf(t, f, err); !bytes.Equal(got, file) {
		t.Error("the result lost its bytes")
	}
	f, err = p.Desk.DossierFile(t.Context(), lan, code, first.First.Files[0].ID)
	bytesOf(t, f, err)
	// The other way round: the copy stays when what it was made of is gone.
	id = emptied(t, p, lan, 1)
	a, err := p.Desk.UseDocument(t.Context(), lan, id, related, first.First.Files[0].ID)
	do(t, err)
	do(t, p.Files.Delete(t.Context(), first.First.Files[0].ID))
	f, err = p.Desk.DraftFile(t.Context(), lan, id, a.ID)
	bytesOf(t, f, err)
	_, err = p.Desk.UseDocument(t.Context(), lan, emptied(t, p, lan, 1), related, first.First.Files[0].ID)
	refused(t, "a document without its bytes", err, desk.ErrNoDocument)
}
