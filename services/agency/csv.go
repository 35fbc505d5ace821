package agency

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"congdvc/identity/number"
	"congdvc/services/workday"
)

// largestCSV is above every file of a whole country's agencies, in bytes.
const largestCSV = 16 << 20

// longestCell is above every name and address, in characters.
const longestCell = 500

// quoted says what is wrong with the quotation marks of a file.
func quoted(err error) error {
	var at *csv.ParseError
	if !errors.As(err, &at) || !errors.Is(err, csv.ErrBareQuote) && !errors.Is(err, csv.ErrQuote) {
		return fmt.Errorf("agency: read CSV: %w", err)
	}
	return fmt.Errorf(
		`agency: line %d: a quotation mark that neither begins nor ends a cell; a cell with one stands as "Sở ""X"""`, at.Line)
}

// A line is one row of a CSV file, by the names of its columns.
type line struct {
	number int
	cells  map[string]string
}

// has reports whether the file has a column, and the row something in it.
func (l line) has(column string) bool { return l.cells[column] != "" }

// faults collects what is wrong with a file, each with its line.
type faults struct{ all []error }

func (f *faults) add(number int, format string, args ...any) {
	f.all = append(f.all, fmt.Errorf("agency: line %d: "+format, append([]any{number}, args...)...))
}

func (f *faults) err() error { return errors.Join(f.all...) }

// date reads a cell as a day; an empty one is nil.
func (f *faults) date(l line, column string) *workday.Date {
	if !l.has(column) {
		return nil
	}
	d, err := workday.ParseDate(l.cells[column])
	if err != nil {
		f.add(l.number, "%s %q is no day as 2025-07-01", column, l.cells[column])
		return nil
	}
	return &d
}

// readCSV reads a file in UTF-8 whose first row names the columns, in any order. Texts are returned in NFC,
// without spaces around them and without what is invisible, those of coded columns made plain. Rows and
// columns in which all is empty, as spreadsheets leave them, are skipped; a file with nothing else is an
// error. An unknown column is an error, because it may be a known one with a typing error.
func readCSV(from io.Reader, required, known []string) ([]line, error) {
	raw, err := io.ReadAll(io.LimitReader(from, largestCSV+1))
	if err != nil {
		return nil, fmt.Errorf("agency: read CSV: %w", err)
	}
	if len(raw) > largestCSV {
		return nil, fmt.Errorf("agency: read CSV: larger than %d bytes", largestCSV)
	}
	if !utf8.Valid(raw) || bytes.ContainsFunc(raw, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
	}) {
		return nil, errors.New("agency: read CSV: not text in UTF-8")
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(norm.NFC.Bytes(raw), []byte("\ufeff"))))
	head, err := r.Read()
	for err == nil && !slices.ContainsFunc(head, func(cell string) bool { return number.Plain(cell) != "" }) {
		head, err = r.Read() // empty rows before it
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("agency: the CSV is empty")
	case err != nil:
		return nil, quoted(err)
	case len(head) == 1 && strings.ContainsAny(head[0], ";\t"):
		return nil,
			errors.New("agency: line 1: the columns are parted by semicolons or tabs; save the file " +
				"with commas")
	}
	for i := range head {
		head[i] = number.Plain(head[i])
		if head[i] == "" {
			continue
		}
		if !slices.Contains(required, head[i]) && !slices.Contains(known, head[i]) ||
			slices.Contains(head[:i], head[i]) {
			return nil, fmt.Errorf("agency: line 1: the column %q is unknown or there twice; known are %s",
				head[i], strings.Join(slices.Concat(required, known), ", "))
		}
	}
	for _, column := range required {
		if !slices.Contains(head, column) {
			return nil, fmt.Errorf("agency: line 1: the column %q is missing", column)
		}
	}
	return rowsOf(r, head, required)
}

// written are the columns that people write freely; all others hold codes, words of a list, days and numbers.
var written = []string{"name", "name_en", "full_name", "full_name_en", "address", "address_en", "provisional",
	"provisional_en"}

func cellOf(column, cell string) string {
	if !slices.Contains(written, column) {
		return number.Plain(cell)
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if number.Invisible(r) {
			return -1
		}
		return r
	}, cell))
}

func rowsOf(r *csv.Reader, head, required []string) ([]line, error) {
	var lines []line
	var wrong faults
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, csv.ErrFieldCount) {
			return nil, quoted(err)
		}
		at, _ := r.FieldPos(0)
		if !slices.ContainsFunc(cells, func(cell string) bool { return number.Plain(cell) != "" }) {
			continue
		}
		if err != nil {
			wrong.add(at, "has %d cells, the head has %d", len(cells), len(head))
			continue
		}
		l := line{number: at, cells: map[string]string{}}
		for i, cell := range cells {
			l.cells[head[i]] = cellOf(head[i], cell)
			if utf8.RuneCountInString(cell) > longestCell {
				wrong.add(at, "%s has more than %d characters; is a quotation mark missing?", head[i],
					longestCell)
			}
		}
		if l.has("") {
			wrong.add(at, "has something below an empty head")
		}
		for _, column := range required {
			if !l.has(column) {
				wrong.add(at, "%s is empty", column)
			}
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 && len(wrong.all) == 0 {
		return nil, errors.New("agency: the CSV has a head only")
	}
	return lines, wrong.err()
}
