package desk_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"io"
	"io/fs"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"congdvc/identity"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/filestore"
	"congdvc/services/onestop"
	"congdvc/services/result"

	"github.com/digitorus/pdf"
	"github.com/digitorus/pdfsign/sign"
	"github.com/jackc/pgx/v5"
	"github.com/jung-kurt/gofpdf"
)

// paper is a PDF of one page with a text, unsigned.
func paper(t testing.TB, text string) []byte {
	t.Helper()
	doc := gofpdf.New("P", "mm", "A4", "")
	doc.AddPage()
	doc.SetFont("Times", "", 14)
	doc.Cell(40, 10, text)
	var out bytes.Buffer
	do(t, doc.Output(&out))
	return out.Bytes()
}

// signed adds the signature of an officer whom nobody knows to a PDF.
func signed(t testing.TB, file []byte) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	do(t, err)
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(7),
		Subject: pkix.Name{CommonName: "Nguyễn Văn Ánh"}, NotBefore: now.AddDate(-1, 0, 0),
		NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	do(t, err)
	certificate, err := x509.ParseCertificate(der)
	do(t, err)
	in, err := pdf.NewReader(bytes.NewReader(file), int64(len(file)))
	do(t, err)
	var out bytes.Buffer
	do(t, sign.Sign(bytes.NewReader(file), &out, in, int64(len(file)), sign.SignData{
		Signature: sign.SignDataSignature{CertType: sign.ApprovalSignature,
			Info: sign.SignDataSignatureInfo{Name: "N", Date: now}},
		Signer: key, DigestAlgorithm: crypto.SHA256, Certificate: certificate,
	}))
	return out.Bytes()
}

func resultIn(t testing.TB, name string, file []byte) desk.ResultIn {
	t.Helper()
	return desk.ResultIn{FileName: name, File: bytes.NewReader(file), DeliverResult: onestop.DeliverResult{
		Number: "12/2026/TLKS", Name: "Trích lục khai sinh", IssuedOn: day(t, "2026-11-23")}}
}

// TestResults delivers results in one province.
func TestResults(t *testing.T) {
	t.Parallel()
	together(t, map[string]func(*testing.T, *desktest.Province){
		"a signed result completes the dossier": signedResult,
		"the first opening returns it":          resultOpenedOnce,
		"a code is reserved before":             reservedCode,
		"one result completes it, not two":      deliveredTwice,
		"a replaced result names the newer one": supersededResult,
	})
}

// TestARefusedResultLeavesNoFile has a province of its own: it counts the stored files.
func TestARefusedResultLeavesNoFile(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	early, code := p.Submitted(t, lan), processing(t, p, lan)
	before := stored(t, p)
	unsigned, good := paper(t, "Trich luc"), signed(t, paper(t, "Trich luc"))
	changed := bytes.Clone(good)
	changed[bytes.Index(changed, []byte("%PDF-"))+200] ^= 1
	for name, c := range map[string]struct {
		code dossier.Code
		file []byte
		want error
	}{
		"unsigned":           {code, unsigned, desk.ErrUnsigned},
		"changed afterwards": {code, changed, desk.ErrUnsigned},
		"added to":           {code, append(bytes.Clone(good), "\n% more\n"...), desk.ErrUnsigned},
		"too early":          {early, good, dossier.ErrMove},
		"nobody's":           {"H42-261123-9999", good, dossier.ErrNotFound},
	} {
		_, err := p.Desk.DeliverResult(t.Context(), p.Office(t, name), c.code, resultIn(t, "kq.pdf", c.file))
		refused(t, name, err, c.want)
		if now := stored(t, p); now != before {
			t.Errorf("%s: %d files, %d before", name, now, before)
		}
	}
	if _, err := p.Desk.DeliverResult(t.Context(), p.Office(t, "picture"), code,
		resultIn(t, "kq.pdf", desktest.Photo(t))); err == nil {
		t.Error("a picture was taken for a result")
	}
	answer, err := p.Desk.DeliverResult(t.Context(), p.Office(t, "good"), code, resultIn(t, "kq.pdf", good))
	do(t, err)
	again, err := p.Desk.DeliverResult(t.Context(), p.Office(t, "good"), code, resultIn(t, "kq.pdf", good))
	if err != nil || !bytes.Equal(answer, again) {
		t.Errorf("%s %v", again, err)
	}
	if now := stored(t, p); now != before+1 {
		t.Errorf("%d files, want %d", now, before+1)
	}
}

