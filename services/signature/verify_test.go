package signature_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"congdvc/services/signature"

	"github.com/digitorus/pdfsign/sign"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	h, other := newHouse(t), newHouse(t)
	plain := page(t)
	one := signed(t, plain, h.officer, how{})
	two := signed(t, one, h.agency, how{})
	weak := issue(t, h.root, subject{name: "Yếu", key: rsaKey(t, 1024), usage: x509.KeyUsageDigitalSignature})
	short := issue(t, h.root, subject{name: "Hết hạn", key: ecKey(t), usage: x509.KeyUsageDigitalSignature,
		until: now.Add(-time.Minute)})
	long := issue(t, h.root, subject{name: "Sắp hết hạn", key: ecKey(t), usage: x509.KeyUsageDigitalSignature,
		until: now.Add(time.Hour)})
	server := issue(t, h.root, subject{name: "Máy chủ", key: ecKey(t), usage: x509.KeyUsageKeyAgreement})
	tests := []struct {
		name    string
		file    []byte
		roots   *x509.CertPool
		problem string
		valid   bool
		covers  bool
		signers int
	}{
		{"rsa", one, h.roots, "", true, true, 1},
		{"elliptic, by way of an authority between", signed(t, plain, h.agency, how{}), h.roots, "", true,
			true, 1},
		{"certification", signed(t, plain, h.officer, how{kind: sign.CertificationSignature}), h.roots, "",
			true, true, 1},
		{"SHA-384", signed(t, plain, h.officer, how{digest: crypto.SHA384}), h.roots, "", true, true, 1},
		{"SHA-512", signed(t, plain, h.agency, how{digest: crypto.SHA512}), h.roots, "", true, true, 1},
		{"two signatures", two, h.roots, "", true, true, 2},
		{"a byte changed", changed(one, "1.000.000", "9.000.000"), h.roots, signature.Digest, false, true, 1},
		{"a byte of the first revision changed", changed(two, "1.000.000", "9.000.000"), h.roots,
			signature.Digest, false, true, 2},
		{"updated after signing", append(bytes.Clone(one), update...), h.roots, signature.UncoveredBytes,
			false, false, 1},
		{"a byte more", append(bytes.Clone(one), '\n'), h.roots, signature.UncoveredBytes, false, false, 1},
		{"cut short", one[:len(one)-1], h.roots, signature.Malformed, false, false, 0},
		{"another authority", one, other.roots, signature.Untrusted, true, true, 1},
		{"one of two by another authority", signed(t, one, other.officer, how{}), h.roots,
			signature.Untrusted, true, true, 2},
		{"no authorities", one, nil, signature.Untrusted, true, true, 1},
		{"a certificate for something else", signed(t, plain, server, how{}), h.roots, signature.Untrusted,
			true, true, 1},
		{"expired when it signed", signed(t, plain, short, how{}), h.roots, signature.Expired, true, true, 1},
		{"expired since", signed(t, plain, long, how{}), h.roots, signature.Expired, true, true, 1},
		{"a short key", signed(t, plain, weak, how{}), h.roots, signature.Algorithm, false, true, 1},
		{"SHA-1", signed(t, plain, h.officer, how{digest: crypto.SHA1}), h.roots, signature.Algorithm, false,
			true, 1},
		{"nobody signed", plain, h.roots, signature.NoSignature, false, false, 0},
		{"empty", nil, h.roots, signature.Malformed, false, false, 0},
		{"no PDF", []byte("PK\x03\x04" + strings.Repeat("/ByteRange", 90)), h.roots, signature.Malformed,
			false, false, 0},
		{"too large", append(bytes.Clone(one), make([]byte, signature.MaxSize)...), h.roots,
			signature.TooLarge, false, false, 0},
		{"many names of ranges", []byte("%PDF-1.7\n" + strings.Repeat("/ByteRange ", 100000)), h.roots,
			signature.Malformed, false, false, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			at := now
			if test.name == "expired since" {
				at = now.Add(2 * time.Hour)
			}
			r := signature.Verify(test.file, test.roots, at)
			if r.Problem != test.problem || r.Valid != test.valid || r.CoversWholeFile != test.covers ||
				r.Trusted != (test.problem == "") || len(r.Signers) != test.signers {
				t.Errorf("got %+v", r)
			}
		})
	}
}

// update redefines the page's object, as a forger would after the signature.
const update = "\n4 0 obj\n<</Length 10>>\nstream\nBT (x) Tj ET\nendstream\nendobj\nxref\n4 1\n0000000000 " +
	"00000 n \ntrailer\n<</Size 9>>\nstartxref\n0\n%%EOF\n"

func changed(file []byte, from, to string) []byte {
	return bytes.Replace(file, []byte(from), []byte(to), 1)
}

func TestSigners(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := signature.Verify(signed(t, signed(t, page(t), h.officer, how{}), h.agency, how{}), h.roots, now)
	if len(r.Signers) != 2 || !r.Trusted {
		t.Fatalf("got %+v", r)
	}
	first, second := r.Signers[0], r.Signers[1]
	if first.Name != "UBND phường Hoa Lư" || first.Organisation != "Tỉnh Ninh Bình" ||
		first.Serial != h.agency.certificate.SerialNumber.Text(16) {
		t.Errorf("who vouches for the whole file: %+v", first)
	}
	if second.Name != "Nguyễn Văn Ánh" || second.At.Before(now.Add(-time.Minute)) {
		t.Errorf("the officer: %+v", second)
	}
}

