package ndjson

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// TestNext: lines come whole without their ends, whatever ends them, and one that is too long costs only
// itself.
func TestNext(t *testing.T) {
	t.Parallel()
	text := "\ufeff{}\r\n\n" + strings.Repeat("x", 200_000) + "\n12345678\n123456789\nlast"
	lines, err := Open(strings.NewReader(text), 8)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	read := int64(len("\ufeff"))
	for {
		line, size, err := lines.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		read += size
		var most TooLong
		if errors.As(err, &most) && most == 8 {
			got = append(got, string(line)+" too long")
		} else if err != nil {
			t.Fatal(err)
		} else {
			got = append(got, string(line))
		}
	}
	want := []string{"{}", "", "xxxxxxxxx too long", "12345678", "123456789 too long", "last"}
	if !slices.Equal(got, want) || read != int64(len(text)) {
		t.Errorf("%d of %d bytes: %q, want %q", read, len(text), got, want)
	}
}
