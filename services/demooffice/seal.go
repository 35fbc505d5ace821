package demooffice

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/digitorus/pdf"
	"github.com/digitorus/pdfsign/sign"
)

// seals are the certificates by which the agencies sign. One authority issues them. It is made at the first
// start and kept. It belongs to the demonstration and is worth nothing outside it.
type seals struct {
	caFile string
	ca     *x509.Certificate
	caKey  *ecdsa.PrivateKey
	of     map[string]seal // by agency
}

type seal struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	name        string
}

func openSeals(dir string, agencies []Agency, now time.Time) (*seals, error) {
	s := &seals{caFile: filepath.Join(dir, "ca.pem"), of: map[string]seal{}}
	keyFile := filepath.Join(dir, "ca-key.pem")
	err := s.load(keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		err = s.create(keyFile, now)
	}
	if err != nil {
		return nil, fmt.Errorf("demooffice: certificate authority: %w", err)
	}
	for _, a := range agencies {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("demooffice: %w", err)
		}
		template := certificate(pkix.Name{CommonName: a.Name, Organization: []string{a.Name},
			Country: []string{"VN"}}, now)
		template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
		issued, err := issue(template, s.ca, &key.PublicKey, s.caKey)
		if err != nil {
			return nil, err
		}
		s.of[a.Code] = seal{issued, key, a.Name}
	}
	return s, nil
}

// certificate is what all of ours have in common: valid from a day ago for ten years.
func certificate(subject pkix.Name, now time.Time) *x509.Certificate {
	// crypto/rand ends the program rather than fail
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	return &x509.Certificate{SerialNumber: serial, Subject: subject, NotBefore: now.AddDate(0, 0, -1),
		NotAfter: now.AddDate(10, 0, 0), BasicConstraintsValid: true}
}

func issue(template, parent *x509.Certificate, public crypto.PublicKey,
	signer crypto.Signer) (*x509.Certificate, error) {
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	if err != nil {
		return nil, fmt.Errorf("demooffice: issue a certificate: %w", err)
	}
	return x509.ParseCertificate(raw)
}

func (s *seals) load(keyFile string) error {
	var blocks [2]*pem.Block
	for i, name := range []string{s.caFile, keyFile} {
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if blocks[i], _ = pem.Decode(raw); blocks[i] == nil {
			return fmt.Errorf("%s is not PEM", name)
		}
	}
	var err error
	if s.ca, err = x509.ParseCertificate(blocks[0].Bytes); err != nil {
		return err
	}
	s.caKey, err = x509.ParseECPrivateKey(blocks[1].Bytes)
	return err
}

func (s *seals) create(keyFile string, now time.Time) (err error) {
	if s.caKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	template := certificate(pkix.Name{CommonName: "CA trình diễn của phần mềm một cửa",
		Organization: []string{"CongDVC demo"}, Country: []string{"VN"}}, now)
	template.IsCA, template.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	template.NotAfter = now.AddDate(20, 0, 0)
	if s.ca, err = issue(template, template, &s.caKey.PublicKey, s.caKey); err != nil {
		return err
	}
	key, err := x509.MarshalECPrivateKey(s.caKey)
	if err != nil {
		return err
	}
	// The certificate comes last: with it the authority exists.
	if err := writeFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: key})); err !=
		nil {
		return err
	}
	return writeFile(s.caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.ca.Raw}))
}

// sign signs a PDF with the seal of an agency.
func (s *seals) sign(plain []byte, agency, officer string, at time.Time) ([]byte, error) {
	own, ok := s.of[agency]
	if !ok {
		return nil, fmt.Errorf("demooffice: %s has no seal", agency)
	}
	reader, err := pdf.NewReader(bytes.NewReader(plain), int64(len(plain)))
	if err != nil {
		return nil, fmt.Errorf("demooffice: read the result: %w", err)
	}
	var signed bytes.Buffer
	err = sign.Sign(bytes.NewReader(plain), &signed, reader, int64(len(plain)), sign.SignData{
		Signature: sign.SignDataSignature{
			Info: sign.SignDataSignatureInfo{Name: own.name, Reason: "Ký ban hành: " + officer,
				Location: "Ninh Bình", Date: at},
			CertType:   sign.CertificationSignature,
			DocMDPPerm: sign.DoNotAllowAnyChangesPerms,
		},
		Signer: own.key, DigestAlgorithm: crypto.SHA256, Certificate: own.certificate,
		CertificateChains: [][]*x509.Certificate{{own.certificate, s.ca}},
	})
	if err != nil {
		return nil, fmt.Errorf("demooffice: sign the result: %w", err)
	}
	return signed.Bytes(), nil
}
