// Package national reads records of the national portal's procedure service and brings a file of them in.
// What can be read of a record with certainty becomes the structure of a procedure.Definition, the rest stays
// as text; nothing is added. Such a file may also hold definitions as procedure.Export writes them.
package national

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"

	"congdvc/i18n"
	"congdvc/services/ndjson"
	"congdvc/services/procedure"
)

// A record is one procedure as the national portal's procedure service (LayThuTuc) tells it. A figure that it
// could not read with certainty is null there, with its words in the text beside it.
type record struct {
	MATTHC, TENTTHC, SOQUYETDINH                     string
	CAPTHUCHIEN, DOITUONGTHUCHIEN                    []string
	LINHVUCTHUCHIEN, LOAITTHC                        string
	COQUANTHUCHIEN, COQUANCOTHAMQUYEN, COQUANPHOIHOP string
	TRINHTUTHUCHIEN, YEUCAU                          string
	CACHTHUCTHUCHIEN                                 []filing
	THANHPHANHOSO                                    []group
	KETQUATHUCHIEN                                   []struct{ MAKETQUA, TENKETQUA string }
	CANCUPHAPLY                                      []struct{ SOVANBAN, TENVANBAN string }
}

type filing struct {
	KENH              string
	THOIGIANGIAIQUYET *float64
	DONVITINH         string // "" when null
	PHILEPHI          []statedFee
	MOTA              string
}

type statedFee struct {
	SOTIEN     *float64
	LOAI, MOTA string
}

// A group is a part of the list of papers below a heading, which may or may not be a case.
type group struct {
	TRUONGHOP string
	GIAYTO    []paper
}

type paper struct {
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

// read turns a record into a definition for information only, without a first day. What can be read with
// certainty becomes structure, the rest stays as text; nothing is added. left is what could be placed
// nowhere. The code is returned even with an error, as far as it can be read.
func read(line []byte) (d procedure.Definition, left []string, err error) {
	r, err := decode(line)
	if err != nil {
		return procedure.Definition{Code: codeIn(line)}, nil, err
	}
	d.Code = tidy(r.MATTHC)
	d.Name = vi(r.TENTTHC)
	switch {
	case !procedure.IsCode(d.Code):
		return d, nil, errNoCode
	case d.Name.Vi == "":
		return d, nil, errNoName
	case utf8.RuneCountInString(d.Name.Vi) > longestName:
		return d, nil, errLongName
	}
	d.Level = procedure.Information
	d.Field.Name = vi(r.LINHVUCTHUCHIEN)
	d.Source = &procedure.Origin{
		Service: procedure.National, Decision: tidy(r.SOQUYETDINH), Kind: tidy(r.LOAITTHC),
		Levels: tidyAll(r.CAPTHUCHIEN), Audience: tidyAll(r.DOITUONGTHUCHIEN),
		Executing: tidy(r.COQUANTHUCHIEN), Competent: tidy(r.COQUANCOTHAMQUYEN),
		Cooperating: tidy(r.COQUANPHOIHOP),
	}
	d.AgencyText = vi(d.Source.Competent)
	if d.AgencyText.Vi == "" {
		d.AgencyText = vi(d.Source.Executing)
	}
	d.Audience, d.ReceivedBy = audienceOf(d.Source.Audience), d.Source.Receivers()
	d.Steps = steps(r.TRINHTUTHUCHIEN)
	if conditions := vi(r.YEUCAU); !none(conditions.Vi) {
		d.Conditions = []i18n.Text{conditions}
	}
	left = append(left, readResults(&d, r)...)
	left = append(left, readChannels(&d, r)...)
	readPapers(&d, r)
	return d, left, nil
}

func decode(line []byte) (*record, error) {
	if err := ndjson.CheckText(line); err != nil {
		return nil, err
	}
	var r record
	decoder := json.NewDecoder(bytes.NewReader(line))
	if err := decoder.Decode(&r); err != nil {
		return nil, fmt.Errorf("is not such a record: %w", ndjson.Explain(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("is not such a record: more after its end")
	}
	return &r, nil
}

var codeMember = regexp.MustCompile(`"MATTHC"\s*:\s*"([0-9.A-Z]{1,40})"`)

// codeIn finds the code in a line that cannot be read otherwise, "" when it has none.
func codeIn(line []byte) string {
	if found := codeMember.FindSubmatch(line); found != nil {
		return string(found[1])
	}
	return ""
}
