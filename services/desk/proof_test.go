package desk_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/attachment"
	"congdvc/services/binding"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/filestore"
	"congdvc/services/onestop"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// placeOf is where a stored file lies.
func placeOf(p *desktest.Province, file string) string {
	return filepath.Join(p.Folder, file[len(file)-2:], file)
}

// fileOf is the one file of a draft.
func fileOf(t *testing.T, p *desktest.Province, who identity.Who, id dossier.DraftID) attachment.Attachment {
	t.Helper()
	v, err := p.Desk.Draft(t.Context(), who, id)
	do(t, err)
	if len(v.Attachments) != 1 {
		t.Fatalf("attachments %+v", v.Attachments)
	}
	return v.Attachments[0]
}

// lostAt fails the test unless the only fault is the lost file, at its requirement and with its name.
func lostAt(t *testing.T, err error, a attachment.Attachment) {
	t.Helper()
	all := fault.All(err)
	if len(all) != 1 || !errors.Is(all[0], attachment.ErrLost) || all[0].Args["File"] != a.Name ||
		all[0].Field != desk.RequirementField(a.Requirement) {
		t.Errorf("told %v", err)
	}
}

// TestAMissingFileIsNotHandedIn: whatever became of its bytes, a file that is not whole in the store keeps
// its draft from being handed in. The draft stays as it was, and is handed in once the file is given again.
func TestAMissingFileIsNotHandedIn(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := person(t, p)
	for name, spoil := range map[string]func(path string) error{
		"gone": os.Remove,
		"cut off": func(path string) error {
			info, err := os.Stat(path)
			return errors.Join(err, os.Truncate(path, info.Size()-1))
		},
		"empty":   func(path string) error { return os.Truncate(path, 0) },
		"garbage": func(path string) error { return os.WriteFile(path, []byte("not a sealed file"), 0o600) },
	} {
		id := p.Copies(t, lan, 1)
		a := fileOf(t, p, lan, id)
		do(t, spoil(placeOf(p, a.File)))
		s, err := p.Desk.Submit(t.Context(), lan, id)
		lostAt(t, err, a)
		v, err := p.Desk.Draft(t.Context(), lan, id)
		if err != nil || s.Code != "" || v.Draft.State != dossier.Editing || len(v.Fields) == 0 ||
			len(v.Attachments) != 1 {
			t.Fatalf("%s: %+v, %v", name, v, err)
		}
		// Given again it is the same attachment, and there.
		again, err := p.Desk.AddAttachment(t.Context(), lan, id, a.Requirement,
			attachment.Incoming{Name: a.Name, Reader: bytes.NewReader(desktest.Photo(t))})
		if err != nil || again.ID != a.ID {
			t.Fatalf("%s: given again %+v, %v", name, again, err)
		}
		if s, err = p.Desk.Submit(t.Context(), lan, id); err != nil || s.Code == "" {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

// TestAnUnmountedStoreIsNotALostFile: nobody is asked to give a file again that is only away.
func TestAnUnmountedStoreIsNotALostFile(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := person(t, p)
	id := p.Copies(t, lan, 1)
	do(t, os.Rename(p.Folder, p.Folder+"-away"))
	do(t, os.Mkdir(p.Folder, 0o700))
	_, err := p.Desk.Submit(t.Context(), lan, id)
	if !errors.Is(err, filestore.ErrAway) || errors.Is(err, attachment.ErrLost) {
		t.Errorf("submit: %v", err)
	}
	_, err = p.Desk.AddAttachment(t.Context(), lan, id, related,
		attachment.Incoming{Name: "b.png", Reader: bytes.NewReader(append(desktest.Photo(t), 1))})
	if !errors.Is(err, filestore.ErrAway) {
		t.Errorf("attach: %v", err)
	}
	if err := p.Desk.Installation().Check(t.Context()); !errors.Is(err, filestore.ErrNoMarker) {
		t.Errorf("check: %v", err)
	}
	if n := stored(t, p); n != 0 {
		t.Errorf("%d files in the mount point", n)
	}
	do(t, os.Remove(p.Folder))
	do(t, os.Rename(p.Folder+"-away", p.Folder))
	if s, err := p.Desk.Submit(t.Context(), lan, id); err != nil || s.Code == "" {
		t.Errorf("%+v, %v", s, err)
	}
}

// swapSQL changes the files of a draft between their proof and the transaction.
const (
	swapSQL = `
update attachment set file_id = $2, size = size + $3 where draft_id = $1
returning id::text`
	markSwapSQL = `update attachment set mark = $2 where id = $1`
)

// TestFilesSwappedAfterTheirProof: only the set that was proven is handed in. The proof is made anew for the
// set that is there, and fails for what the store has not.
func TestFilesSwappedAfterTheirProof(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), person(t, p)
	id := p.Copies(t, lan, 1)
	a := fileOf(t, p, lan, id)
	other, err := p.Files.Put(ctx, "0190a1b2-0000-7000-8000-00000000000a", bytes.NewReader(desktest.Photo(t)),
		a.Size)
	do(t, err)
	swap := func(id dossier.DraftID, file string, more int) func() {
		return func() {
			var swapped string
			var row []string
			do(t, p.Pool.QueryRow(ctx, swapSQL, id, file, more).Scan(&swapped))
			do(t, p.Pool.QueryRow(ctx, `select `+binding.Attachment.Values()+` from attachment where id = $1`,
				swapped).Scan(&row))
			_, err := p.Pool.Exec(ctx, markSwapSQL, swapped, binding.Attachment.Mark(p.Vault, row...))
			do(t, err)
		}
	}
	s, err := afterProof(t, p, lan, id, swap(id, other.ID, 0))
	if err != nil || s.Code == "" {
		t.Fatalf("another file that lies there: %+v, %v", s, err)
	}
	v := view(t, p, lan, s.Code)
	if len(v.First.Files) != 1 || v.First.Files[0].ID != other.ID {
		t.Errorf("handed in %+v", v.First.Files)
	}
	id = p.Copies(t, lan, 1)
	a = fileOf(t, p, lan, id)
	if s, err = afterProof(t, p, lan, id, swap(id, "0190a1b2-0000-7000-8000-00000000000b", 0)); err == nil {
		t.Errorf("a file that is not there: %+v", s)
	}
	lostAt(t, err, a)
	id = p.Copies(t, lan, 1)
	a = fileOf(t, p, lan, id)
	_, err = afterProof(t, p, lan, id, swap(id, a.File, 1))
	lostAt(t, err, a)
}

// afterProof submits a draft with something happening once, as the transaction after the proof begins.
func afterProof(t *testing.T, p *desktest.Province, who identity.Who, id dossier.DraftID,
	happens func()) (desk.Submission, error) {
	t.Helper()
	config := p.Pool.Config()
	config.ConnConfig.Tracer = &atBegin{once: sync.OnceFunc(happens)}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	do(t, err)
	defer pool.Close()
	c := p.Desk.Config
	c.Pool = pool
	d, err := desk.New(c)
	do(t, err)
	return d.Submit(t.Context(), who, id)
}

type atBegin struct{ once func() }

func (a *atBegin) TraceQueryStart(ctx context.Context, _ *pgx.Conn,
	q pgx.TraceQueryStartData) context.Context {
	if q.SQL == "begin" {
		a.once()
	}
	return ctx
}

func (*atBegin) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TestALostFileOfAnEarlierRevision: a supplement that did not ask for it asks now, since only the person has
// it.
func TestALostFileOfAnEarlierRevision(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), person(t, p)
	code := p.Submitted(t, lan)
	_, err := p.Desk.AskSupplement(ctx, p.Office(t, "ask"), code, onestop.Supplement{
		Fields: []string{"sk.noi"}, Reasons: map[string]string{"sk.noi": "Ghi rõ xã"},
		Deadline: workday.DateOf(p.Clock.Now()).AddDays(5)})
	do(t, err)
	id, err := p.Desk.AnswerSupplement(ctx, lan, code)
	do(t, err)
	p.Save(t, lan, id, eform.Answers{"sk.noi": {Text: "UBND xã Ninh Tiến"}})
	a := fileOf(t, p, lan, id)
	again := func() error {
		_, err := p.Desk.AddAttachment(ctx, lan, id, a.Requirement,
			attachment.Incoming{Name: a.Name, Reader: bytes.NewReader(desktest.Photo(t))})
		return err
	}
	refused(t, "what was not asked for", again(), desk.ErrNotAllowed)
	do(t, os.Remove(placeOf(p, a.File)))
	for range 2 {
		_, err = p.Desk.Submit(ctx, lan, id)
		lostAt(t, err, a)
	}
	v, err := p.Desk.Draft(ctx, lan, id)
	do(t, err)
	if asked := v.Draft.Asked; len(asked.Fields) != 1 || len(asked.Requirements) != 1 ||
		asked.Requirements[0] != a.Requirement || asked.Deadline.IsZero() {
		t.Errorf("asked for %+v", asked)
	}
	do(t, again())
	_, err = p.Desk.Submit(ctx, lan, id)
	do(t, err)
	if r := view(t, p, lan, code).Revision; r.Number != 2 || len(r.Files) != 1 || r.Files[0].ID != a.File {
		t.Errorf("revision %d with %+v", r.Number, r.Files)
	}
}

// TestALostFileOfWhatWasPaid: nothing is acknowledged while the file is away. Whoever runs the portal has a
// day to bring it back; then the money goes back, and the person can give the file again.
func TestALostFileOfWhatWasPaid(t *testing.T) {
	t.Parallel()
	for what, back := range map[string]bool{"brought back in time": true, "lost": false} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			b, ctx := w.frozen(t), t.Context()
			v, err := w.Desk.Draft(ctx, b.who, b.draft)
			do(t, err)
			path := placeOf(w.Province, v.Attachments[0].File)
			do(t, os.Rename(path, path+"-away"))
			ref := b.pay(t)
			if s := b.back(t); !s.FeeDue || s.Code != "" {
				t.Errorf("at the return: %+v", s)
			}
			b.webhook(t, ref)
			for range 3 {
				_, err = w.Desk.SubmitPaid(ctx, b.quote)
				refused(t, "the job", err, desk.ErrPaidLost)
			}
			if n := count(t, w.Province, `select count(*) from dossier`); n != 0 {
				t.Errorf("%d dossiers", n)
			}
			if s := b.standing(t); !s.Settled() || s.Refunded != 0 {
				t.Errorf("%+v", s)
			}
			if back {
				do(t, os.Rename(path+"-away", path))
				b.work(t)
				if f := b.filed(t).First.Files; len(f) != 1 {
					t.Errorf("files %+v", f)
				}
				return
			}
			w.Clock.Advance(25 * time.Hour)
			b.work(t)
			if s := b.standing(t); s.State != payments.Refunded || s.Refunded != 16000 {
				t.Errorf("%+v", s)
			}
			b.editing(t)
			_, err = w.Desk.Submit(ctx, b.who, b.draft)
			lostAt(t, err, v.Attachments[0])
		})
	}
}

// TestAResultDeliveredAgainIsThere: the answer to a repeated delivery acknowledges the file of the first.
func TestAResultDeliveredAgainIsThere(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	code, _, file, see := delivered(t, p)
	id := see().Results[0].File
	do(t, os.Remove(placeOf(p, id)))
	_, err := p.Desk.DeliverResult(t.Context(), p.Office(t, t.Name()), code, resultIn(t, "kq.pdf", file))
	if size, lost := p.Files.Size(t.Context(), id); err != nil || lost != nil || size != int64(len(file)) {
		t.Errorf("delivered again: %v; the file has %d bytes, %v", err, size, lost)
	}
}
