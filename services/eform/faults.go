package eform

import "congdvc/services/fault"

// The faults of answers. Most carry the field's label in two forms: Label as it stands, for the start of a
// sentence, and Name with a small first letter, for its middle.
var (
	errRequired       = fault.New(fault.Invalid, "eform.required")
	errUnanswered     = fault.New(fault.Invalid, "eform.unanswered") // of a label that is a question
	errRequiredChoice = fault.New(fault.Invalid, "eform.required_choice")
	// {{.Part}}: one box of a date, or two
	errRequiredPart   = fault.New(fault.Invalid, "eform.required_part")
	errTextLong       = fault.New(fault.Invalid, "eform.text_long")
	errTextUnclean    = fault.New(fault.Invalid, "eform.text_unclean")
	ErrUndrawn        = fault.New(fault.Invalid, "eform.text_undrawn") // {{.Letter}} that papers cannot show
	errNumber         = fault.New(fault.Invalid, "eform.number")
	errNumberWhole    = fault.New(fault.Invalid, "eform.number_whole")
	errNumberDecimals = fault.New(fault.Invalid, "eform.number_decimals")
	errMoney          = fault.New(fault.Invalid, "eform.money")
	errLeast          = fault.New(fault.Invalid, "eform.least")
	errMost           = fault.New(fault.Invalid, "eform.most")
	errDateDay        = fault.New(fault.Invalid, "eform.date_day")
	errDateMonth      = fault.New(fault.Invalid, "eform.date_month")
	errDateYear       = fault.New(fault.Invalid, "eform.date_year")
	errDateUnreal     = fault.New(fault.Invalid, "eform.date_unreal")
	errDateEarly      = fault.New(fault.Invalid, "eform.date_early")
	errDateLate       = fault.New(fault.Invalid, "eform.date_late")
	errDateFuture     = fault.New(fault.Invalid, "eform.date_future")
	errDatePast       = fault.New(fault.Invalid, "eform.date_past")
	errChoice         = fault.New(fault.Invalid, "eform.choice")
	errChoicesFew     = fault.New(fault.Invalid, "eform.choices_few")
	errChoicesMany    = fault.New(fault.Invalid, "eform.choices_many")
	errProvince       = fault.New(fault.Invalid, "eform.address_province")
	errCommune        = fault.New(fault.Invalid, "eform.address_commune")
	errDetail         = fault.New(fault.Invalid, "eform.address_detail")
	errRowsFew        = fault.New(fault.Invalid, "eform.rows_few")
	errRowsMany       = fault.New(fault.Invalid, "eform.rows_many")
	errShape          = fault.New(fault.Invalid, "eform.shape") // a list where a text belongs, and the like
	ErrRule           = fault.New(fault.Invalid, "eform.rule")  // {{.Message}} of the rule
	errGenderDiffers  = fault.New(fault.Invalid, "eform.gender_differs")
	errBornDiffers    = fault.New(fault.Invalid, "eform.born_differs")
)
