// Package procedure holds what can be applied for: procedures as versioned data, with what each asks for,
// costs and takes by case and channel, the law it rests on, and the electronic form. A version never changes
// once it is stored: a change of law is a new version with its own first day, and a dossier keeps the one it
// was submitted under.
//
// The package also finds procedures by the words that people use, and comes with the definitions of a starter
// catalogue. Records of the national service are read by its room national, and come in by FromRecord and
// Bring. Everything that is computed from a version is pure.
package procedure

import (
	"slices"

	"congdvc/i18n"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/workday"
)

// What a caller can be told.
var (
	ErrNotFound = fault.New(fault.NotFound, "procedure.not_found")
	ErrFeeGap   = fault.New(fault.Unavailable, "procedure.fee_gap") // no fee rule covers the day
)

// Level says how much of a procedure happens online (Decree 42/2022/NĐ-CP).
type Level string

// The levels. Information is a procedure that the portal only describes.
const (
	FullyOnline  Level = "toan_trinh"
	PartlyOnline Level = "mot_phan"
	Information  Level = "information"
)

// State says whether people can see a version.
type State string

// The states of a version. A closed version has a last day.
const (
	Draft     State = "draft"
	Published State = "published"
	Closed    State = "closed"
)

// The channels of filing; message keys procedure.channel.<channel>.
const (
	Online  = "online"
	Counter = "counter"
	Post    = "post"
)

// Mode says what a requirement asks for.
type Mode string

// The modes. A paper that is shown is not uploaded: the person brings it, or the agency reads it in a
// database.
const (
	Submit Mode = "submit"
	Show   Mode = "show"
)

// A Version is one version of a procedure. It is shared: read it only.
type Version struct {
	ID          string
	Number      int // counted from 1 within the procedure
	State       State
	EffectiveTo *workday.Date // first day on which it no longer applies; nil is open
	FormHash    string        // eform.Hash of the form's exact bytes; "" without a form
	Definition

	form *eform.Form
}

// A Definition is what a version says; the JSON of a definition file, described by procedure.schema.json.
type Definition struct {
	Code          string       `json:"code"` // national code, as "1.001193"
	EffectiveFrom workday.Date `json:"effective_from"`
	Name          i18n.Text    `json:"name"`
	Summary       i18n.Text    `json:"summary"` // one or two sentences for a list
	Field         Ref          `json:"field"`   // lĩnh vực
	Level         Level        `json:"level"`
	// who may file, as ForCitizens; none where that is not said. Message keys procedure.audience.<audience>
	Audience    []string  `json:"audience"`
	AgencyText  i18n.Text `json:"agency"` // who decides, in words
	ReceivedBy  Receivers `json:"received_by"`
	DecidedBy   Decider   `json:"decided_by,omitzero"`
	Keywords    []string  `json:"keywords"` // what people call it, for the search
	FillMinutes int       `json:"fill_minutes"`

	Cases        []Case        `json:"cases"` // none: the procedure is one case, with the id ""
	Channels     []Channel     `json:"channels"`
	Requirements []Requirement `json:"requirements"`
	Fees         []FeeRule     `json:"fees"`
	Quantities   []Quantity    `json:"quantities,omitempty"` // what fees are counted by
	Exemptions   []Exemption   `json:"exemptions,omitempty"`
	// ResultAfterFee says that the agency gives no result while a fee of the dossier waits to be paid.
	// Without it the fee at the counter hinders nothing: it is paid until the result is fetched.
	ResultAfterFee bool `json:"result_after_fee,omitempty"`
	// SupplementWithin is the longest time that the law of the procedure leaves for a supplement; nil where
	// nothing is said, see SupplementUntil.
	SupplementWithin *workday.Term `json:"supplement_within,omitempty"`
	Steps            []i18n.Text   `json:"steps"`
	Conditions       []i18n.Text   `json:"conditions"` // who may, and when not
	Results          []ResultKind  `json:"results"`
	Basis            []LegalBasis  `json:"basis"`

	// Provisional tells people and operators what of this is not confirmed yet, and why.
	Provisional []i18n.Text `json:"provisional"`

	// Notes is what else a source says about the papers and has no other place here.
	Notes []i18n.Text `json:"notes,omitempty"`
	// Source is nil for a definition that was written for this portal. One that was read from elsewhere may
	// lack what its source lacks, first of all English.
	Source *Origin `json:"source,omitempty"`
	// General is set where the operator lets people file such a definition through the general form.
	General *General `json:"general,omitempty"`
}

// National is the Service of an Origin that is the national database of procedures.
const National = "national"

// An Origin tells where a definition was read from, with what the source says in words of its own language.
type Origin struct {
	Service     string   `json:"service"`               // National
	Decision    string   `json:"decision,omitempty"`    // number of the publishing decision, as typed
	Kind        string   `json:"kind,omitempty"`        // loại thủ tục
	Levels      []string `json:"levels,omitempty"`      // of the agencies that carry it out, as "Cấp xã"
	Audience    []string `json:"audience,omitempty"`    // whom it is for, finer than Definition.Audience
	Executing   string   `json:"executing,omitempty"`   // one agency or several in one text
	Competent   string   `json:"competent,omitempty"`   // likewise
	Cooperating string   `json:"cooperating,omitempty"` // likewise
}

