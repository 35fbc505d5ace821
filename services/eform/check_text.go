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
)

// The faults of answers. Most carry the field's label in two forms: Label as it stands, for the start of a sentence, and
// Name with a small first letter, for its middle.
var (
	ErrRequired       = fault.New(fault.Invalid, "eform.required")
	ErrUnanswered     = fault.New(fault.Invalid, "eform.unanswered") // of a label that is a question
	ErrRequiredChoice = fault.New(fault.Invalid, "eform.required_choice")
	ErrRequiredPart   = fault.New(fault.Invalid, "eform.required_part") // {{.Part}}: day, month, year, or two of them
	ErrTextLong       = fault.New(fault.Invalid, "eform.text_long")
	ErrTextUnclean    = fault.New(fault.Invalid, "eform.text_unclean")
	ErrNumber         = fault.New(fault.Invalid, "eform.number")
	ErrNumberWhole    = fault.New(fault.Invalid, "eform.number_whole")
	ErrNumberDecimals = fault.New(fault.Invalid, "eform.number_decimals")
	ErrMoney          = fault.New(fault.Invalid, "eform.money")
	ErrLeast          = fault.New(fault.Invalid, "eform.least")
	ErrMost           = fault.New(fault.Invalid, "eform.most")
	ErrDateDay        = fault.New(fault.Invalid, "eform.date_day")
	ErrDateMonth      = fault.New(fault.Invalid, "eform.date_month")
	ErrDateYear       = fault.New(fault.Invalid, "eform.date_year")
	ErrDateUnreal     = fault.New(fault.Invalid, "eform.date_unreal")
	ErrDateEarly      = fault.New(fault.Invalid, "eform.date_early")
	ErrDateLate       = fault.New(fault.Invalid, "eform.date_late")
	ErrDateFuture     = fault.New(fault.Invalid, "eform.date_future")
	ErrDatePast       = fault.New(fault.Invalid, "eform.date_past")
	ErrChoice         = fault.New(fault.Invalid, "eform.choice")
	ErrChoicesFew     = fault.New(fault.Invalid, "eform.choices_few")
	ErrChoicesMany    = fault.New(fault.Invalid, "eform.choices_many")
	ErrProvince       = fault.New(fault.Invalid, "eform.address_province")
	ErrCommune        = fault.New(fault.Invalid, "eform.address_commune")
	ErrDetail         = fault.New(fault.Invalid, "eform.address_detail")
	ErrRowsFew        = fault.New(fault.Invalid, "eform.rows_few")
	ErrRowsMany       = fault.New(fault.Invalid, "eform.rows_many")
	ErrShape          = fault.New(fault.Invalid, "eform.shape") // a list where a text belongs, and the like
	ErrRule           = fault.New(fault.Invalid, "eform.rule")  // {{.Message}} of the rule
	ErrGenderDiffers  = fault.New(fault.Invalid, "eform.gender_differs")
	ErrBornDiffers    = fault.New(fault.Invalid, "eform.born_differs")
)

var validate = newValidator()

func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	for tag, holds := range map[string]func(text, param string) bool{
		"clean":       func(text, _ string) bool { return clean(text, false) == text },
		"clean_lines": func(text, _ string) bool { return clean(text, true) == text },
		"person_name": func(text, _ string) bool { return canonical(text, number.ParseName) },
		"citizen_id":  func(text, _ string) bool { return canonical(text, number.ParseCitizenID) },
		"tax_code":    func(text, _ string) bool { return canonical(text, number.ParseTaxCode) },
		"phone":       func(text, _ string) bool { return canonical(text, number.ParsePhone) },
		"mail":        func(text, _ string) bool { return canonical(text, number.ParseEmail) },
		"figure":      func(text, _ string) bool { _, ok := parseNumber(text); return ok },
		"whole":       func(text, _ string) bool { n, ok := parseNumber(text); return ok && n.whole() },
		"sum":         func(text, _ string) bool { n, ok := parseNumber(text); return ok && n.whole() && n >= 0 },
		"decimals": func(text, most string) bool {
			_, after, _ := strings.Cut(text, ".")
			return strconv.Itoa(len(after)) <= most
		},
		"day":      func(text, _ string) bool { _, ok := parseDay(text); return ok },
		"part_day": func(text, _ string) bool { _, ok := parseSpan(text); return ok },
		"entry":    func(text, dictionary string) bool { return entry(dictionary, text) != nil },
	} {
		err := v.RegisterValidation(tag, func(fl validator.FieldLevel) bool { return holds(fl.Field().String(), fl.Param()) })
		if err != nil {
			panic(fmt.Sprintf("eform: register %s: %v", tag, err))
		}
	}
	return v
}

