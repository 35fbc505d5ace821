package portal

import (
	"slices"
	"strings"

	"congdvc/i18n"
	"congdvc/identity/number"
	"congdvc/services/eform"
)

// dictionaryList are the entries of a dictionary to search. One list serves all inputs of a page.
type dictionaryList struct {
	ID      string
	Entries []dictionaryEntry
}

// dictionaryEntry has its name in the page's language, and in the other one where that is another.
type dictionaryEntry struct{ Value, Label, Other string }

func dictionaryListID(dictionary string) string { return "tra-" + dictionary }

// dictionaryLists are the lists of the dictionaries that a step searches, also in columns of tables.
func dictionaryLists(l i18n.Lang, step *eform.Step) []dictionaryList {
	var lists []dictionaryList
	var note func(fields []eform.Field)
	note = func(fields []eform.Field) {
		for i := range fields {
			field, id := &fields[i], dictionaryListID(fields[i].Dictionary)
			note(field.Columns)
			if field.Searched() && !slices.ContainsFunc(lists, func(list dictionaryList) bool {
				return list.ID == id
			}) {
				lists = append(lists, dictionaryList{id, dictionaryEntries(l, field)})
			}
		}
	}
	for i := range step.Sections {
		note(step.Sections[i].Fields)
	}
	return lists
}

func dictionaryEntries(l i18n.Lang, field *eform.Field) []dictionaryEntry {
	options := field.Entries()
	entries := make([]dictionaryEntry, len(options))
	for i, o := range options {
		entries[i] = dictionaryEntry{Value: o.Value, Label: o.Label.In(l)}
		if other := o.Label.In(l.Other()); number.Fold(other) != number.Fold(entries[i].Label) {
			entries[i].Other = other
		}
	}
	return entries
}

// searched draws a question whose answer is searched for. It shows the entry by its name. If what was typed
// is no entry, it shows that unchanged, and the entries that may be meant.
func (f formView) searched(out *fieldView, field *eform.Field) {
	out.List = dictionaryListID(field.Dictionary)
	out.Hint = strings.TrimSpace(out.Hint + " " + i18n.T(f.lang, "step.search_hint"))
	if out.Error != "" {
		out.Options = options(f.lang, field.Found(out.Value), eform.Value{})
	}
	out.Value = eform.DictionaryText(field.Dictionary, out.Value, f.lang)
}

// unsaved says that the page holds something that a draft does not keep; "" if it does not.
func (f formView) unsaved(step *eform.Step) string {
	for i := range step.Sections {
		for k := range step.Sections[i].Fields {
			field := &step.Sections[i].Fields[k]
			if _, all := field.Storable(f.answers[field.ID]); !all {
				return unlistedText(f.lang, field)
			}
		}
	}
	return ""
}

func unlistedText(l i18n.Lang, field *eform.Field) string {
	return i18n.T(l, "step.unlisted", "Label", field.Label.In(l))
}
