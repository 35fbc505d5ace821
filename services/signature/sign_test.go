package signature_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/digitorus/pdf"
	"github.com/digitorus/pdfsign/sign"
	"github.com/jung-kurt/gofpdf"
)

// now is the instant of every test: pdfsign takes the machine's clock for the time of signing. Certificates
// are valid for a year around it.
var now = time.Now().UTC()

// An identity is a certificate with its key.
type identity struct {
	certificate *x509.Certificate
	key         crypto.Signer
	above       []*x509.Certificate
}

type subject struct {
	name, organisation string
	key                crypto.Signer
	usage              x509.KeyUsage
	ca                 bool
	until              time.Time
}

var serial = struct {
	sync.Mutex
	last int64
}{last: 4096}

// issue makes a certificate, self-signed when above is nil.
func issue(t testing.TB, above *identity, s subject) *identity {
	t.Helper()
	serial.Lock()
	serial.last++
	number := serial.last
	serial.Unlock()
	if s.until.IsZero() {
		s.until = now.AddDate(0, 6, 0)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: s.name,
			Organization: []string{s.organisation}},
		NotBefore: now.AddDate(0, -6, 0), NotAfter: s.until, KeyUsage: s.usage, IsCA: s.ca,
		BasicConstraintsValid: true,
	}
	parent, signer := template, s.key
	made := &identity{key: s.key}
	if above != nil {
		parent, signer = above.certificate, above.key
		made.above = append([]*x509.Certificate{above.certificate}, above.above...)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, s.key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	if made.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return made
}

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func ecKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// A house is an authority with who signs under it.
type house struct {
	roots           *x509.CertPool
	root, middle    *identity
	officer, agency *identity
}

// newHouse has an officer with an RSA key under the root, and an agency with an elliptic one under an
// authority between.
func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{roots: x509.NewCertPool()}
	h.root = issue(t, nil, subject{name: "Gốc thử nghiệm", key: ecKey(t), ca: true,
		usage: x509.KeyUsageCertSign})
	h.middle = issue(t, h.root, subject{name: "Trung gian", key: ecKey(t), ca: true,
		usage: x509.KeyUsageCertSign})
	h.officer = issue(t, h.root, subject{name: "Nguyễn Văn Ánh", organisation: "UBND phường Hoa Lư",
		key: rsaKey(t, 2048), usage: x509.KeyUsageDigitalSignature})
	h.agency = issue(t, h.middle, subject{name: "UBND phường Hoa Lư", organisation: "Tỉnh Ninh Bình",
		key: ecKey(t), usage: x509.KeyUsageContentCommitment})
	h.roots.AddCert(h.root.certificate)
	return h
}

// page makes a PDF of one page that nobody signed.
func page(t testing.TB) []byte {
	t.Helper()
	doc := gofpdf.New("P", "mm", "A4", "")
	doc.SetCompression(false)
	doc.AddPage()
	doc.SetFont("Times", "", 14)
	doc.Cell(40, 10, "So tien: 1.000.000 dong")
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type how struct {
	kind   sign.CertType
	digest crypto.Hash
}

// signed adds a signature to a PDF.
func signed(t testing.TB, file []byte, who *identity, h how) []byte {
	t.Helper()
	if h.kind == 0 {
		h.kind = sign.ApprovalSignature
	}
	if h.digest == 0 {
		h.digest = crypto.SHA256
	}
	in, err := pdf.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = sign.Sign(bytes.NewReader(file), &out, in, int64(len(file)), sign.SignData{
		Signature: sign.SignDataSignature{CertType: h.kind,
			DocMDPPerm: sign.AllowFillingExistingFormFieldsAndSignaturesPerms,
			Info:       sign.SignDataSignatureInfo{Name: "N", Reason: "1 0 obj (R) >>", Date: now}},
		Signer: who.key, DigestAlgorithm: h.digest, Certificate: who.certificate,
		CertificateChains: [][]*x509.Certificate{append([]*x509.Certificate{who.certificate}, who.above...)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
