package transfer

import (
	"bufio"
	"bytes"
	"io"
	"mime/multipart"
)

// Unreadable stands in the headers of Parts for each control character. Unicode lets nobody send it.
const Unreadable = '\uFDD0'

// Parts reads a multipart body. Control characters in the headers of its parts, such as in the name of a
// file, are replaced by Unreadable: the library gives the whole body up for one of them, where only that
// file has to be refused.
func Parts(body io.Reader, boundary string) *multipart.Reader {
	return multipart.NewReader(&partHeaders{in: bufio.NewReaderSize(body, piece), first: true,
		delimiter: []byte("\r\n--" + boundary)}, boundary)
}

// partHeaders passes a multipart body on, with headers that can be read.
type partHeaders struct {
	in        *bufio.Reader
	delimiter []byte // before each part but the first, which has no line end before it
	first     bool
	headers   bool   // the next line is one of a part's headers
	out       []byte // what is to be given out next
	err       error  // what then follows
}

func (h *partHeaders) Read(p []byte) (int, error) {
	for len(h.out) == 0 && h.err == nil {
		if h.headers {
			h.line()
		} else {
			h.content()
		}
	}
	if len(h.out) == 0 {
		return 0, h.err
	}
	n := copy(p, h.out)
	h.out = h.out[n:]
	return n, nil
}

// line passes a line of headers on. An empty one is their last.
func (h *partHeaders) line() {
	line, err := h.in.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		err = nil
	}
	h.err = err
	h.headers = err == nil && len(bytes.TrimRight(line, "\r\n")) > 0
	if bytes.ContainsFunc(line, isControl) {
		line = bytes.Map(func(r rune) rune {
			if isControl(r) {
				return Unreadable
			}
			return r
		}, line)
	}
	h.out = line
}

func isControl(r rune) bool { return r < ' ' && r != '\t' && r != '\r' && r != '\n' || r == 0x7f }

// content passes on what lies before the next delimiter, or as much as has come of it, and then the line of
// the delimiter.
func (h *partHeaders) content() {
	delimiter := h.delimiter
	if h.first {
		delimiter = delimiter[2:]
	}
	ahead, err := h.in.Peek(len(delimiter))
	if err == nil {
		ahead, err = h.in.Peek(h.in.Buffered())
	}
	at := bytes.Index(ahead, delimiter)
	switch {
	case at == 0:
		h.delimiterLine(len(delimiter))
		return
	case at > 0:
		ahead = ahead[:at]
	case err == nil: // the last bytes may begin a delimiter
		ahead = ahead[:len(ahead)-len(delimiter)+1]
	default:
		h.err = err
	}
	if h.first { // something stands before the first delimiter, which then has a line end before it
		h.first = false
		ahead = ahead[:0]
	}
	h.out = ahead // stays where it is until more is read
	_, _ = h.in.Discard(len(ahead))
}

// delimiterLine passes on a delimiter that comes next, with the rest of its line.
func (h *partHeaders) delimiterLine(length int) {
	h.first = false
	line, err := h.in.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		err = nil
	}
	h.err = err
	h.headers = err == nil && len(bytes.TrimRight(line[min(length, len(line)):], " \t\r\n")) == 0
	h.out = line
}
