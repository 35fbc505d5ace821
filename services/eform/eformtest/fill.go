// Package eformtest fills electronic forms from their own definitions, rightly and wrongly, for tests. The
// same seed gives the same answers.
package eformtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/workday"
)

// rounds bounds how often answers are put right until a form takes them.
const rounds = 3000

// Fill answers a form so that it accepts every answer. Optional questions are answered about half the time,
// and each way through the form is taken for some seed. The error names what could not be put right.
func Fill(f *eform.Form, r *rand.Rand, on workday.Date) (eform.Answers, error) {
	a, tried := eform.Answers{}, map[string]bool{}
	var faults fault.List
	for range rounds {
		shown := f.Shown(a)
		for _, field := range f.Fields() {
			if field.Asks() && shown[field.ID] && !tried[field.ID] {
				tried[field.ID] = true
				if !field.Optional || r.IntN(2) == 0 {
					a[field.ID] = value(field, r, on)
				}
			}
		}
		a, _ = f.Prune(f.Compute(a, on))
		if faults = f.Check(a, on); len(faults) == 0 && complete(f, a, tried) {
			return a, nil
		}
		for _, bad := range faults {
			id, _ := f.FieldOf(bad.Field)
			a[id] = value(f.Field(id), r, on)
		}
		if len(faults) > 0 && r.IntN(4) == 0 { // perhaps the other side of a comparison is to blame
			field := f.Fields()[r.IntN(len(f.Fields()))]
			if _, answered := a[field.ID]; answered && field.Asks() {
				a[field.ID] = value(field, r, on)
			}
		}
	}
	return nil, fmt.Errorf("eformtest: form %s is never right: %w", f.ID, faults.Err())
}

// complete reports whether everything that is asked was considered.
func complete(f *eform.Form, a eform.Answers, tried map[string]bool) bool {
	for id := range f.Shown(a) {
		if field := f.Field(id); field.Asks() && !tried[id] {
			return false
		}
	}
	return true
}

// value makes an answer that a field may take by itself, its bounds often included.
func value(f *eform.Field, r *rand.Rand, on workday.Date) eform.Value {
	switch f.Shape() {
	case eform.ManyTexts:
		var many []string
		for _, o := range f.Entries() {
			if r.IntN(2) == 0 {
				many = append(many, o.Value)
			}
		}
		return eform.Value{Many: many}
	case eform.OneAddress:
		return eform.Value{Rows: []map[string]string{address(r)}}
	case eform.TableRows:
		rows := make([]map[string]string, 1+r.IntN(3))
		for i := range rows {
			rows[i] = map[string]string{}
			for k := range f.Columns {
				if c := &f.Columns[k]; !c.Optional || r.IntN(2) == 0 {
					rows[i][c.ID] = text(c, r, on)
				}
			}
		}
		return eform.Value{Rows: rows}
	}
	return eform.Value{Text: text(f, r, on)}
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func address(r *rand.Rand) map[string]string {
	row := map[string]string{
		eform.PartProvince: pick(r, eform.Dictionary("tinh")...).Value,
		eform.PartCommune:  pick(r, "Xã Bình Minh", "Phường Đông A"),
		eform.PartDetail:   "Số " + strconv.Itoa(1+r.IntN(99)) + ", phố Đông Thành",
	}
	if r.IntN(2) == 0 {
		row[eform.PartProvince], row[eform.PartCommune], row[eform.PartCommuneName] = "37", "14329",
			"Phường Hoa Lư"
	}
	if r.IntN(4) == 0 {
		row[eform.PartOld] = "huyện Gia Viễn, tỉnh Hà Nam Ninh"
	}
	return row
}

// text makes the canonical text of a field or column.
func text(f *eform.Field, r *rand.Rand, on workday.Date) string {
	switch entries := f.Entries(); {
	case f.Numeric():
		return amount(f, r)
	case f.Dated(): // as much of a day as one of the examples says
		whole := day(r, on).String()
		return whole[:len(oneOf(r, f.Examples(r.IntN)))]
	case len(entries) > 0:
		return pick(r, entries...).Value
	}
	return oneOf(r, f.Examples(r.IntN))
}

// oneOf draws only where there is a choice.
func oneOf(r *rand.Rand, texts []string) string {
	if len(texts) == 1 {
		return texts[0]
	}
	return pick(r, texts...)
}

func amount(f *eform.Field, r *rand.Rand) string {
	if b := string(pick(r, f.Min, f.Max)); b != "" && r.IntN(3) == 0 {
		return b
	}
	n := strconv.Itoa(1 + r.IntN(pick(r, 5, 100, 100_000_000)))
	if f.Decimals > 0 && r.IntN(2) == 0 {
		n += pick(r, ".5", ".9")
	}
	return n
}

// day is often near the day of filing, else within a life before it.
func day(r *rand.Rand, on workday.Date) workday.Date {
	switch r.IntN(4) {
	case 0:
		return on.AddDays(r.IntN(31) - 15)
	case 1:
		return on.AddDays(-r.IntN(800))
	}
	return on.AddDays(-r.IntN(29000))
}

// Starter loads the forms of the starter catalogue from their files, in the order of their codes. Tests have
// the folder of their package as working directory; root is the way from there to the root of the tree.
func Starter(root string) ([]*eform.Form, error) {
	paths, err := filepath.Glob(filepath.Join(root, "services/procedure/data/procedures/*.form.json"))
	if err != nil {
		return nil, err
	}
	var forms []*eform.Form
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		f, err := eform.Load(raw)
		if err != nil {
			return nil, fmt.Errorf("eformtest: %s: %w", path, err)
		}
		forms = append(forms, f)
	}
	return forms, nil
}
