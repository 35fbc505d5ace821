package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha256" // what the messages use
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/smallstep/pkcs7"
)

// Bounds on a message, far above what signing programs write.
const (
	maxMessage      = 1 << 20 // bytes
	maxNesting      = 64      // of ASN.1 values
	maxCertificates = 20
	minRSA, maxRSA  = 2048, 8192 // bits; below can be forged, above costs too much time
	maxText         = 100        // characters of a name
)

var (
	oidSHA256 = pkcs7.OIDDigestAlgorithmSHA256
	oidSHA384 = pkcs7.OIDDigestAlgorithmSHA384
	oidSHA512 = pkcs7.OIDDigestAlgorithmSHA512
)

// ranges hands the two ranges of a file to the message's check without copying them.
type ranges struct{ first, second []byte }

// Hash reads the ranges instead of the content that it is given, which is empty in a detached message.
func (r ranges) Hash(h crypto.Hash, _ io.Reader) ([]byte, error) {
	sum := h.New()
	sum.Write(r.first)
	sum.Write(r.second)
	return sum.Sum(nil), nil
}

// verify checks one signature over its ranges. The signer is nil when the certificate cannot be read.
func (f *field) verify(file []byte, roots *x509.CertPool, at time.Time) (*Signer, string) {
	switch f.subFilter {
	case "adbe.pkcs7.detached", "ETSI.CAdES.detached":
	case "adbe.pkcs7.sha1", "adbe.x509.rsa_sha1":
		return nil, Algorithm
	default:
		return nil, Unsupported
	}
	if f.end() < len(file) && !bytes.HasSuffix(bytes.TrimRight(file[:f.end()], "\r\n \t\x00"),
		[]byte("%%EOF")) {
		return nil, Malformed // a revision ends with its mark
	}
	raw, ok := message(f.contents)
	if !ok {
		return nil, Malformed
	}
	p7, err := pkcs7.Parse(raw)
	if err != nil || len(p7.Signers) != 1 || len(p7.Content) != 0 || len(p7.Certificates) > maxCertificates {
		return nil, Malformed
	}
	certificate := p7.GetOnlySigner()
	if certificate == nil {
		return nil, Malformed
	}
	signer := signerOf(certificate)
	signed, problem := attributes(p7)
	signer.At = signed
	if problem != "" {
		return &signer, problem
	}
	if !strongKey(certificate) {
		return &signer, Algorithm
	}
	p7.Hasher = ranges{first: file[:f.from], second: file[f.to:f.end()]}
	if problem := problemOf(p7.VerifyWithChainAtTime(nil, at)); problem != "" {
		return &signer, problem
	}
	return &signer, chain(certificate, p7.Certificates, roots, at)
}

// message returns the bytes that the hex digits of a signature's value stand for, without the zeros that fill
// it up. Anything else behind the message is refused, because it could be changed without breaking the
// signature.
func message(digits []byte) ([]byte, bool) {
	if len(digits) > 2*maxMessage*2 {
		return nil, false
	}
	raw := make([]byte, hex.DecodedLen(len(digits)))
	if _, err := hex.Decode(raw, digits); err != nil {
		return nil, false
	}
	end, ok := derEnd(raw)
	if !ok || end > maxMessage || len(bytes.Trim(raw[end:], "\x00")) != 0 {
		return nil, false
	}
	return raw[:end], true
}

// attributes checks the signed attributes: the digest uses a strong algorithm and is there once, and so is
// the type of what was signed (RFC 5652, 11.1 and 11.2). It returns the time at which the signer claims to
// have signed.
func attributes(p7 *pkcs7.PKCS7) (signed time.Time, problem string) {
	one := p7.Signers[0]
	count := map[string]int{}
	for _, a := range one.AuthenticatedAttributes {
		count[a.Type.String()]++
	}
	if count[oidSigningCertificate.String()] > 1 || count[pkcs7.OIDAttributeMessageDigest.String()] != 1 ||
		count[pkcs7.OIDAttributeContentType.String()] != 1 ||
		count[pkcs7.OIDAttributeSigningTime.String()] > 1 {
		return signed, Malformed
	}
	var contentType asn1.ObjectIdentifier
	if err := p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeContentType, &contentType); err != nil ||
		!contentType.Equal(pkcs7.OIDData) {
		return signed, Malformed
	}
	if count[pkcs7.OIDAttributeSigningTime.String()] == 1 {
		if err := p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeSigningTime, &signed); err != nil {
			return time.Time{}, Malformed
		}
	}
	if d := one.DigestAlgorithm.Algorithm; !d.Equal(oidSHA256) && !d.Equal(oidSHA384) && !d.Equal(oidSHA512) {
		return signed, Algorithm
	}
	if count[oidSigningCertificate.String()] == 1 && !namesCertificate(p7) {
		return signed, BadSignature
	}
	return signed.UTC(), ""
}

