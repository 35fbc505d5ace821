// Package signature says whether the signatures of a PDF hold: who signed, whether every byte of the file is
// covered, and whether the signer's certificate leads to an authority that we trust.
//
// The reader of the PDF is our own and deliberately small. It looks only at signature dictionaries. It
// requires the last signature to cover the whole file except its own value, and refuses whatever it does not
// understand. It follows no object, stream or cross-reference, so it cannot be led to look at other bytes
// than a viewer does.
//
// The messages inside are read by github.com/smallstep/pkcs7, which is imported here only and was chosen
// because it is small and maintained; the way out is encoding/asn1. Documents from outside are read in a
// process of their own: InChild.
package signature

import "time"

// Problems that a Report can have, the worst first. They are stable: other programs may compare them.
const (
	TooLarge    = "too_large"    // more than MaxSize bytes, or more signatures than maxSignatures
	Malformed   = "malformed"    // not a PDF, or a signature that is not as the standards have it
	NoSignature = "no_signature" // a PDF that nobody signed
	// a kind of signature that we do not verify, such as a document time stamp
	Unsupported  = "unsupported"
	Digest       = "digest"        // bytes were changed after they were signed
	BadSignature = "bad_signature" // the signature was not made with the key of the certificate
	// one that can be forged (SHA-1, MD5, RSA below 2048 bits) or that we do not know
	Algorithm      = "algorithm"
	UncoveredBytes = "uncovered_bytes" // something was added after the last signature
	Expired        = "expired"         // the certificate was not valid when it signed, or is not now
	Untrusted      = "untrusted"       // the certificate leads to no authority that we trust
)

// problems orders the problems by weight.
var problems = []string{TooLarge, Malformed, NoSignature, Unsupported, Digest, BadSignature, Algorithm,
	UncoveredBytes, Expired, Untrusted}

// A Signer is who signed, by the subject of the certificate. Texts are at most 100 characters and hold no
// control characters.
type Signer struct {
	Name         string    `json:"name"`         // common name
	Organisation string    `json:"organisation"` // may be empty
	Serial       string    `json:"serial"`       // of the certificate, in lower-case hex
	At           time.Time `json:"at,omitzero"`  // when, as the signer claims; zero when it does not
}

// A Report is what a look at a file's signatures found.
type Report struct {
	Signed bool `json:"signed"` // there is at least one signature, good or bad
	// every signature holds, and the last one covers the whole file
	Valid bool `json:"valid"`
	// Valid, and every certificate leads to a trusted authority
	Trusted bool `json:"trusted"`
	// the last signature covers all bytes but its own value
	CoversWholeFile bool `json:"covers_whole_file"`
	// the newest first, who vouches for the whole file; those whose certificate could be read
	Signers []Signer `json:"signers"`
	Problem string   `json:"problem,omitempty"` // the worst problem, "" when Trusted
}

// worsen keeps the worst problem.
func (r *Report) worsen(problem string) {
	for _, p := range problems {
		if p == r.Problem || p == problem {
			r.Problem = p
			return
		}
	}
}
