package eform

import "congdvc/i18n"

// Type says what a field asks for and so what its canonical text looks like.
type Type string

// The types of field. Canonical texts: dates "2006-01-02", partial dates also "2006" and "2006-01", numbers
// "-12.5", money whole đồng "150000", yes_no "yes" or "no", choices the option's value.
const (
	Text        Type = "text"
	LongText    Type = "long_text"
	Number      Type = "number"
	Money       Type = "money"
	Date        Type = "date"
	PartialDate Type = "partial_date"
	Choice      Type = "choice"
	Choices     Type = "choices"
	YesNo       Type = "yes_no"
	CitizenID   Type = "citizen_id"
	TaxCode     Type = "tax_code"
	Phone       Type = "phone"
	Email       Type = "email"
	Name        Type = "name"
	Address     Type = "address"
	Table       Type = "table"
	Info        Type = "info"
	Computed    Type = "computed"
	PersonBlock Type = "person" // in a definition only, where it stands for several fields: see Person
)

// A kind says everything about a type of field. A new type is a row of kinds and a word in the enum of
// form.schema.json. A row that lacks a piece stops the program when it starts.
type kind struct {
	shape     *shape                                          // how an answer is held
	answered  answered                                        // who gives the answer
	boxes     []string                                        // what follows the id in its inputs' names
	posted    func(d *decoder, f *Field, name string) string  // reads one text from the inputs of that name
	canonical func(f *Field, typed string) string             // makes a typed text canonical, if it can
	tag       func(f *Field) string                           // the validator's, for one text; see checks
	missing   missing                                         // what is said where the answer is missing
	compared  comparison                                      // how conditions and rules may compare it
	bounded   func(f *Field, b Bound) bool                    // whether b can be its min or max
	show      func(f *Field, text string, l i18n.Lang) string // one text as people read it
	schema    func(w *schemaWriter, f *Field) node            // JSON Schema of an answer that is given
	unsaid    []string                                        // rules that the schema leaves to the portal
	members   []string                                        // of Field, beside those of all types
	prefills  []string                                        // what may fill it in; see prefillName
	inTable   inTable                                         // whether it may be a column
	complete  func(l *loader, place string, f *Field)         // checks and completes its definition
	entries   func(f *Field) []Option                         // the answers that it offers
	control   func(f *Field) Control                          // how a page asks for it
	keyboard  string                                          // inputmode of its inputs
	editor    Editor                                          // how the page's script reads it
	browser   browserReads                                    // how well the script does
	examples  []string                                        // right answers: # is a digit, (a|b) a or b
}

// The words of the rows that choose between two or three.
type (
	answered     string
	missing      string
	inTable      string
	browserReads string
	comparison   string
)

const (
	byPerson answered = "by a person"
	byPortal answered = "by the portal"
	byNobody answered = "by nobody"

	notTyped  missing = "not typed"
	notChosen missing = "not chosen"

	mayBeColumn inTable = "may be a column"
	notInTables inTable = "not in tables"

	asPortal browserReads = "the same text as the portal"
	ifFilled browserReads = "only whether there is one"

	asNumbers comparison = "as numbers"
	asDates   comparison = "as dates"
	asTexts   comparison = "equal or not"
	asMembers comparison = "whether one is chosen" // by conditions; rules cannot compare it
	asMade    comparison = "as what is computed"
	notAtAll  comparison = "not at all"
)

// usualKeyboard leaves the keyboard to the browser.
const usualKeyboard = "usual"

// A Control is the part of a page that asks for an answer or shows one.
type Control string

// The controls, each of which portal/templates/parts/question.html draws.
const (
	ControlInfo    Control = "info"
	ControlMade    Control = "made" // what the portal computes
	ControlLine    Control = "line"
	ControlLines   Control = "lines"
	ControlDate    Control = "date" // three boxes
	ControlRadios  Control = "radios"
	ControlTicks   Control = "ticks"
	ControlSelect  Control = "select"
	ControlSearch  Control = "search"
	ControlAddress Control = "address"
	ControlTable   Control = "table"
)