var rangePattern = regexp.MustCompile(`/ByteRange \[(\d+) (\d+) (\d+) (\d+)\] *`)

// withRange writes other numbers into the last ByteRange, in the same number of bytes.
func withRange(t *testing.T, file []byte, change func(r *[4]int)) []byte {
	t.Helper()
	all := rangePattern.FindAllSubmatchIndex(file, -1)
	if len(all) == 0 {
		t.Fatal("no range")
	}
	at := all[len(all)-1]
	var r [4]int
	for i := range r {
		r[i], _ = strconv.Atoi(string(file[at[2+2*i]:at[3+2*i]]))
	}
	change(&r)
	text := fmt.Sprintf("/ByteRange [%d %d %d %d]", r[0], r[1], r[2], r[3])
	room := at[1] - at[0]
	if len(text) > room {
		t.Fatalf("%q does not fit", text)
	}
	out := bytes.Clone(file)
	copy(out[at[0]:], text+strings.Repeat(" ", room-len(text)))
	return out
}

// TestLies has ranges and values that say something else than what lies in the file.
func TestLies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one := signed(t, page(t), h.officer, how{})
	at := bytes.LastIndex(one, []byte("/Contents<"))
	end := at + bytes.IndexByte(one[at:], '>')
	filled := bytes.Clone(one)
	filled[end-1] = 'a' // behind the message, where the zeros are
	digits := bytes.Clone(one)
	digits[end-1] = 'x'
	tests := map[string][]byte{
		"begins later":          withRange(t, one, func(r *[4]int) { r[0]++ }),
		"first range short":     withRange(t, one, func(r *[4]int) { r[1]-- }),
		"gap is wider":          withRange(t, one, func(r *[4]int) { r[2] += 9; r[3] -= 9 }),
		"second range is long":  withRange(t, one, func(r *[4]int) { r[3]++ }),
		"second range is short": withRange(t, one, func(r *[4]int) { r[3]-- }),
		"second range is empty": withRange(t, one, func(r *[4]int) { r[3] = 0 }),
		"whole file, no gap":    withRange(t, one, func(r *[4]int) { r[1], r[2], r[3] = len(one), 0, 0 }),
		"one number":            changed(one, "/ByteRange [0 ", "/ByteRange [0]"),
		"negative":              changed(one, "/ByteRange [0 ", "/ByteRange [-0"),
		"two ranges": changed(one, " /SubFilter /adbe.pkcs7.detached",
			" /ByteRange[0 1 2 3]/Filter /abc"),
		"two values":             changed(one, " /Filter /Adobe.PPKLite", " /Cont#65nts <00000000>"),
		"bytes in the zeros":     filled,
		"no digits":              digits,
		"another dictionary":     changed(one, " /Type /Sig\n", "<</Type/Si>>"),
		"value in a string":      changed(one, " /Contents<", " /Contents("),
		"a kind we do not know":  changed(one, "/adbe.pkcs7.detached", "/ETSI.RFC3161       "),
		"an embedded SHA-1 kind": changed(one, "/adbe.pkcs7.detached", "/adbe.pkcs7.sha1    "),
	}
	for name, file := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if len(file) != len(one) || bytes.Equal(file, one) {
				t.Fatal("the case changes nothing, or the length of the file")
			}
			r := signature.Verify(file, h.roots, now)
			if r.Valid || r.Trusted || r.Problem == "" || r.Problem == signature.NoSignature {
				t.Errorf("got %+v", r)
			}
		})
	}
}

// TestOneBit flips single bits all over a signed file: whatever it hits, the file is no longer valid.
func TestOneBit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one := signed(t, page(t), h.agency, how{})
	if !signature.Verify(one, h.roots, now).Trusted {
		t.Fatal("not trusted to begin with")
	}
	at := bytes.LastIndex(one, []byte("/Contents<")) + len("/Contents<")
	message, err := hex.DecodeString(string(one[at : at+bytes.IndexByte(one[at:], '>')]))
	if err != nil {
		t.Fatal(err)
	}
	size := len(bytes.TrimRight(message, "\x00"))
	for i := 0; i < len(one); i += 3 {
		if i >= at && i < at+2*size {
			continue // the message has parts that need not be signed: TestOneBitOfMessage
		}
		flipped := bytes.Clone(one)
		flipped[i] ^= 1
		if r := signature.Verify(flipped, h.roots, now); r.Valid {
			t.Fatalf("bit at %d of %d (%q): %+v", i, len(one), one[max(0, i-20):i+1], r)
		}
	}
}

// TestOneBitOfMessage flips bits of the message: a file may stay valid, but never by another signer.
func TestOneBitOfMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one := signed(t, page(t), h.agency, how{})
	at := bytes.LastIndex(one, []byte("/Contents<")) + len("/Contents<")
	for i := at; i < at+4000 && one[i] != '>'; i += 5 {
		flipped := bytes.Clone(one)
		flipped[i] = '0'
		if one[i] == '0' {
			flipped[i] = '1'
		}
		r := signature.Verify(flipped, h.roots, now)
		if r.Trusted && r.Signers[0].Name != "UBND phường Hoa Lư" {
			t.Fatalf("digit at %d: %+v", i, r)
		}
	}
}