// A Ref names something that has a code elsewhere.
type Ref struct {
	Code string    `json:"code"`
	Name i18n.Text `json:"name"`
}

// A Case is one of several situations of a procedure, with papers, fees and times of its own.
type Case struct {
	ID   string    `json:"id"`
	Name i18n.Text `json:"name"`
	Help i18n.Text `json:"help,omitzero"`
	// NoPapers says that it is no mistake when the case has no requirement.
	NoPapers bool     `json:"no_papers,omitempty"`
	Channels []string `json:"channels,omitempty"` // by which alone it can be filed; none: by all
}

// A Channel is a way of filing, with the time that it takes.
type Channel struct {
	ID    string `json:"id"`
	Times []Time `json:"times"`

	// What a source says about time and fee in words that give no certain figure.
	TimeText []i18n.Text `json:"time_text,omitempty"`
	FeeText  []i18n.Text `json:"fee_text,omitempty"`
}

// A Time is the term of a case on a channel; Case "" holds for every case that has none of its own.
type Time struct {
	Case string       `json:"case,omitempty"`
	Term workday.Term `json:"term"`
	Note i18n.Text    `json:"note,omitzero"`
}

// A Requirement is a paper that belongs to a dossier.
type Requirement struct {
	ID         string           `json:"id"`
	Name       i18n.Text        `json:"name"`
	Help       i18n.Text        `json:"help,omitzero"`
	Mode       Mode             `json:"mode"`
	Originals  int              `json:"originals"` // how many on paper, when filed at the counter
	Copies     int              `json:"copies"`
	Cases      []string         `json:"cases,omitempty"`      // none: asked in every case
	When       *eform.Condition `json:"when,omitempty"`       // about answers of the form; nil: always asked
	Exemptions []string         `json:"exemptions,omitempty"` // asked only of who claims one of these
	Optional   bool             `json:"optional,omitempty"`
	Accept     []string         `json:"accept,omitempty"`    // media types; Parse fills in PDF, JPEG and PNG
	MaxFiles   int              `json:"max_files,omitempty"` // Parse fills in 5
	MaxBytes   int64            `json:"max_bytes,omitempty"` // of one file; Parse fills in 20 MiB
	Substitute Substitute       `json:"substitute,omitzero"`
	// names of the form files by which the source knows them
	Forms []string `json:"forms,omitempty"`
}

// The kinds of what takes the place of a paper.
const (
	byData   = "data"           // the agency reads it in a database
	byStored = "stored"         // a document that the person keeps electronically
	byResult = "earlier_result" // a result of an earlier dossier
)

// A Substitute is what takes the place of a paper, and when.
type Substitute struct {
	By string `json:"by"`
	i18n.Text
	// Results are codes of kinds of results: one that a person holds of an earlier dossier may be given for
	// the paper without being sent anew. Needed where By is byResult.
	Results []string `json:"results,omitempty"`
}

// IsZero reports whether nothing takes the paper's place.
func (s Substitute) IsZero() bool { return s.By == "" && s.Text == i18n.Text{} && len(s.Results) == 0 }

// A ResultKind is what the procedure ends in; the code is that of the national catalogue.
type ResultKind struct {
	Code string    `json:"code"`
	Name i18n.Text `json:"name"`
}

// A LegalBasis is one legal document.
type LegalBasis struct {
	Number string    `json:"number"`
	Name   i18n.Text `json:"name"`
}

// Form returns the electronic form, nil when the version has none.
func (v *Version) Form() *eform.Form { return v.form }

// Online reports whether the portal takes dossiers under this version.
func (v *Version) Online() bool {
	return v.Level != Information && v.form != nil && v.channel(Online) != nil &&
		(len(v.Cases) == 0 || len(v.CasesFor(Online)) > 0)
}

// InForceOn reports whether the version applies on a day; a draft never does.
func (v *Version) InForceOn(on workday.Date) bool {
	return v.State != Draft && holds(v.EffectiveFrom, v.EffectiveTo, on)
}

func (v *Version) channel(id string) *Channel {
	for i := range v.Channels {
		if v.Channels[i].ID == id {
			return &v.Channels[i]
		}
	}
	return nil
}

// Term returns the time that a case takes on a channel, and whether the law sets one.
func (v *Version) Term(caseID, channel string) (workday.Term, bool) {
	c := v.channel(channel)
	if c == nil || !v.Fits(caseID, channel) {
		return workday.Term{}, false
	}
	for _, of := range []string{caseID, ""} {
		for _, t := range c.Times {
			if t.Case == of {
				return t.Term, true
			}
		}
	}
	return workday.Term{}, false
}

// covers reports whether an empty list, which means all, or a list with the id stands for it.
func covers(ids []string, id string) bool { return len(ids) == 0 || slices.Contains(ids, id) }

func holds(from workday.Date, to *workday.Date, on workday.Date) bool {
	return !from.After(on) && (to == nil || to.After(on))
}