// stored counts the files that the province keeps.
func stored(t testing.TB, p *desktest.Province) (n int) {
	t.Helper()
	do(t, filepath.WalkDir(p.Folder, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && e.Name() == "aside" {
			return fs.SkipDir
		}
		if err == nil && !e.IsDir() && e.Name() != filestore.MarkerName {
			n++
		}
		return err
	}))
	return n
}

// delivered is a dossier whose result was delivered.
func delivered(t testing.TB,
	p *desktest.Province) (code dossier.Code, r onestop.Result, file []byte, see func() *desk.DossierView) {
	t.Helper()
	lan := person(t, p)
	code, file = processing(t, p, lan), signed(t, paper(t, t.Name()))
	answer, err := p.Desk.DeliverResult(t.Context(), p.Office(t, t.Name()), code,
		resultIn(t, "Lan - trích lục.pdf", file))
	do(t, err)
	do(t, json.Unmarshal(answer, &r))
	return code, r, file, func() *desk.DossierView { t.Helper(); return view(t, p, lan, code) }
}

func signedResult(t *testing.T, p *desktest.Province) {
	_, r, _, see := delivered(t, p)
	v := see()
	if h := v.Dossier; h.Status != dossier.Completed || h.Delivery != dossier.Ready ||
		!h.CompletedAt.Equal(p.Clock.Now()) {
		t.Errorf("%s, %s, completed %v", h.Status, h.Delivery, h.CompletedAt)
	}
	if len(v.Results) != 1 || string(v.Results[0].Code) != string(r.Code) ||
		v.Results[0].FileName != "Lan - trích lục.pdf" || !r.Signed {
		t.Errorf("%+v %+v", v.Results, r)
	}
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindReceived, dossier.KindProcessing,
		dossier.KindCompleted)

	typed := strings.ToLower(strings.ReplaceAll(string(r.Code), "-", " "))
	seen, err := p.Desk.VerifyResult(t.Context(), typed)
	do(t, err)
	if seen.Result.FileName != "" || seen.Result.State != result.Issued ||
		seen.Agency.Vi != p.Commune.Name.Vi || seen.Signer != nil {
		t.Errorf("%+v signed by %+v", seen.Result, seen.Signer)
	}
	shown, err := json.Marshal(seen)
	do(t, err)
	for _, secret := range []string{"Nguyễn Thị Lan", "Lan - ", v.First.Owner.Number} {
		if bytes.Contains(shown, []byte(secret)) {
			t.Errorf("anybody sees %q", secret)
		}
	}
	_, err = p.Desk.VerifyResult(t.Context(), string(result.NewCode()))
	refused(t, "another code", err, result.ErrNotFound)
}

func resultOpenedOnce(t *testing.T, p *desktest.Province) {
	code, _, file, see := delivered(t, p)
	v := see()
	lan, minh := identity.Who{Person: v.Dossier.SubmittedBy, Party: v.Dossier.Owner}, person(t, p)
	id := v.Results[0].ID
	_, err := desktest.OpenResult(t.Context(), p.Desk, minh, code, id)
	refused(t, "another's result", err, dossier.ErrNotFound)
	_, err = desktest.OpenResult(t.Context(), p.Desk, lan, code, "x")
	refused(t, "no result", err, result.ErrNotFound)
	var events, version int64
	for round := range 3 {
		f, err := desktest.OpenResult(t.Context(), p.Desk, lan, code, id)
		do(t, err)
		got, err := io.ReadAll(f.Reader)
		do(t, err)
		do(t, f.Reader.Close())
		if !bytes.Equal(got, file) || f.Name != "Lan - trích lục.pdf" {
			t.Errorf("%s of %d bytes, want %d", f.Name, len(got), len(file))
		}
		v := see()
		if v.Dossier.Status != dossier.Returned || v.Dossier.Delivery != dossier.Opened {
			t.Errorf("%s, %s", v.Dossier.Status, v.Dossier.Delivery)
		}
		if n := int64(len(feed(t, p, code))); round > 0 && (n != events || v.Dossier.RowVersion != version) {
			t.Errorf("opening again made %d events of %d, row version %d of %d", n, events,
				v.Dossier.RowVersion, version)
		} else {
			events, version = n, v.Dossier.RowVersion
		}
	}
	same(t, "feed", types(feed(t, p, code)), dossier.EventSubmitted, dossier.EventResultOpened)
	if all := told(t, p, lan); all[len(all)-1] != dossier.NoticeCompleted {
		t.Errorf("notices %v", all)
	}
}

// reserve reserves a code for a result of a dossier.
func reserve(t testing.TB, p *desktest.Province, key string,
	code dossier.Code) (r onestop.ResultCode, err error) {
	t.Helper()
	answer, err := p.Desk.ReserveResultCode(t.Context(), p.Office(t, key), code, onestop.ReserveResultCode{})
	if err == nil {
		do(t, json.Unmarshal(answer, &r))
	}
	return r, err
}

