package procedure

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// A compared is what testdata/papers.json says of one starter procedure: where each row of papers of its
// national record stands in the definition. Texts of the record are known by the first words and eight digits
// of their SHA-256.
type compared struct {
	Steps      string // hash of TRINHTUTHUCHIEN as it was read for the definition
	Conditions string // of YEUCAU
	Rows       []comparedRow
	Kept       map[string]string // by id of a requirement that no row asks for: why it is there
}

// A comparedRow is one paper of the record: either Asks or None says what became of it.
type comparedRow struct {
	At     string // "2.1" is the first row of the second case
	Words  string // the row begins with them
	Hash   string
	Asks   []string // ids of requirements
	Counts string   // why their quantities are not those of the row
	None   string   // one of notAsked
	Of     []string // the requirements that it is about
	Why    string
}

// notAsked are the kinds of rows that ask for no paper of their own.
var notAsked = map[string]string{
	"form":        "the request itself, which the form of the portal is",
	"condition":   "when and how a paper is due; told by a help, a substitute, a condition or the form",
	"alternative": "a paper that another requirement takes too",
	"heading":     "introduces the rows after it",
	"note":        "binds the officer, not the person who files",
	"elsewhere":   "a situation for which the portal has no form",
}

func comparedPapers(t *testing.T) map[string]compared {
	t.Helper()
	file, err := os.Open("testdata/papers.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	var table map[string]compared
	if err := decoder.Decode(&table); err != nil {
		t.Fatal(err)
	}
	return table
}

// faultsOf tells what a definition and its part of the table have against each other, whatever the record
// says.
func (c compared) faultsOf(d *Definition, hasForm bool) (faults []string) {
	wrong := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	known := map[string]bool{}
	for _, r := range d.Requirements {
		known[r.ID] = true
	}
	asked := map[string]bool{}
	for _, row := range c.Rows {
		for _, id := range append(row.Asks[:len(row.Asks):len(row.Asks)], row.Of...) {
			if !known[id] {
				wrong("row %s names the requirement %s, which does not exist", row.At, id)
			}
		}
		for _, id := range row.Asks {
			asked[id] = true
		}
		_, kind := notAsked[row.None]
		switch {
		case (len(row.Asks) > 0) == (row.None != ""), row.None != "" && !kind:
			wrong("row %s asks for papers or says why not: %q", row.At, row.None)
		case row.None == "form" && !hasForm:
			wrong("row %s is the form, but there is none", row.At)
		case row.None == "alternative" && len(row.Of) == 0, row.None == "elsewhere" && row.Why == "":
			wrong("row %s does not say of what it is one, or why", row.At)
		}
	}
	for _, r := range d.Requirements {
		switch reason, kept := c.Kept[r.ID]; {
		case asked[r.ID] && kept:
			wrong("%s is asked for by a row and needs no reason", r.ID)
		case !asked[r.ID] && reason == "":
			wrong("%s is asked for by no row and no reason is given", r.ID)
		}
	}
	for id := range c.Kept {
		if !known[id] {
			wrong("a reason is given for %s, which does not exist", id)
		}
	}
	return faults
}

// TestStarterPapersAreAccountedFor: every paper that a starter procedure asks for stands in the table, with
// the rows of the record that ask for it or with the reason why it is asked for without one.
func TestStarterPapersAreAccountedFor(t *testing.T) {
	t.Parallel()
	table, versions := comparedPapers(t), starter(t)
	for code, v := range versions {
		c, ok := table[code]
		if recorded := len(c.Rows) > 0; !ok || recorded == slices.Contains(unrecorded, code) {
			t.Errorf("%s has %d rows in the table", code, len(c.Rows))
		}
		for _, fault := range c.faultsOf(&v.Definition, v.form != nil) {
			t.Errorf("%s: %s", code, fault)
		}
	}
	for code := range table {
		if versions[code] == nil {
			t.Errorf("the table has %s, which is no starter procedure", code)
		}
	}
}

// A paperRow is one paper of a record.
type paperRow struct {
	TENGIAYTO  string
	SOBANCHINH int
	SOBANSAO   int
	heading    string
}

// hash is the mark by which the table knows a text.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// rowFaults tells what a row of the record has against what the table and the definition make of it.
func rowFaults(d *Definition, row comparedRow, of paperRow) (faults []string) {
	wrong := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if row.Hash != hash(of.TENGIAYTO) || !strings.HasPrefix(strings.Join(strings.Fields(of.TENGIAYTO), " "),
		row.Words) || row.Words == "" {
		wrong("row %s is another one than when it was compared: %q", row.At, of.TENGIAYTO)
	}
	counted := of.SOBANCHINH+of.SOBANSAO > 0
	if counted && (row.None == "note" || row.None == "condition") && row.Why == "" {
		wrong("row %s has a quantity, but is taken for a %s without a reason", row.At, row.None)
	}
	differ := false
	for _, id := range row.Asks {
		i := slices.IndexFunc(d.Requirements, func(r Requirement) bool { return r.ID == id })
		if i < 0 {
			continue // told by faultsOf
		}
		r := d.Requirements[i]
		if r.Originals != of.SOBANCHINH || r.Copies != of.SOBANSAO {
			differ = true
			if row.Counts == "" {
				wrong("row %s has %d+%d, %s asks for %d+%d", row.At, of.SOBANCHINH, of.SOBANSAO, id,
					r.Originals, r.Copies)
			}
		}
		heading := strings.ToLower(of.heading)
		if strings.Contains(heading, "phải xuất trình") && r.Mode != Show ||
			strings.Contains(heading, "phải nộp:") && r.Mode != Submit {
			wrong("row %s stands under %q, %s is to %s", row.At, of.heading, id, r.Mode)
		}
	}
	if row.Counts != "" && !differ {
		wrong("row %s gives a reason for quantities that are the same", row.At)
	}
	return faults
}

// TestStarterPapersFollowTheRecords goes through every row of papers of the national records: each is in the
// table, as it was when it was compared, and its quantities and its way of handing in are those of the
// requirements.
func TestStarterPapersFollowTheRecords(t *testing.T) {
	t.Parallel()
	raw := nationalRecordsOf(t)
	table, versions := comparedPapers(t), starter(t)
	seen := map[string]bool{}
	for line := range strings.Lines(string(raw)) {
		var record struct {
			MATTHC, TRINHTUTHUCHIEN, YEUCAU string
			THANHPHANHOSO                   []struct {
				TRUONGHOP string
				GIAYTO    []paperRow
			}
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		v := versions[record.MATTHC]
		if v == nil {
			continue
		}
		seen[v.Code] = true
		c := table[v.Code]
		if c.Steps != hash(record.TRINHTUTHUCHIEN) || c.Conditions != hash(record.YEUCAU) {
			t.Errorf("%s: the steps or conditions of the record are others than when they were compared",
				v.Code)
		}
		rows := map[string]comparedRow{}
		for _, row := range c.Rows {
			rows[row.At] = row
		}
		for i, group := range record.THANHPHANHOSO {
			for j, paper := range group.GIAYTO {
				at := fmt.Sprintf("%d.%d", i+1, j+1)
				paper.heading = group.TRUONGHOP
				row, ok := rows[at]
				if delete(rows, at); !ok {
					t.Errorf("%s: row %s is not accounted for: %q", v.Code, at, paper.TENGIAYTO)
					continue
				}
				for _, fault := range rowFaults(&v.Definition, row, paper) {
					t.Errorf("%s: %s", v.Code, fault)
				}
			}
		}
		for _, at := range slices.Sorted(maps.Keys(rows)) {
			t.Errorf("%s: the record has no row %s", v.Code, at)
		}
	}
	if want := len(versions) - len(unrecorded); len(seen) != want {
		t.Errorf("%d records compared, want %d", len(seen), want)
	}
}

// TestComparingPapersTellsFaults breaks a definition that agrees with its row, one way at a time.
func TestComparingPapersTellsFaults(t *testing.T) {
	t.Parallel()
	row := comparedRow{At: "1.1", Words: "Giấy chứng sinh", Hash: hash("Giấy chứng sinh; bản chính"),
		Asks: []string{"gcs"}}
	paper := paperRow{TENGIAYTO: "Giấy chứng sinh; bản chính", SOBANCHINH: 1, heading: "Giấy tờ phải nộp:"}
	gcs := Requirement{ID: "gcs", Mode: Submit, Originals: 1}
	for name, c := range map[string]struct {
		change func(*compared, *Definition, *paperRow)
		want   string
	}{
		"agrees": {func(*compared, *Definition, *paperRow) {}, ""},
		"invented": {func(_ *compared, d *Definition, _ *paperRow) {
			d.Requirements = append(d.Requirements, Requirement{ID: "x"})
		}, "no row"},
		"kept for a reason": {func(c *compared, d *Definition, _ *paperRow) {
			d.Requirements = append(d.Requirements, Requirement{ID: "x"})
			c.Kept = map[string]string{"x": "steps"}
		}, ""},
		"reason out of date": {func(c *compared, _ *Definition, _ *paperRow) {
			c.Kept = map[string]string{"gcs": "steps"}
		}, "needs no reason"},
		"reason for nothing": {func(c *compared, _ *Definition, _ *paperRow) {
			c.Kept = map[string]string{"y": "steps"}
		}, "y, which does not exist"},
		"dropped": {func(_ *compared, d *Definition, _ *paperRow) {
			d.Requirements = nil
		}, "gcs, which does not exist"},
		"both": {func(c *compared, _ *Definition, _ *paperRow) {
			c.Rows[0].None = "note"
		}, "or says why not"},
		"neither": {func(c *compared, _ *Definition, _ *paperRow) {
			c.Rows[0].Asks = nil
		}, "or says why not"},
		"form that is not": {func(c *compared, _ *Definition, _ *paperRow) {
			c.Rows[0].Asks, c.Rows[0].None = nil, "form"
		}, "there is none"},
		"alternative": {func(c *compared, _ *Definition, _ *paperRow) {
			c.Rows[0].Asks, c.Rows[0].None = nil, "alternative"
		}, "of what it is one"},
		"counted note": {func(c *compared, _ *Definition, _ *paperRow) {
			c.Rows[0].Asks, c.Rows[0].None = nil, "note"
		}, "without a reason"},
		"quantity": {func(_ *compared, _ *Definition, p *paperRow) { p.SOBANSAO = 1 }, "has 1+1"},
		"needless reason": {func(c *compared, _ *Definition, _ *paperRow) {
			c.Rows[0].Counts = "as law says"
		}, "quantities that are the same"},
		"other words": {func(_ *compared, _ *Definition, p *paperRow) { p.TENGIAYTO += "." }, "another one"},
		"shown": {func(_ *compared, _ *Definition, p *paperRow) {
			p.heading = "Giấy tờ phải xuất trình:"
		}, "is to submit"},
	} {
		table, d, p := compared{Rows: []comparedRow{row}}, Definition{Requirements: []Requirement{gcs}}, paper
		c.change(&table, &d, &p)
		told := strings.Join(append(table.faultsOf(&d, false), rowFaults(&d, table.Rows[0], p)...), "; ")
		if c.want == "" && told != "" || !strings.Contains(told, c.want) {
			t.Errorf("%s: %q, want %q", name, told, c.want)
		}
	}
}
