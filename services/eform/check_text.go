package eform

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-playground/validator/v10"

	"congdvc/i18n"
	"congdvc/identity/number"
	"congdvc/services/fault"
	"congdvc/services/typeface"
)

var validate = newValidator()

// A check is a tag of the validator: the test of a text, and the fault when it fails.
type check struct {
	holds func(text, param string) bool
	wrong func(f *Field, text string) *fault.Fault
}

// checks are the tags that rows of types can use, besides the validator's own max and oneof.
var checks = map[string]check{
	"clean":       {func(text, _ string) bool { return clean(text, dropLines) == text }, say(errTextUnclean)},
	"clean_lines": {func(text, _ string) bool { return clean(text, keepLines) == text }, say(errTextUnclean)},
	"drawn":       {func(text, _ string) bool { return typeface.Lacking(text) == "" }, undrawn},
	"person_name": {isName, say(number.ErrName)},
	"citizen_id":  {canonicalBy(number.ParseCitizenID), say(number.ErrCitizenID)},
	"tax_code":    {canonicalBy(number.ParseTaxCode), say(number.ErrTaxCode)},
	"phone":       {canonicalBy(number.ParsePhone), say(number.ErrPhone)},
	"mail":        {canonicalBy(number.ParseEmail), say(number.ErrEmail)},
	"figure":      {figureThat(func(figure) bool { return true }), say(errNumber)},
	"whole":       {figureThat(figure.whole), say(errNumberWhole)},
	"sum":         {figureThat(func(n figure) bool { return n.whole() && n >= 0 }), say(errMoney)},
	"decimals":    {fewDecimals, (*Field).tooManyDecimals},
	"day":         {func(text, _ string) bool { _, ok := parseDay(text); return ok }, badDate(wholeDate)},
	"part_day":    {func(text, _ string) bool { _, ok := parseSpan(text); return ok }, badDate(partOfDate)},
	"entry":       {func(text, of string) bool { return entry(of, text) != nil }, (*Field).notFound},
}

// figureThat makes a test that is passed by texts which are numbers and fulfil is.
func figureThat(is func(figure) bool) func(text, param string) bool {
	return func(text, _ string) bool {
		n, ok := parseNumber(text)
		return ok && is(n)
	}
}

func fewDecimals(text, most string) bool {
	_, after, _ := strings.Cut(text, ".")
	return strconv.Itoa(len(after)) <= most
}

func (f *Field) tooManyDecimals(string) *fault.Fault {
	return errNumberDecimals.With("Max", f.Decimals)
}

func say(bad *fault.Fault) func(*Field, string) *fault.Fault {
	return func(*Field, string) *fault.Fault { return bad }
}

func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	for name, check := range checks {
		holds := func(fl validator.FieldLevel) bool { return check.holds(fl.Field().String(), fl.Param()) }
		if err := v.RegisterValidation(name, holds); err != nil {
			panic(fmt.Sprintf("eform: register %s: %v", name, err))
		}
	}
	return v
}

// canonicalBy makes a test that is passed by texts which their parser returns unchanged.
func canonicalBy[T ~string](parse func(string) (T, error)) func(text, param string) bool {
	return func(text, _ string) bool {
		parsed, err := parse(text)
		return err == nil && string(parsed) == text
	}
}

// undrawn names a letter that a paper could not show.
func undrawn(_ *Field, text string) *fault.Fault {
	return ErrUndrawn.With("Letter", typeface.Lacking(text))
}

// isName takes a name that its parser returns unchanged. Names that were typed before it folded quotation
// marks may have a curved one.
func isName(text, _ string) bool {
	parsed, err := number.ParseName(text)
	return err == nil && parsed == strings.ReplaceAll(text, "’", "'")
}

// tag makes the tag function of a type that has one check and no parameter.
func tag(name string) func(*Field) string { return func(*Field) string { return name } }

// noTag is for types whose text is not checked by itself.
func noTag(*Field) string { return "" }

func textTag(name string) func(*Field) string {
	return func(f *Field) string { return name + ",max=" + strconv.Itoa(f.MaxLength) }
}

