package dossier

import (
	"slices"
	"testing"

	"congdvc/services/eform"
)

func TestDifferenceOf(t *testing.T) {
	t.Parallel()
	file := func(id, requirement, sum string) RevisionFile {
		return RevisionFile{ID: id, Requirement: requirement, SHA256: sum}
	}
	rows := func(cells ...string) (v eform.Value) {
		for _, c := range cells {
			v.Rows = append(v.Rows, map[string]string{"ten": c, "ghi_chu": ""})
		}
		return v
	}
	before := &Revision{Answers: eform.Answers{"a": text("1"), "gone": text("x"), "same": text("="),
		"empty": {}, "table": rows("An", "Bình"), "kept": rows("An")},
		Files: []RevisionFile{file("f1", "photo", "1"), file("f2", "photo", "2"), file("f3", "deed", "3"),
			file("f4", "proof", "4")}}
	after := &Revision{Answers: eform.Answers{"a": text("2"), "new": text("y"), "same": text("="),
		"table": rows("Bình"), "kept": {Rows: []map[string]string{{"ten": "An"}}}},
		Files: []RevisionFile{file("f5", "extra", "5"), file("f2", "photo", "2"), file("f6", "photo", "6"),
			file("f3", "deed", "3")}}
	d := DifferenceOf(before, after)
	if want := []string{"a", "gone", "new", "table"}; !slices.Equal(d.Fields, want) {
		t.Errorf("fields %v, want %v", d.Fields, want)
	}
	name := func(f *RevisionFile) string {
		if f == nil {
			return "-"
		}
		return f.ID
	}
	var files []string
	for _, f := range d.Files {
		files = append(files, f.Requirement+" "+name(f.Before)+" "+name(f.After))
	}
	if want := []string{"extra - f5", "photo f1 f6", "proof f4 -"}; !slices.Equal(files, want) {
		t.Errorf("files %v, want %v", files, want)
	}
	if d := DifferenceOf(before, before); len(d.Fields)+len(d.Files) > 0 {
		t.Errorf("of the same: %+v", d)
	}
}
