package dossier

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/eform"
)

// full is a revision that has everything.
func full() *Revision {
	paid := noon.Add(-time.Minute)
	return &Revision{
		Dossier: code(7), Number: 2, Procedure: ProcedureRef{Code: "1.001193", Version: 3, VersionID: "v",
			FormHash: "ab"},
		Case: "thuong", Lang: "vi", OnBehalf: true,
		Owner: Party{Kind: identity.Organisation, Name: "Công ty <A&B>", Number: "0100109106"},
		Person: Party{Kind: identity.Person, Name: "Trần Văn Bình", Number: "037090001234",
			Profile: identity.Profile{Phone: "0912345678"}},
		ReceivingAgency: agencyCode, DecidingAgency: "H42.12",
		Answers: eform.Answers{
			"ten": text("An"), "chon": {Many: []string{"b", "a"}},
			"bang": {Rows: []map[string]string{{"b": "2", "a": "1"}}},
		},
		Files: []RevisionFile{{ID: "f1", Requirement: "giay_chung_sinh", Name: "ảnh.jpg",
			MediaType: "image/jpeg", Size: 3, SHA256: "cd"}},
		Fee: &Fee{Lines: []FeeLine{{Code: "le_phi", Name: "Lệ phí", Kind: "le_phi", Unit: 8000, Quantity: 2,
			Amount: 16000, Basis: "281/2016/TT-BTC", Refundable: true}}, Total: 16000, PaidAt: &paid,
			Receipt: "BL-1"},
		SubmittedAt: noon.In(time.FixedZone("", 7*3600)).Add(123456789),
	}
}

// fullBytes is written out: what was hashed once is hashed for ever, so these bytes never change.
const fullBytes = `{"dossier":"H42.37.14329-261123-0007","number":2,` +
	`"procedure":{"code":"1.001193","version":3,"version_id":"v","form_hash":"ab"},"case":"thuong","lang":"vi",` +
	`"owner":{"kind":"organisation","name":"Công ty <A&B>","number":"0100109106","profile":{}},` +
	`"person":{"kind":"person","name":"Trần Văn Bình","number":"037090001234","profile":{"phone":"0912345678"}},` +
	`"on_behalf":true,"receiving_agency":"H42.37.14329","deciding_agency":"H42.12",` +
	`"answers":{"bang":[{"a":"1","b":"2"}],"chon":["b","a"],"ten":"An"},` +
	`"files":[{"id":"f1","requirement":"giay_chung_sinh","name":"ảnh.jpg","media_type":"image/jpeg","size":3,"sha256":"cd"}],` +
	`"fee":{"lines":[{"code":"le_phi","name":"Lệ phí","kind":"le_phi","unit":8000,"quantity":2,"amount":16000,` +
	`"basis":"281/2016/TT-BTC","refundable":true}],"total":16000,"paid_at":"2026-11-23T04:59:00Z","receipt":"BL-1"},` +
	`"submitted_at":"2026-11-23T05:00:00.123456Z"}`

func TestRevisionBytes(t *testing.T) {
	t.Parallel()
	got, err := full().Bytes()
	if err != nil || string(got) != fullBytes {
		t.Fatalf("%v\n%s\nwant\n%s", err, got, fullBytes)
	}
	back, err := ParseRevision(got)
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.Bytes()
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("read and written again:\n%s", again)
	}
	empty, err := (&Revision{SubmittedAt: noon}).Bytes()
	if err != nil || !bytes.Contains(empty, []byte(`"answers":{},"files":[],"submitted_at"`)) {
		t.Errorf("an empty revision: %s, %v", empty, err)
	}
	if f, err := back.File("f1"); err != nil || f.Name != "ảnh.jpg" {
		t.Errorf("%v, %v", f, err)
	}
	if _, err := back.File("f2"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a file that it has not: %v", err)
	}
}

func FuzzRevision(f *testing.F) {
	f.Add([]byte(fullBytes))
	f.Add(
		[]byte(
			`{"answers":{"x":["a"],"y":[{"a":""}],"z":""},"files":null,"submitted_at":"2026-11-23T05:00:00+07:00"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := ParseRevision(body)
		if err != nil {
			return
		}
		once, err := r.Bytes()
		if err != nil {
			return // a year beyond 9999
		}
		back, err := ParseRevision(once)
		if err != nil {
			t.Fatalf("own bytes are refused: %v\n%s", err, once)
		}
		twice, err := back.Bytes()
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("not stable: %v\n%s\n%s", err, once, twice)
		}
	})
}

func TestRevisionIsKeptAsHashed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	d := w.submit(w.party(), noon)
	want, err := w.revision(d.Code, 1).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for name, agencies := range map[string][]agency.ID{"receiving": {w.receiving},
		"deciding": {w.deciding, w.receiving}} {
		got, err := RevisionBytes(ctx, w.db, w.v, d.Code, 1, agencies)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("to the %s agency: %s, %v", name, got, err)
		}
	}
	sum := sha256.Sum256(want)
	infos, err := Revisions(ctx, w.db, d.ID)
	if err != nil || len(infos) != 1 || infos[0].SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("%+v, %v", infos, err)
	}
	own, err := OwnRevision(ctx, w.db, w.v, d.ID, 1)
	if err != nil || !reflect.DeepEqual(own.Answers, w.revision(d.Code, 1).Answers) {
		t.Errorf("%+v, %v", own, err)
	}
	for name, err := range map[string]error{
		"no agency":     second(RevisionBytes(ctx, w.db, w.v, d.Code, 1, nil)),
		"other agency":  second(RevisionBytes(ctx, w.db, w.v, d.Code, 1, []agency.ID{agency.ID(w.version)})),
		"other number":  second(RevisionBytes(ctx, w.db, w.v, d.Code, 2, []agency.ID{w.receiving})),
		"other code":    second(RevisionBytes(ctx, w.db, w.v, code(99), 1, []agency.ID{w.receiving})),
		"own, number 0": second(OwnRevision(ctx, w.db, w.v, d.ID, 0)),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
	var sealed []byte
	if err := w.db.QueryRow(ctx, `select body from dossier_revision`).Scan(&sealed); err != nil ||
		bytes.Contains(sealed, []byte("037090001234")) {
		t.Errorf("the body lies in clear, or %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestRevisionsAreNumberedWithoutGaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.submit(w.party(), noon)
	for _, number := range []int{1, 3, 0} {
		err := w.try(func(tx pgx.Tx) error {
			_, err := InsertRevision(t.Context(), tx, w.v, NewRevision{
				Dossier: d.ID, Owner: d.Owner, Number: number, Body: []byte("{}"), Person: d.Owner, At: noon,
			})
			return err
		})
		if !errors.Is(err, ErrLocked) {
			t.Errorf("number %d after 1: %v, want ErrLocked", number, err)
		}
	}
}