func numberTag(f *Field) string {
	if f.Decimals == 0 {
		return "figure,whole"
	}
	return "figure,decimals=" + strconv.Itoa(f.Decimals)
}

func entryTag(f *Field) string {
	if f.Dictionary != "" {
		return "entry=" + f.Dictionary
	}
	return "oneof=" + strings.Join(optionValues(f.entries()), " ")
}

func optionValues(options []Option) []string {
	values := make([]string, len(options))
	for i, o := range options {
		values[i] = o.Value
	}
	return values
}

// badText returns what is wrong with one text of the field, or nil. The fault's Field is the part of the
// input's name that follows the field's id, as ".thang", and empty for an input that is named like the field.
func (f *Field) badText(text string) *fault.Fault {
	if f.tag == "" {
		return nil
	}
	err := validate.Var(text, f.tag)
	if err == nil {
		return nil
	}
	var broken validator.ValidationErrors
	if !errors.As(err, &broken) || len(broken) == 0 {
		return errTextUnclean
	}
	switch broken[0].Tag() {
	case "max":
		return errTextLong.With("Max", f.MaxLength)
	case "oneof":
		return errChoice
	}
	if check, known := checks[broken[0].Tag()]; known {
		return check.wrong(f, text)
	}
	return errTextUnclean
}

// The three boxes of a date and their names in messages.
var dateParts = []struct {
	suffix string
	name   i18n.Text
}{
	{boxDay, i18n.Text{Vi: "ngày", En: "a day"}},
	{boxMonth, i18n.Text{Vi: "tháng", En: "a month"}},
	{boxYear, i18n.Text{Vi: "năm", En: "a year"}},
}

// badDate says which box of a date to put right, the first one when it cannot tell, and names every box left
// empty.
func badDate(p precision) func(*Field, string) *fault.Fault {
	return func(_ *Field, text string) *fault.Fault {
		if bad := emptyBoxes(p, text); bad != nil {
			return bad
		}
		return wrongBox(text)
	}
}

// emptyBoxes tells of the boxes of a date that must be filled and are not.
func emptyBoxes(p precision, text string) *fault.Fault {
	day, month, year := DateBoxes(text)
	first, missing := "", i18n.Text{}
	for i, part := range []string{day, month, year} {
		mayBeLeftOut := p == partOfDate && (i == 0 || i == 1 && day == "")
		switch name := dateParts[i].name; {
		case part != "" || mayBeLeftOut:
		case first == "":
			first, missing = dateParts[i].suffix, name
		default:
			missing = i18n.Text{Vi: missing.Vi + " và " + name.Vi, En: missing.En + " and " + name.En}
		}
	}
	if first == "" {
		return nil
	}
	return errRequiredPart.With("Part", missing).At(first)
}

// wrongBox tells of the box of a date that cannot be right.
func wrongBox(text string) *fault.Fault {
	day, month, year := DateBoxes(text)
	between := func(s string, least, most int) bool {
		n, err := strconv.Atoi(s)
		return s == "" || err == nil && onlyDigits(s) && n >= least && n <= most
	}
	switch {
	case !between(day, 1, 31):
		return errDateDay.At(boxDay)
	case !between(month, 1, 12):
		return errDateMonth.At(boxMonth)
	case !between(year, firstYear, lastYear):
		return errDateYear.At(boxYear)
	}
	return errDateUnreal.At(boxDay)
}

// Entries lists the answers that the field offers, in the order to show: its own options, those of its
// dictionary, or yes and no. Options and dictionary entries that a rule always refuses are left out.
func (f *Field) Entries() []Option {
	if len(f.Options) == 0 && f.Dictionary == "" {
		return f.entries()
	}
	return slices.DeleteFunc(slices.Clone(f.entries()), func(o Option) bool {
		return slices.ContainsFunc(f.Rules, func(r Rule) bool {
			return r.Op == "ne" && r.Right == "" && r.Value == o.Value && r.When == nil && !r.Warn
		})
	})
}
