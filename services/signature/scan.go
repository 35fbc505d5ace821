package signature

import (
	"bytes"
	"errors"
)

// Bounds on what is read.
const (
	MaxSize       = 32 << 20 // bytes of a file
	maxSignatures = 50       // in a file

	maxObject = 4 << 20 // bytes of a signature dictionary, its value included
	maxDepth  = 32      // dictionaries and arrays in each other
	maxTries  = 100     // places at which the object of a dictionary may begin
)

var (
	errMalformed = errors.New("signature: malformed")
	errTooMany   = errors.New("signature: too many signatures")
)

// A field is one signature dictionary: where its value lies in the file, and what it says that it signs.
type field struct {
	subFilter      string
	contents       []byte // the value's hex digits, without its angle brackets
	from, to       int    // of the value, angle brackets included
	ranges         [4]int // ByteRange: two times offset and length
	rangesComplete bool
}

// end is the offset behind the last byte that the signature covers.
func (f *field) end() int { return f.ranges[2] + f.ranges[3] }

var byteRangeName = []byte("/ByteRange")

// scan returns every signature dictionary of a file, by the end of what it covers. Each place that says
// /ByteRange must be one, so that none can hide. Errors: errMalformed, errTooMany.
func scan(file []byte) ([]field, error) {
	var fields []field
	for from := 0; ; {
		i := bytes.Index(file[from:], byteRangeName)
		if i < 0 {
			return fields, nil
		}
		at := from + i
		from = at + len(byteRangeName)
		if len(fields) == maxSignatures {
			return nil, errTooMany
		}
		f, err := fieldAround(file, at)
		if err != nil {
			return nil, err
		}
		if err := f.check(len(file)); err != nil {
			return nil, err
		}
		fields = append(fields, *f)
	}
}

// check holds the ranges to the only shape there is: from the file's first byte to the value, and from behind
// the value on (ISO 32000-1, 12.8.1, table 252, and ETSI EN 319 142-1, 5.3).
func (f *field) check(size int) error {
	r := f.ranges
	if !f.rangesComplete || f.contents == nil || r[0] != 0 || r[1] != f.from || r[2] != f.to || r[3] <= 0 ||
		r[3] > size-r[2] {
		return errMalformed
	}
	return nil
}

// fieldAround reads the dictionary that the /ByteRange at an offset belongs to. Its object begins at the
// nearest "n n obj" before it.
func fieldAround(file []byte, at int) (*field, error) {
	floor := max(0, at-maxObject)
	for before, tries := at, 0; tries < maxTries; tries++ {
		i := bytes.LastIndex(file[floor:before], []byte("obj"))
		if i < 0 {
			break
		}
		before = floor + i
		if beginsObject(file, before) {
			start := before + len("obj")
			return readObject(file[start:min(len(file), start+maxObject)], start, at)
		}
	}
	return nil, errMalformed
}

// beginsObject tells whether the "obj" at an offset ends the head of an indirect object: "12 0 obj".
func beginsObject(file []byte, at int) bool {
	if end := at + len("obj"); end < len(file) && isRegular(file[end]) {
		return false
	}
	for range 2 {
		spaces := at
		for at > 0 && isSpace(file[at-1]) {
			at--
		}
		digits := at
		for at > 0 && file[at-1] >= '0' && file[at-1] <= '9' {
			at--
		}
		if spaces == digits || digits == at {
			return false
		}
	}
	return at == 0 || !isRegular(file[at-1])
}