func reservedCode(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code, other := processing(t, p, lan), processing(t, p, lan)
	_, err := reserve(t, p, "nobody's", "H42-261123-9999")
	refused(t, "nobody's dossier", err, dossier.ErrNotFound)
	mine, err := reserve(t, p, "mine", code)
	do(t, err)
	if want := "http://portal.test/xac-minh/" + string(mine.Code); mine.VerifyURL != want {
		t.Errorf("verified at %s, want %s", mine.VerifyURL, want)
	}
	if again, err := reserve(t, p, "mine", code); err != nil || again != mine {
		t.Errorf("repeated: %+v, %v", again, err)
	}
	foreign, err := reserve(t, p, "foreign", other)
	do(t, err)
	_, err = p.Desk.VerifyResult(t.Context(), string(mine.Code))
	refused(t, "verified before it is delivered", err, result.ErrNotFound)

	deliver := func(key, with string) ([]byte, error) {
		in := resultIn(t, "kq.pdf", signed(t, paper(t, with)))
		reserved := result.Code(with)
		in.Code = &reserved
		return p.Desk.DeliverResult(t.Context(), p.Office(t, key), code, in)
	}
	_, err = deliver("foreign code", string(foreign.Code))
	refused(t, "another dossier's code", err, result.ErrCode)
	if v := view(t, p, lan, code); v.Dossier.Status != dossier.Processing || len(v.Results) != 0 {
		t.Errorf("refused, and yet %s with %d results", v.Dossier.Status, len(v.Results))
	}
	answer, err := deliver("good", string(mine.Code))
	do(t, err)
	var r onestop.Result
	do(t, json.Unmarshal(answer, &r))
	seen, err := p.Desk.VerifyResult(t.Context(), string(mine.Code))
	do(t, err)
	if r.Code != mine.Code || seen.Result.SHA256 != r.SHA256 {
		t.Errorf("delivered %+v, verified %+v", r, seen.Result)
	}
	_, err = reserve(t, p, "late", code)
	refused(t, "after the end", err, dossier.ErrMove)
}

func deliveredTwice(t *testing.T, p *desktest.Province) {
	code, r, file, see := delivered(t, p)
	version := see().Dossier.RowVersion
	for name, file := range map[string][]byte{"the same": file, "another": signed(t, paper(t,
		"Trich luc khac"))} {
		_, err := p.Desk.DeliverResult(t.Context(), p.Office(t, t.Name()+name), code, resultIn(t, "kq.pdf",
			file))
		refused(t, name+" file by another call", err, dossier.ErrMove)
	}
	v := see()
	if len(v.Results) != 1 || string(v.Results[0].Code) != string(r.Code) || v.Dossier.RowVersion != version {
		t.Errorf("%+v, row version %d of %d", v.Results, v.Dossier.RowVersion, version)
	}
}

func supersededResult(t *testing.T, p *desktest.Province) {
	code, r, file, see := delivered(t, p)
	first := see().Results[0]
	var newer *result.Result
	do(t, pgx.BeginFunc(t.Context(), p.Pool, func(tx pgx.Tx) error {
		old, err := result.ByCode(t.Context(), tx, p.Vault, string(r.Code))
		if err != nil {
			return err
		}
		newer, err = result.Insert(t.Context(), tx, p.Vault, result.New{Dossier: old.Dossier,
			Name: first.Name, Number: "13/2026/TLKS",
			IssuedOn: first.IssuedOn, File: first.File, FileName: "kq.pdf", Size: int64(len(file)),
			SHA256: strings.Repeat("0", 64),
			Signer: map[string]bool{}, Now: p.Clock.Now()})
		if err != nil {
			return err
		}
		return result.Supersede(t.Context(), tx, p.Vault, old, newer, "Sai tên", p.Clock.Now())
	}))
	seen, err := p.Desk.VerifyResult(t.Context(), string(r.Code))
	do(t, err)
	if seen.Result.State != result.Superseded || seen.Replacement != newer.Code {
		t.Errorf("%s, replaced by %q, want %q (%s)", seen.Result.State, seen.Replacement, newer.Code, code)
	}
	seen, err = p.Desk.VerifyResult(t.Context(), string(newer.Code))
	do(t, err)
	if seen.Result.State != result.Issued || seen.Replacement != "" {
		t.Errorf("the newer: %s, replaced by %q", seen.Result.State, seen.Replacement)
	}
}
