package procedure

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// byteOrderMark is what some programs write before a text in UTF-8.
var byteOrderMark = []byte("\ufeff")

// openLines begins to read a file of one JSON object a line, without the byte order mark that it may have. What is not
// such a file as a whole is told once, not for every line.
func openLines(from io.Reader) (*bufio.Reader, error) {
	lines := bufio.NewReaderSize(from, 64<<10)
	head, err := lines.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("procedure: read: %w", err)
	}
	if bytes.HasPrefix(head, byteOrderMark) {
		if _, err := lines.Discard(len(byteOrderMark)); err != nil {
			return nil, fmt.Errorf("procedure: read: %w", err)
		}
		head = head[len(byteOrderMark):]
	}
	first, _, several := bytes.Cut(head, []byte("\n"))
	switch first = bytes.TrimSpace(first); {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return nil, errors.New("the file is packed by gzip; unpack it first, as by gunzip")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, errors.New("the file is a ZIP or a spreadsheet, not text of one JSON object a line")
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return nil, errors.New("the file is text in UTF-16; save it in UTF-8")
	case bytes.HasPrefix(first, []byte("[")):
		return nil, errors.New("the file is a JSON array, not one JSON object a line; jq -c '.[]' makes one of the other")
	case several && string(first) == "{":
		return nil, errors.New("the file has JSON objects of several lines, not one a line; jq -c . makes one of the other")
	}
	return lines, nil
}

// errNotText is said of a line in another encoding: what stands there can only be guessed.
var errNotText = errors.New("is not text in UTF-8")

// wellFormed reports what is wrong with a line before any of its members is read.
func wellFormed(line []byte) error {
	if !utf8.Valid(line) {
		return errNotText
	}
	return nil
}

// spelled says an error of JSON without the program's own names.
func spelled(err error) error {
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("it ends in the middle; was the file cut off?")
	case !errors.As(err, &mismatch):
		return err
	case mismatch.Field == "":
		return fmt.Errorf("it is of the kind %s, not an object", mismatch.Value)
	}
	return fmt.Errorf("the member %s may not be of the kind %s", mismatch.Field[strings.LastIndexByte(mismatch.Field, '.')+1:], mismatch.Value)
}