// canonical reports whether a text is exactly what its parser makes of it.
func canonical[T ~string](text string, parse func(string) (T, error)) bool {
	parsed, err := parse(text)
	return err == nil && string(parsed) == text
}

// makeTag builds the validator's tag for one text of the field; empty where a field has none.
func (f *Field) makeTag() string {
	switch f.Type {
	case Text:
		return "clean,max=" + strconv.Itoa(f.MaxLength)
	case LongText:
		return "clean_lines,max=" + strconv.Itoa(f.MaxLength)
	case Name:
		return "person_name"
	case Number:
		if f.Decimals == 0 {
			return "figure,whole"
		}
		return "figure,decimals=" + strconv.Itoa(f.Decimals)
	case Money:
		return "sum"
	case Date:
		return "day"
	case PartialDate:
		return "part_day"
	case YesNo:
		return "oneof=" + Yes + " " + No
	case Choice, Choices:
		if f.Dictionary != "" {
			return "entry=" + f.Dictionary
		}
		return "oneof=" + strings.Join(optionValues(f.Options), " ")
	case CitizenID:
		return "citizen_id"
	case TaxCode:
		return "tax_code"
	case Phone:
		return "phone"
	case Email:
		return "mail"
	}
	return ""
}

func optionValues(options []Option) []string {
	values := make([]string, len(options))
	for i, o := range options {
		values[i] = o.Value
	}
	return values
}

// badText returns what is wrong with one text of the field, or nil. The fault's Field is the part of the input's
// name that follows the field's id, as ".thang", and empty for an input that is named like the field.
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
		return ErrTextUnclean
	}
	switch broken[0].Tag() {
	case "max":
		return ErrTextLong.With("Max", f.MaxLength)
	case "person_name":
		return number.ErrName
	case "citizen_id":
		return number.ErrCitizenID
	case "tax_code":
		return number.ErrTaxCode
	case "phone":
		return number.ErrPhone
	case "mail":
		return number.ErrEmail
	case "figure":
		return ErrNumber
	case "whole":
		return ErrNumberWhole
	case "decimals":
		return ErrNumberDecimals.With("Max", f.Decimals)
	case "sum":
		return ErrMoney
	case "day", "part_day":
		return badDate(f.Type, text)
	case "entry":
		return f.notFound(text)
	case "oneof":
		return ErrChoice
	}
	return ErrTextUnclean
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

// badDate says which box of a date to put right, the first one when it cannot tell, and names every box left empty.
func badDate(t Type, text string) *fault.Fault {
	day, month, year := DateBoxes(text)
	first, missing := "", i18n.Text{}
	for i, part := range []string{day, month, year} {
		mayBeLeftOut := t == PartialDate && (i == 0 || i == 1 && day == "")
		switch name := dateParts[i].name; {
		case part != "" || mayBeLeftOut:
		case first == "":
			first, missing = dateParts[i].suffix, name
		default:
			missing = i18n.Text{Vi: missing.Vi + " và " + name.Vi, En: missing.En + " and " + name.En}
		}
	}
	if first != "" {
		return ErrRequiredPart.With("Part", missing).At(first)
	}
	between := func(s string, least, most int) bool {
		n, err := strconv.Atoi(s)
		return s == "" || err == nil && onlyDigits(s) && n >= least && n <= most
	}
	switch {
	case !between(day, 1, 31):
		return ErrDateDay.At(boxDay)
	case !between(month, 1, 12):
		return ErrDateMonth.At(boxMonth)
	case !between(year, firstYear, lastYear):
		return ErrDateYear.At(boxYear)
	}
	return ErrDateUnreal.At(boxDay)
}

// entries lists the options of a choice, its own or those of its dictionary.
func (f *Field) entries() []Option {
	if f.Dictionary != "" {
		return Dictionary(f.Dictionary)
	}
	return f.Options
}

// Entries lists the options of a choice that may be chosen, its own or those of its dictionary, in the order to show: one
// that a rule refuses whatever else is answered is not among them.
func (f *Field) Entries() []Option {
	return slices.DeleteFunc(slices.Clone(f.entries()), func(o Option) bool {
		return slices.ContainsFunc(f.Rules, func(r Rule) bool {
			return r.Op == "ne" && r.Right == "" && r.Value == o.Value && r.When == nil && !r.Warn
		})
	})
}
