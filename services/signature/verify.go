package signature

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// ReadAll reads a file for Verify: up to one byte more than Verify accepts, so that Verify can say that it is
// too large.
func ReadAll(r io.Reader) ([]byte, error) {
	file, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("signature: read the file: %w", err)
	}
	return file, nil
}

// Verify looks at every signature of a PDF. The file is Valid when each signature is made over its own
// revision of the file by the key of its certificate, with algorithms that are still safe, and the last
// revision ends where the file does. It is Trusted when, in addition, each certificate was valid at its
// signing and leads to a root at the given instant. Without roots nobody is trusted. Whether a certificate
// was revoked is not checked. Verify takes any bytes, and neither panics nor recurses.
func Verify(file []byte, roots *x509.CertPool, at time.Time) (r Report) {
	defer func() {
		if recover() != nil { // in the parser of messages, which is not ours
			r = Report{Signed: r.Signed, Problem: Malformed}
		}
	}()
	if len(file) > MaxSize {
		return Report{Problem: TooLarge}
	}
	if !bytes.HasPrefix(file, []byte("%PDF-")) {
		return Report{Problem: Malformed}
	}
	fields, err := scan(file)
	switch {
	case errors.Is(err, errTooMany):
		return Report{Signed: true, Problem: TooLarge}
	case err != nil:
		return Report{Signed: true, Problem: Malformed}
	case len(fields) == 0:
		return Report{Problem: NoSignature}
	}
	r.Signed = true
	slices.SortStableFunc(fields, func(a, b field) int { return cmp.Compare(b.end(), a.end()) })
	r.CoversWholeFile = fields[0].end() == len(file)
	if !r.CoversWholeFile {
		r.worsen(UncoveredBytes)
	}
	if roots == nil {
		roots = x509.NewCertPool() // nil would mean the machine's own
	}
	for _, f := range fields {
		signer, problem := f.verify(file, roots, at)
		if signer != nil {
			r.Signers = append(r.Signers, *signer)
		}
		if problem != "" {
			r.worsen(problem)
		}
	}
	r.Trusted = r.Problem == ""
	r.Valid = r.Trusted || r.Problem == Expired || r.Problem == Untrusted
	return r
}
