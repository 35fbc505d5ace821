package procedure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"congdvc/i18n"
	"congdvc/identity/number"
	"congdvc/services/ndjson"
)

// nationalRecord is one procedure as the national portal's procedure service (LayThuTuc) tells it. A figure that it
// could not read with certainty is null there, with its words in the text beside it.
type nationalRecord struct {
	MATTHC, TENTTHC, SOQUYETDINH                     string
	CAPTHUCHIEN, DOITUONGTHUCHIEN                    []string
	LINHVUCTHUCHIEN, LOAITTHC                        string
	COQUANTHUCHIEN, COQUANCOTHAMQUYEN, COQUANPHOIHOP string
	TRINHTUTHUCHIEN, YEUCAU                          string
	CACHTHUCTHUCHIEN                                 []nationalChannel
	THANHPHANHOSO                                    []nationalGroup
	KETQUATHUCHIEN                                   []struct{ MAKETQUA, TENKETQUA string }
	CANCUPHAPLY                                      []struct{ SOVANBAN, TENVANBAN string }
}

type nationalChannel struct {
	KENH              string
	THOIGIANGIAIQUYET *float64
	DONVITINH         string // "" when null
	PHILEPHI          []nationalFee
	MOTA              string
}

type nationalFee struct {
	SOTIEN     *float64
	LOAI, MOTA string
}

// nationalGroup is a part of the list of papers below a heading, which may or may not be a case.
type nationalGroup struct {
	TRUONGHOP string
	GIAYTO    []nationalPaper
}

type nationalPaper struct {
	TENGIAYTO, MAUDON    string
	SOBANCHINH, SOBANSAO float64
}

// Bounds of a record: of its line in bytes, of its name in characters.
const (
	longestRecord = 1 << 20
	longestName   = 4000
)

// What makes a record unusable.
var (
	errNoCode   = errors.New("has no code as 1.001193")
	errNoName   = errors.New("has no name")
	errLongName = fmt.Errorf("has a name of more than %d characters", longestName)
)

// readNational turns a record into a definition for information only, without a first day. What can be read with
// certainty becomes structure, the rest stays as text; nothing is added. Left tells what found no place. The code is
// returned, as far as it can be read, also with an error.
func readNational(line []byte) (d Definition, left []string, err error) {
	var r nationalRecord
	if err := ndjson.CheckText(line); err != nil {
		return Definition{Code: codeIn(line)}, nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	if err := decoder.Decode(&r); err != nil {
		return Definition{Code: codeIn(line)}, nil, fmt.Errorf("is not such a record: %w", ndjson.Explain(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Definition{Code: codeIn(line)}, nil, errors.New("is not such a record: more after its end")
	}
	d.Code = tidy(r.MATTHC)
	d.Name = vi(r.TENTTHC)
	switch {
	case !IsCode(d.Code):
		return d, nil, errNoCode
	case d.Name.Vi == "":
		return d, nil, errNoName
	case utf8.RuneCountInString(d.Name.Vi) > longestName:
		return d, nil, errLongName
	}
	d.Level = Information
	d.Field.Name = vi(r.LINHVUCTHUCHIEN)
	d.Source = &Origin{
		Service: National, Decision: tidy(r.SOQUYETDINH), Kind: tidy(r.LOAITTHC), Levels: tidyAll(r.CAPTHUCHIEN), Audience: tidyAll(r.DOITUONGTHUCHIEN),
		Executing: tidy(r.COQUANTHUCHIEN), Competent: tidy(r.COQUANCOTHAMQUYEN), Cooperating: tidy(r.COQUANPHOIHOP),
	}
	d.AgencyText = vi(d.Source.Competent)
	if d.AgencyText.Vi == "" {
		d.AgencyText = vi(d.Source.Executing)
	}
	d.Audience, d.ReceivedBy = audienceOf(d.Source.Audience), d.Source.Receivers()
	d.Steps = nationalSteps(r.TRINHTUTHUCHIEN)
	if conditions := vi(r.YEUCAU); !none(conditions.Vi) {
		d.Conditions = []i18n.Text{conditions}
	}
	left = append(left, d.nationalResults(&r)...)
	left = append(left, d.nationalChannels(&r)...)
	d.nationalPapers(&r)
	d.complete()
	return d, left, nil
}

var codeMember = regexp.MustCompile(`"MATTHC"\s*:\s*"([0-9.A-Z]{1,40})"`)

// codeIn finds the code in a line that cannot be read otherwise, "" when it has none.
func codeIn(line []byte) string {
	if found := codeMember.FindSubmatch(line); found != nil {
		return string(found[1])
	}
	return ""
}

// vi is a text that its source has in Vietnamese only.
func vi(s string) i18n.Text { return i18n.Text{Vi: tidy(s)} }

// tidy gives a text in NFC without spaces around it and without characters that cannot be seen or stored: controls
// other than tabs and line ends, directions, and byte order marks.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u00a0':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\ufeff', r == '\u200b':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(norm.NFC.String(s))
}

// tidyAll tidies every text and leaves out those that are empty.
func tidyAll(all []string) []string {
	var kept []string
	for _, s := range all {
		if s = tidy(s); s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

// none reports whether a text says only that there is nothing.
func none(s string) bool {
	switch strings.Join(number.Words(s), " ") {
	case "", "khong", "khong co", "mien phi", "khong thu phi":
		return true
	}
	return false
}
