package eform

import (
	"math"
	"strconv"
	"strings"
	"time"

	"congdvc/services/dong"
	"congdvc/services/workday"
)

// What a computed field can be.
const (
	// "Ngày hai mươi ba tháng mười một năm hai nghìn không trăm hai mươi sáu"
	computeDateInWords = "date_in_words"
	// full years from the first date to the second, or to the day of filing
	computeAge          = "age"
	computeDays         = "days"           // days from the first date to the second, or to the day of filing
	computeTotal        = "total"          // sum of numbers or of the cells of a column ("table.column")
	computeSame         = "same"           // the name of a person who is named elsewhere in the form
	computeMoneyInWords = "money_in_words" // "Một trăm năm mươi nghìn đồng"
)

// A maker makes the text of a computed field from its sources: the canonical texts that are filled, in order.
type maker struct {
	most  int // sources
	takes func(*Field) bool
	gives comparison // how what it makes can be compared
	make  func(texts []string, on workday.Date) string
}

// makers has a row for each of the compute constants. It is filled in by init, since the rows' functions lead
// back to it.
var makers map[string]maker

func init() {
	named := func(f *Field) bool { return f.Type == Name }
	dateAsWords := func(texts []string, _ workday.Date) string { return dateInWords(texts[0]) }
	same := func(texts []string, _ workday.Date) string { return texts[0] }
	sum := func(f *Field) bool { return f.Type == Money || f.Compute == computeTotal }
	makers = map[string]maker{
		computeDateInWords:  {1, (*Field).Dated, asTexts, dateAsWords},
		computeAge:          {2, (*Field).Dated, asNumbers, age},
		computeDays:         {2, (*Field).Dated, asNumbers, days},
		computeTotal:        {20, (*Field).Numeric, asNumbers, total},
		computeSame:         {1, named, asTexts, same},
		computeMoneyInWords: {1, sum, asTexts, moneyInWords},
	}
}

// Compute returns the answers with every visible computed field made anew from its sources. One whose sources
// are not all there, or not well formed, is left out. The day is that of filing, for ages and days. The texts
// are Vietnamese: they go into Vietnamese papers.
func (f *Form) Compute(a Answers, on workday.Date) Answers {
	out := make(Answers, len(a))
	for id, v := range a {
		if field := f.byID[id]; field == nil || !field.made() {
			out[id] = v
		}
	}
	shown := f.shown(out)
	for _, field := range f.order {
		if !field.made() || !shown.fields[field.ID] {
			continue
		}
		m := makers[field.Compute]
		texts, complete := f.sources(field, out, shown)
		if !complete || len(texts) == 0 {
			continue
		}
		if text := m.make(texts, on); text != "" {
			out[field.ID] = Value{Text: text}
		}
	}
	return out
}

// sources reads the texts that a computed field is made from. For a total, empty sources are skipped; all
// others need every source.
func (f *Form) sources(field *Field, a Answers, shown shown) (texts []string, complete bool) {
	for _, id := range field.From {
		source, table := f.source(id)
		if table == nil {
			if text := a[id].Text; text != "" && (shown.fields[id]) {
				texts = append(texts, text)
			} else if field.Compute != computeTotal {
				return nil, false
			}
			continue
		}
		if !shown.fields[table.ID] {
			continue
		}
		for _, row := range a[table.ID].Rows {
			if row[source.ID] != "" {
				texts = append(texts, row[source.ID])
			}
		}
	}
	return texts, true
}

// Sources are the ids of the questions that a computed field is made from, directly or through other computed
// fields; for a column, the id of its table.
func (f *Form) Sources(field *Field) []string {
	var ids []string
	for _, from := range field.From {
		switch source, table := f.source(from); {
		case table != nil:
			ids = append(ids, table.ID)
		case source != nil && source.made():
			ids = append(ids, f.Sources(source)...)
		case source != nil:
			ids = append(ids, source.ID)
		}
	}
	return ids
}

// source finds a field by its id, or a table's column by "table.column".
func (f *Form) source(id string) (field, table *Field) {
	if field := f.byID[id]; field != nil {
		return field, nil
	}
	for i := len(id) - 1; i > 0; i-- {
		if table := f.byID[id[:i]]; id[i] == '.' && table != nil && table.Shape() == TableRows {
			return table.column(id[i+1:]), table
		}
	}
	return nil, nil
}

func age(texts []string, on workday.Date) string {
	born, ok := parseSpan(texts[0])
	until := span{on, on}
	if len(texts) > 1 {
		var known bool
		until, known = parseSpan(texts[1])
		ok = ok && known
	}
	youngest, oldest := fullYears(born.last, until.first), fullYears(born.first, until.last)
	if !ok || youngest != oldest || youngest < 0 {
		return "" // a year alone does not tell the age
	}
	return strconv.Itoa(youngest)
}

// days counts the days from one date to another or to the day of filing; the same day gives 0. It is "" for a
// date that is not known to the day, or lies ahead.
func days(texts []string, on workday.Date) string {
	from, ok := parseSpan(texts[0])
	until := span{on, on}
	if len(texts) > 1 {
		var known bool
		until, known = parseSpan(texts[1])
		ok = ok && known
	}
	if !ok || from.first != from.last || until.first != until.last || from.first.After(until.first) {
		return ""
	}
	return strconv.Itoa(until.first.DaysSince(from.first))
}

// fullYears counts birthdays passed. Who was born on 29 February has the birthday on 1 March in other years.
func fullYears(born, on workday.Date) int {
	years := on.Year - born.Year
	if on.Month < born.Month || on.Month == born.Month && on.Day < born.Day {
		years--
	}
	return years
}

func total(texts []string, _ workday.Date) string {
	var sum figure
	for _, text := range texts {
		n, ok := parseNumber(text)
		if !ok {
			return ""
		}
		if sum, ok = sum.plus(n); !ok {
			return ""
		}
	}
	return sum.String()
}

func moneyInWords(texts []string, _ workday.Date) string {
	n, ok := parseNumber(texts[0])
	if !ok || !n.whole() {
		return ""
	}
	return dong.Amount(n / 100).InWords()
}

// dateInWords spells a date, or as much of it as is known.
func dateInWords(text string) string {
	s, ok := parseSpan(text)
	if !ok || s.first.Year > math.MaxInt16 {
		return ""
	}
	words := "năm " + inWords(s.first.Year)
	if len(text) > len("2006") {
		words = "tháng " + monthInWords(s.first.Month) + " " + words
	}
	if len(text) > len("2006-01") {
		words = "ngày " + inWords(s.first.Day) + " " + words
	}
	return upperFirst(words)
}

// monthInWords spells the number of a month; the fourth is "tư", as it is said.
func monthInWords(m time.Month) string {
	if m == time.April {
		return "tư"
	}
	return inWords(int(m))
}

// inWords spells a number in small letters. The spelling of sums of money is the spelling of their number.
func inWords(n int) string {
	return lowerFirst(strings.TrimSuffix(dong.Amount(n).InWords(), " đồng"))
}