// A signingCertificate is the attribute that binds a signature to one certificate (RFC 5035, 3): without it,
// another certificate of the same key could be put in its place.
type signingCertificate struct {
	Certificates []struct {
		Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
		Hash      []byte
		Issuer    asn1.RawValue `asn1:"optional"`
	}
	Policies asn1.RawValue `asn1:"optional"`
}

var oidSigningCertificate = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}

// namesCertificate checks that attribute against the certificate that came along.
func namesCertificate(p7 *pkcs7.PKCS7) bool {
	var attribute signingCertificate
	if err := p7.UnmarshalSignedAttribute(oidSigningCertificate, &attribute); err != nil ||
		len(attribute.Certificates) == 0 {
		return false
	}
	first := attribute.Certificates[0]
	hash := crypto.SHA256
	switch {
	case len(first.Algorithm.Algorithm) == 0 || first.Algorithm.Algorithm.Equal(oidSHA256):
	case first.Algorithm.Algorithm.Equal(oidSHA384):
		hash = crypto.SHA384
	case first.Algorithm.Algorithm.Equal(oidSHA512):
		hash = crypto.SHA512
	default:
		return false
	}
	sum := hash.New()
	sum.Write(p7.GetOnlySigner().Raw)
	return bytes.Equal(sum.Sum(nil), first.Hash)
}

// strongKey tells whether signatures by a certificate's key cannot be forged.
func strongKey(c *x509.Certificate) bool {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= minRSA && key.N.BitLen() <= maxRSA
	case *ecdsa.PublicKey:
		return key.Curve == elliptic.P256() || key.Curve == elliptic.P384() || key.Curve == elliptic.P521()
	}
	return false
}

// problemOf names what the check of a message found.
func problemOf(err error) string {
	var (
		digest  *pkcs7.MessageDigestMismatchError
		expired *pkcs7.SigningTimeNotValidError
		weak    x509.InsecureAlgorithmError
	)
	switch {
	case err == nil:
		return ""
	case errors.As(err, &digest):
		return Digest
	case errors.As(err, &expired):
		return Expired
	case errors.As(err, &weak), errors.Is(err, x509.ErrUnsupportedAlgorithm),
		strings.Contains(err.Error(), "unsupported"):
		return Algorithm
	}
	return BadSignature
}

// chain checks that a certificate may sign documents, and that the certificates that came with it lead to a
// root.
func chain(c *x509.Certificate, others []*x509.Certificate, roots *x509.CertPool, at time.Time) string {
	if c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 ||
		c.IsCA {
		return Untrusted
	}
	between := x509.NewCertPool()
	for _, other := range others {
		between.AddCert(other)
	}
	chains, err := c.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return Expired
	}
	for _, links := range chains {
		if !containsWeak(links) {
			return ""
		}
	}
	return Untrusted
}

func containsWeak(links []*x509.Certificate) bool {
	for _, link := range links {
		if !strongKey(link) {
			return true
		}
	}
	return false
}

// signerOf names the subject of a certificate.
func signerOf(c *x509.Certificate) Signer {
	s := Signer{Name: shown(c.Subject.CommonName), Serial: shown(c.SerialNumber.Text(16))}
	if len(c.Subject.Organization) > 0 {
		s.Organisation = shown(c.Subject.Organization[0])
	}
	return s
}

// shown makes a text from a certificate fit to be shown: no control or direction marks, not endless.
func shown(text string) string {
	var b strings.Builder
	count := 0
	for _, c := range strings.ToValidUTF8(text, "") {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			continue
		}
		if count == maxText {
			break
		}
		b.WriteRune(c)
		count++
	}
	return strings.TrimSpace(b.String())
}
