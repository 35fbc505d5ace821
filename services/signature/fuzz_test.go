package signature_test

import (
	"bytes"
	"testing"

	"congdvc/services/signature"
)

// FuzzVerify mutates signed files. Nothing may panic, and whatever is valid is covered to its last byte.
func FuzzVerify(f *testing.F) {
	h := newHouse(f)
	plain := page(f)
	one := signed(f, plain, h.agency, how{})
	f.Add(plain)
	f.Add(one)
	f.Add(signed(f, one, h.officer, how{}))
	f.Add(append(bytes.Clone(one), update...))
	f.Add([]byte("%PDF-1.7\n1 0 obj\n<</ByteRange[0 20 40 " +
		"1]/Contents<3080>/SubFilter/adbe.pkcs7.detached>>\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r := signature.Verify(file, h.roots, now)
		if r.Trusted && !r.Valid || r.Valid && (!r.CoversWholeFile || !r.Signed || len(r.Signers) == 0) ||
			r.Trusted != (r.Problem == "") {
			t.Errorf("contradicts itself: %+v", r)
		}
		if r.Trusted {
			if more := signature.Verify(append(bytes.Clone(file), ' '), h.roots, now); more.Valid {
				t.Errorf("valid with a byte more: %+v", more)
			}
		}
	})
}