// Controls lists every control.
func Controls() []Control {
	return []Control{ControlInfo, ControlMade, ControlLine, ControlLines, ControlDate, ControlRadios,
		ControlTicks, ControlSelect, ControlSearch, ControlAddress, ControlTable}
}

// An Editor is the part of static/files/app.js that reads an answer from its inputs.
type Editor string

// noEditor is that of fields without inputs.
const noEditor Editor = "none"

// kinds has a row for each type. It is filled in by init, since the rows' functions lead back to it.
var kinds map[Type]*kind

func init() {
	kinds = kindRows()
	for t, row := range kinds {
		if err := row.complains(t); err != nil {
			panic(err)
		}
	}
}

func kindRows() map[Type]*kind {
	dates := []string{"person.born", "result.date"}
	return map[Type]*kind{
		Text: {
			shape: oneText, answered: byPerson, inTable: mayBeColumn, compared: asTexts, missing: notTyped,
			boxes: oneBox, posted: postedLine, canonical: cleanLine, tag: textTag("clean,drawn"),
			show: asItIs, schema: textSchema, unsaid: []string{"clean_text", "drawn"},
			members: []string{"max_length"}, bounded: never,
			prefills: []string{"person.name", "person.number", "organisation.name", "organisation.number",
				"result.number", "result.agency"},
			complete: lengthFrom(defaultText), entries: noEntries, control: always(ControlLine),
			keyboard: usualKeyboard, editor: "line", browser: asPortal,
			examples: []string{"Giấy tờ kèm theo", "Uỷ ban nhân dân phường", "Số 12/##"},
		},
		LongText: {
			shape: oneText, answered: byPerson, inTable: mayBeColumn, compared: asTexts, missing: notTyped,
			boxes: oneBox, posted: postedLines, canonical: cleanLines, tag: textTag("clean_lines,drawn"),
			show: asItIs, schema: textSchema, unsaid: []string{"clean_text", "drawn"},
			members: []string{"max_length"}, bounded: never, prefills: none,
			complete: lengthFrom(defaultLongText), entries: noEntries, control: always(ControlLines),
			keyboard: usualKeyboard, editor: "lines", browser: asPortal,
			examples: []string{"Chuyển nơi ở", "Dòng một\nDòng hai"},
		},
		Number: {
			shape: oneText, answered: byPerson, inTable: mayBeColumn, compared: asNumbers, missing: notTyped,
			boxes: oneBox, posted: postedLine, canonical: cleanNumber, tag: numberTag,
			show: showNumber, schema: numberSchema, unsaid: none,
			members: []string{"min", "max", "decimals", "unit"}, bounded: numberBound, prefills: none,
			complete: asGiven, entries: noEntries, control: always(ControlLine),
			keyboard: "numeric", editor: "figure", browser: asPortal,
			examples: []string{"1500000", "25", "1"},
		},
		Money: {
			shape: oneText, answered: byPerson, inTable: mayBeColumn, compared: asNumbers, missing: notTyped,
			boxes: oneBox, posted: postedLine, canonical: cleanNumber, tag: tag("sum"),
			show: showMoney, schema: boundedSchema(sums), unsaid: none,
			members: []string{"min", "max"}, bounded: countBound, prefills: none,
			complete: asGiven, entries: noEntries, control: always(ControlLine),
			keyboard: "numeric", editor: "figure", browser: asPortal,
			examples: []string{"3500000", "150000", "1"},
		},
		Date: {
			shape: oneText, answered: byPerson, inTable: mayBeColumn, compared: asDates, missing: notTyped,
			boxes: dateBoxes, posted: postedDate(wholeDate), canonical: cleanDate(wholeDate),
			tag:  tag("day"),
			show: showDate, schema: boundedSchema(someDay),
			unsaid:  []string{"not_in_the_future", "not_in_the_past"},
			members: []string{"min", "max"}, bounded: dayBound, prefills: dates,
			complete: asGiven, entries: noEntries, control: always(ControlDate),
			keyboard: "numeric", editor: "date", browser: asPortal, examples: []string{"2000-01-01"},
		},
		PartialDate: {
			shape: oneText, answered: byPerson, inTable: mayBeColumn, compared: asDates, missing: notTyped,
			boxes: dateBoxes, posted: postedDate(partOfDate), canonical: cleanDate(partOfDate),
			tag:  tag("part_day"),
			show: showDate, schema: boundedSchema(somePeriod), unsaid: none,
			members: none, bounded: never, prefills: dates,
			complete: asGiven, entries: noEntries, control: always(ControlDate),
			keyboard: "numeric", editor: "period", browser: asPortal,
			examples: []string{"1990", "1990-04", "2000-01-01"},
		},
		Choice: {
			shape: oneText, answered: byPerson, inTable: mayBeColumn, compared: asTexts, missing: notChosen,
			boxes: oneBox, posted: postedLine, canonical: cleanEntry, tag: entryTag,
			show: showEntry, schema: entrySchema, unsaid: none,
			members: []string{"options", "dictionary", "display", "ground"}, bounded: never,
			prefills: []string{"person.gender"},
			complete: (*loader).choices, entries: listed, control: byDisplay,
			keyboard: usualKeyboard, editor: "chosen", browser: asPortal, examples: none,
		},
		Choices: {
			shape: manyTexts, answered: byPerson, inTable: notInTables, compared: asMembers,
			missing: notChosen,
			boxes:   oneBox, posted: postedLine, canonical: cleanLine, tag: entryTag,
			show: showEntry, schema: entriesSchema, unsaid: none,
			members: []string{"options", "dictionary", "display", "min", "max"}, bounded: countBound,
			prefills: none,
			complete: (*loader).choices, entries: listed, control: always(ControlTicks),
			keyboard: usualKeyboard, editor: "ticked", browser: asPortal, examples: none,
		},
		YesNo: {
			shape: oneText, answered: byPerson, inTable: mayBeColumn, compared: asTexts, missing: notChosen,
			boxes: oneBox, posted: postedLine, canonical: cleanLine, tag: entryTag,
			show: showEntry, schema: entrySchema, unsaid: none,
			members: none, bounded: never, prefills: none,
			complete: asGiven, entries: yesAndNo, control: always(ControlRadios),
			keyboard: usualKeyboard, editor: "chosen", browser: asPortal, examples: none,
		},
		CitizenID: {
			shape: oneText, answered: byPerson, inTable: mayBeColumn, compared: asTexts, missing: notTyped,
			boxes: oneBox, posted: postedLine, canonical: cleanCitizenID, tag: tag("citizen_id"),
			show: asItIs, schema: citizenIDSchema, unsaid: none,
			members: []string{"matches"}, bounded: never, prefills: []string{"person.number"},
			complete: asGiven, entries: noEntries, control: always(ControlLine),
			keyboard: "numeric", editor: "line", browser: ifFilled, examples: []string{"037#########"},
		},
		TaxCode: {
			shape: oneText, answered: byPerson, inTable: mayBeColumn, compared: asTexts, missing: notTyped,
			boxes: oneBox, posted: postedLine, canonical: cleanTaxCode, tag: tag("tax_code"),
			show: asItIs, schema: taxCodeSchema, unsaid: []string{"tax_code_check_digit"},
			members: none, bounded: never, prefills: []string{"person.number", "organisation.number"},
			complete: asGiven, entries: noEntries, control: always(ControlLine),
			keyboard: usualKeyboard, editor: "line", browser: ifFilled,
			examples: []string{"0100233488", "0100233488-001", "037190000123"},
		},
		Phone: {
			shape: oneText, answered: byPerson, inTable: mayBeColumn, compared: asTexts, missing: notTyped,
			boxes: oneBox, posted: postedLine, canonical: cleanPhone, tag: tag("phone"),
			show: asItIs, schema: phoneSchema, unsaid: none,
			members: none, bounded: never, prefills: []string{"person.phone"},
			complete: asGiven, entries: noEntries, control: always(ControlLine),
			keyboard: "tel", editor: "line", browser: ifFilled, examples: []string{"09########"},
		},
		Email: {
			shape: oneText, answered: byPerson, inTable: mayBeColumn, compared: asTexts, missing: notTyped,
			boxes: oneBox, posted: postedLine, canonical: cleanEmail, tag: tag("mail"),
			show: asItIs, schema: emailSchema, unsaid: []string{"email"},
			members: none, bounded: never, prefills: []string{"person.email"},
			complete: asGiven, entries: noEntries, control: always(ControlLine),
			keyboard: "email", editor: "line", browser: ifFilled, examples: []string{"lan.###@example.vn"},
		},
		Name: {
			shape: oneText, answered: byPerson, inTable: mayBeColumn, compared: asTexts, missing: notTyped,
			boxes: oneBox, posted: postedLine, canonical: cleanName, tag: tag("person_name,drawn"),
			show: asItIs, schema: nameSchema, unsaid: []string{"person_name", "drawn"},
			members: none, bounded: never, prefills: []string{"person.name"},
			complete: asGiven, entries: noEntries, control: always(ControlLine),
			keyboard: usualKeyboard, editor: "line", browser: ifFilled,
			examples: []string{"(Nguyễn|Trần|Lê|Đỗ) (Thị|Văn|Đức) (Lan|Ổn|Phước|Hường)"},
		},
		Address: {
			shape: oneAddress, answered: byPerson, inTable: notInTables, compared: notAtAll,
			missing: notTyped,
			boxes:   addressBoxes, posted: postedLine, canonical: cleanLine, tag: noTag,
			show: asItIs, schema: addressSchema, unsaid: []string{"clean_text", "drawn"},
			members: []string{"need_detail"}, bounded: never, prefills: []string{"person.address"},
			complete: asGiven, entries: noEntries, control: always(ControlAddress),
			keyboard: usualKeyboard, editor: "address", browser: ifFilled, examples: none,
		},
		Table: {
			shape: tableRows, answered: byPerson, inTable: notInTables, compared: notAtAll,
			missing: notTyped,
			boxes:   oneBox, posted: postedLine, canonical: cleanLine, tag: noTag,
			show: asItIs, schema: tableSchema, unsaid: none,
			members: []string{"columns", "min", "max"}, bounded: rowsBound, prefills: none,
			complete: (*loader).columns, entries: noEntries, control: always(ControlTable),
			keyboard: usualKeyboard, editor: "table", browser: ifFilled, examples: none,
		},
		Info: {
			shape: noAnswer, answered: byNobody, inTable: notInTables, compared: notAtAll, missing: notTyped,
			boxes: oneBox, posted: postedLine, canonical: cleanLine, tag: noTag,
			show: asItIs, schema: anyTextSchema, unsaid: none,
			members: none, bounded: never, prefills: none,
			complete: asGiven, entries: noEntries, control: always(ControlInfo),
			keyboard: usualKeyboard, editor: noEditor, browser: ifFilled, examples: none,
		},
		Computed: {
			shape: oneText, answered: byPortal, inTable: notInTables, compared: asMade, missing: notTyped,
			boxes: oneBox, posted: postedLine, canonical: cleanLine, tag: noTag,
			show: showNumber, schema: anyTextSchema, unsaid: none,
			members: []string{"compute", "from"}, bounded: never, prefills: none,
			complete: (*loader).computed, entries: noEntries, control: always(ControlMade),
			keyboard: usualKeyboard, editor: noEditor, browser: ifFilled, examples: none,
		},
	}
}
