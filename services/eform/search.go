package eform

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"congdvc/identity/number"
	"congdvc/services/fault"
)

// The displays of a choice. One to search is asked by typing: it is for long dictionaries.
const (
	displayRadio  = "radio"
	displaySelect = "select"
	displaySearch = "search"
)

// The faults of what was typed where an entry of a dictionary is searched for.
var (
	errNoEntry   = fault.New(fault.Invalid, "eform.no_entry")
	errSomeEntry = fault.New(fault.Invalid, "eform.some_entry") // {{.Count}} of them are like it
)

const (
	mostFound     = 12
	mostTypedSaid = 60 // characters
)

// searchable is an entry with what it is found by.
type searchable struct {
	option *Option
	words  []string // folded, of both languages, and its value
}

// names finds entries of a dictionary by what people type.
type names struct {
	exact, loose map[string]string // to the value; "" where two entries share it
	entries      []searchable
}

// namesOf gives the names of a dictionary; they are made once.
func namesOf(dictionary string) *names {
	if d := dictionaries()[dictionary]; d != nil {
		d.namesOnce.Do(func() { d.names = newNames(d.Entries) })
		return d.names
	}
	return &names{}
}

func newNames(entries []Option) *names {
	n := &names{exact: map[string]string{}, loose: map[string]string{}}
	note := func(in map[string]string, text, value string) {
		if other, known := in[text]; known && other != value {
			value = ""
		}
		in[text] = value
	}
	for i := range entries {
		o := &entries[i]
		var words []string
		for _, label := range []string{o.Label.Vi, o.Label.En} {
			bare := strings.TrimSuffix(label, " ("+o.Value+")")
			for _, text := range []string{label, bare} {
				note(n.exact, text, o.Value)
				note(n.loose, loose(text), o.Value)
				note(n.loose, loose(o.Value+" "+text), o.Value)
			}
			words = append(words, number.Words(bare)...)
		}
		note(n.loose, loose(o.Value), o.Value)
		n.entries = append(n.entries, searchable{o, append(words, number.Fold(o.Value))})
	}
	for i := range entries { // a value is itself, whatever is called so
		n.exact[entries[i].Value] = entries[i].Value
	}
	return n
}

// lead are the folded words that stand before names and codes where people copy them: "Dân tộc Kinh", "mã
// ngành 4520".
var lead = regexp.MustCompile(`^((ma|so|nganh|vsic|dan toc|quoc tich|nguoi) )+`)

// loose is the letters and digits of a text, folded, in one piece and without words before them: "ede" for
// "Ê-đê", "Ê Đê" and "dân tộc Êđê".
func loose(text string) string {
	return strings.ReplaceAll(lead.ReplaceAllString(strings.Join(number.Words(text), " "), ""), " ", "")
}

// named gives the value of the entry that a text is certain to mean: by its value, its whole name in either
// language or both, with or without diacritics, spaces, hyphens and whatever stands around them. ok is false
// where none or several are called so.
func (n *names) named(text string) (value string, ok bool) {
	if value, known := n.exact[text]; known && value != "" {
		return value, true
	}
	value = n.loose[loose(text)]
	return value, value != ""
}

// like are the entries in which each typed word begins a word.
func (n *names) like(text string) []Option {
	typed := number.Words(text)
	if len(typed) == 0 {
		return nil
	}
	var found []Option
	for _, e := range n.entries {
		if !slices.ContainsFunc(typed, func(word string) bool {
			return !slices.ContainsFunc(e.words, func(of string) bool { return strings.HasPrefix(of, word) })
		}) {
			found = append(found, *e.option)
		}
	}
	return found
}

// Searched reports whether the field's value is searched for by typing.
func (f *Field) Searched() bool { return f.Display == displaySearch }

// Found lists the entries of a searched field that a typed text may mean, when it is not an entry itself: at
// most a dozen. When more entries match it lists none, since the person should type more.
func (f *Field) Found(text string) []Option {
	if !f.unlisted(text) {
		return nil
	}
	if found := namesOf(f.Dictionary).like(text); len(found) <= mostFound {
		return found
	}
	return nil
}

// Storable returns the part of a value that a draft may keep. A searched field keeps only entries of its
// dictionary; other typed texts stay on the page on which they were typed. all reports whether the whole
// value was kept.
func (f *Field) Storable(v Value) (kept Value, all bool) {
	if f.unlisted(v.Text) {
		return Value{}, false
	}
	if f.Shape() != TableRows {
		return v, true
	}
	kept, all = Value{Rows: slices.Clone(v.Rows)}, true
	for i, row := range v.Rows {
		for k := range f.Columns {
			if c := &f.Columns[k]; c.unlisted(row[c.ID]) {
				kept.Rows[i], all = maps.Clone(kept.Rows[i]), false
				delete(kept.Rows[i], c.ID)
			}
		}
	}
	if all {
		return v, true
	}
	return kept, false
}

// unlisted reports whether a text was typed to search for an entry but is none.
func (f *Field) unlisted(text string) bool {
	return f.Searched() && text != "" && entry(f.Dictionary, text) == nil
}

// notFound is the fault of a text that is no entry.
func (f *Field) notFound(text string) *fault.Fault {
	if !f.Searched() {
		return errChoice
	}
	typed := cut(clean(text, dropLines), mostTypedSaid)
	if n := len(namesOf(f.Dictionary).like(text)); n > 0 {
		return errSomeEntry.With("Typed", typed).With("Count", n)
	}
	return errNoEntry.With("Typed", typed)
}

// onceNames keeps the names of a dictionary beside it.
type onceNames struct {
	namesOnce sync.Once
	names     *names
}
