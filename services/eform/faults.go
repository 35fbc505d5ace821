package eform

import "congdvc/services/fault"

// The faults of answers. Most carry the field's label in two forms: Label as it stands, for the start of a
// sentence, and Name with a small first letter, for its middle.
var (
	ErrRequired       = fault.New(fault.Invalid, "eform.required")
	ErrUnanswered     = fault.New(fault.Invalid, "eform.unanswered") // of a label that is a question
	ErrRequiredChoice = fault.New(fault.Invalid, "eform.required_choice")
	ErrRequiredPart   = fault.New(fault.Invalid, "eform.required_part") // {{.Part}}: one box of a date, or two
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
