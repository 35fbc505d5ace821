// Package ndjson reads text with one JSON object a line. It reads a line at a time, whatever the text's
// length, and explains what is wrong with a text in words for the person who brought it.
package ndjson

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

// errNotText is the error for a line in another encoding, whose content can only be guessed.
var errNotText = errors.New("is not text in UTF-8")

// A TooLong is the error for a line with more bytes than its reader takes.
type TooLong int

// Error names the bound.
func (most TooLong) Error() string { return fmt.Sprintf("is longer than %d bytes", int(most)) }

// Lines reads the lines of a text.
type Lines struct {
	from    *bufio.Reader
	longest int
}

// Open begins to read a text whose lines have at most longest bytes. A byte order mark is skipped. If the
// whole is no such text, that is reported once and not for every line.
func Open(from io.Reader, longest int) (*Lines, error) {
	lines := bufio.NewReaderSize(from, 64<<10)
	head, err := lines.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("ndjson: read: %w", err)
	}
	if bytes.HasPrefix(head, byteOrderMark) {
		if _, err := lines.Discard(len(byteOrderMark)); err != nil {
			return nil, fmt.Errorf("ndjson: read: %w", err)
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
		return nil,
			errors.New("the file is a JSON array, not one JSON object a line; jq -c '.[]' makes one of " +
				"the other")
	case several && string(first) == "{":
		return nil, errors.New("the file has JSON objects of several lines, not one a line; " +
			"jq -c . makes one of the other")
	}
	return &Lines{from: lines, longest: longest}, nil
}

// Next returns a line without its end, and how many bytes were read for it. For a line that is too long it
// returns the beginning with a TooLong, and skips the rest. After the last line it returns io.EOF.
func (l *Lines) Next() (line []byte, size int64, err error) {
	for {
		part, err := l.from.ReadSlice('\n')
		size += int64(len(part))
		if room := l.longest + 1 - len(line); room > 0 {
			line = append(line, part[:min(len(part), room)]...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || size == 0):
			return nil, size, err
		}
		line = []byte(strings.TrimRight(string(line), "\r\n"))
		if len(line) > l.longest {
			return line, size, TooLong(l.longest)
		}
		return line, size, nil
	}
}

// CheckText reports what is wrong with a line as text, before its JSON is read.
func CheckText(line []byte) error {
	if !utf8.Valid(line) {
		return errNotText
	}
	return nil
}

// Explain rewords an error of encoding/json without the names of the program's own types.
func Explain(err error) error {
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("it ends in the middle; was the file cut off?")
	case !errors.As(err, &mismatch):
		return err
	case mismatch.Field == "":
		return fmt.Errorf("it is of the kind %s, not an object", mismatch.Value)
	}
	member := mismatch.Field[strings.LastIndexByte(mismatch.Field, '.')+1:]
	return fmt.Errorf("the member %s may not be of the kind %s", member, mismatch.Value)
}
