package signature

// derEnd returns where the ASN.1 value at the start of raw ends. It looks only at tags and lengths, in the
// definite form of DER or the indefinite one of BER. It is false when a length leads beyond its surroundings,
// or values nest deeper than maxNesting: the parser that reads them next recurses for each level.
func derEnd(raw []byte) (int, bool) {
	var ends []int // of the values that at is inside of; 0 for the indefinite form
	at := 0
	for {
		for len(ends) > 0 && ends[len(ends)-1] == at && at != 0 {
			ends = ends[:len(ends)-1]
		}
		if at > 0 && len(ends) == 0 {
			return at, true
		}
		limit := len(raw)
		for i := len(ends) - 1; i >= 0; i-- {
			if ends[i] != 0 {
				limit = ends[i]
				break
			}
		}
		if at+2 > limit {
			return 0, false
		}
		if raw[at] == 0 && raw[at+1] == 0 && len(ends) > 0 && ends[len(ends)-1] == 0 {
			// end of the indefinite form
			ends = ends[:len(ends)-1]
			at += 2
			continue
		}
		content, length, ok := header(raw[:limit], at)
		if !ok {
			return 0, false
		}
		constructed := raw[at]&0x20 != 0
		switch {
		case length < 0 && !constructed:
			return 0, false
		case constructed:
			if len(ends) == maxNesting {
				return 0, false
			}
			end := 0
			if length >= 0 {
				end = content + length
			}
			ends = append(ends, end)
			at = content
		default:
			at = content + length
		}
	}
}

// header reads a tag of one byte and a length: where the content begins and its number of bytes, -1 for the
// indefinite form.
func header(raw []byte, at int) (content, length int, ok bool) {
	if raw[at]&0x1f == 0x1f {
		return 0, 0, false
	}
	first := int(raw[at+1])
	content = at + 2
	switch {
	case first == 0x80:
		return content, -1, true
	case first < 0x80:
		length = first
	default:
		count := first & 0x7f
		if count > 4 || content+count > len(raw) {
			return 0, 0, false
		}
		for _, b := range raw[content : content+count] {
			length = length<<8 | int(b)
		}
		content += count
	}
	return content, length, length <= len(raw)-content
}
