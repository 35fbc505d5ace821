package signature

// readObject reads an object up to the end of the dictionary that has its /ByteRange at an offset of the
// file. The object begins at the offset base. It keeps a stack of its own, so that nothing in the file makes
// it recurse.
func readObject(object []byte, base, at int) (*field, error) {
	var (
		in     = lexer{text: object}
		frames []frame
	)
	for {
		t, err := in.next()
		if err != nil {
			return nil, err
		}
		switch {
		case t.kind == openDict || t.kind == openArray:
			if len(frames) == maxDepth {
				return nil, errMalformed
			}
			frames = append(frames, frame{dict: t.kind == openDict})
		case len(frames) == 0:
			return nil, errMalformed
		case t.kind == closeDict || t.kind == closeArray:
			closed := frames[len(frames)-1]
			frames = frames[:len(frames)-1]
			if closed.dict != (t.kind == closeDict) || closed.twice {
				return nil, errMalformed
			}
			if closed.hasRange && closed.rangeAt+base == at {
				return &closed.field, nil
			}
			if len(frames) == 0 {
				return nil, errMalformed
			}
			frames[len(frames)-1].closed(closed)
		default:
			frames[len(frames)-1].take(t, base)
		}
	}
}

// A frame is a dictionary or an array that is being read.
type frame struct {
	field
	dict     bool
	key      string // the name that waits for its value, or has a number for one
	counted  bool   // a number followed the key: it may be the whole value, or begin a reference as "12 0 R"
	hasRange bool
	rangeAt  int
	twice    bool // a key that matters stands there twice, so that two readers may see two things
	numbers  []int
	odd      bool // an array that has something else than numbers, or many
}

// take adds a token that is neither bracket to a frame.
func (f *frame) take(t token, base int) {
	switch {
	case !f.dict:
		f.odd = f.odd || t.kind != number || len(f.numbers) == len(f.ranges)
		if !f.odd {
			f.numbers = append(f.numbers, t.value)
		}
	case t.kind == name && (f.key == "" || f.counted):
		f.begin(t)
	case t.kind == number:
		f.counted = true
	default:
		f.finish(t, base)
	}
}

// begin starts the pair of a key.
func (f *frame) begin(key token) {
	f.key, f.counted = string(key.text), false
	if f.key == "ByteRange" {
		f.twice = f.twice || f.hasRange
		f.hasRange, f.rangeAt = true, key.from
	}
}

// finish takes the value of the key.
func (f *frame) finish(t token, base int) {
	switch {
	case f.key == "Contents":
		f.twice = f.twice || f.contents != nil || t.kind != hexString
		f.contents, f.from, f.to = t.text, base+t.from, base+t.to
	case f.key == "SubFilter":
		f.twice = f.twice || f.subFilter != "" || t.kind != name
		f.subFilter = string(t.text)
	}
	f.key, f.counted = "", false
}

// closed takes the value of the key when it is an array or a dictionary.
func (f *frame) closed(inner frame) {
	if !f.dict {
		f.odd = true
		return
	}
	if f.key == "ByteRange" && !inner.dict && !inner.odd {
		f.rangesComplete = len(inner.numbers) == len(f.ranges)
		copy(f.ranges[:], inner.numbers)
	}
	f.key, f.counted = "", false
}
