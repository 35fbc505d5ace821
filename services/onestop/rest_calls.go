package onestop

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"congdvc/identity/number"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/result"
	"congdvc/services/typeface"
	"congdvc/services/workday"
)

// Faults of a call's members. Fault.Field is the member as a path, such as "office_code" or
// "reasons.con.ho_ten". Everything after the first dot is one step, since the ids of form fields contain
// dots.
var (
	ErrRequired = fault.New(fault.Invalid, "onestop.required")
	ErrTooLong  = fault.New(fault.Invalid, "onestop.too_long")
	ErrValue    = fault.New(fault.Invalid, "onestop.value")
	ErrUndrawn  = fault.New(fault.Invalid, "onestop.undrawn") // args: Letter, which papers cannot show
)

// Longest texts, in characters.
const (
	maxName  = 200
	maxText  = 4000
	maxItems = 200
)

// Actor is the officer who does or reads something, as the one-stop system knows them. The owner of the
// dossier sees it. It comes with every call in a header of its own, since what is read has no body.
type Actor struct {
	Name  string
	Title string
	Unit  string
	Phone string // for the citizen to ask
}

// Acknowledge says that the one-stop system has the dossier.
type Acknowledge struct {
	OfficeCode string `json:"office_code"` // its own code there
}

// Receive says that an officer received the dossier: the term begins.
type Receive struct {
	Note       string   `json:"note,omitempty"`
	ReceivedAt *Instant `json:"received_at,omitempty"` // absent = now
}

// Refuse says that the agency does not receive the dossier.
type Refuse struct {
	Reason string `json:"reason"` // shown to the citizen and printed on slip 03
}

// Process says that the dossier is being worked on.
type Process struct {
	Note string `json:"note,omitempty"` // for the citizen
}

// Note adds a line to the history that the citizen sees.
type Note struct {
	Note string `json:"note"`
}

// Supplement asks the citizen to correct or complete the dossier: everything that is missing, at once.
type Supplement struct {
	Fields       []string          `json:"fields"`       // ids of form fields that may change
	Requirements []string          `json:"requirements"` // ids of requirements that may change
	Reasons      map[string]string `json:"reasons"`      // by the id of each of those: why, for the citizen
	Deadline     workday.Date      `json:"deadline"`     // the last day
}

// ReserveResultCode asks for the code of a result before it is signed.
type ReserveResultCode struct{}

// ResultCode is the code of a result that is not delivered yet.
type ResultCode struct {
	Code result.Code `json:"code"` // XXXX-XXXX-XXXX-XXXX, for DeliverResult
	// where anyone verifies the result, once it is delivered: for the QR on the paper
	VerifyURL string `json:"verify_url"`
}

// DeliverResult is the metadata beside the file of a result, the part "metadata" of a multipart body.
type DeliverResult struct {
	Number   string       `json:"number"` // the document's own number
	Name     string       `json:"name"`
	IssuedOn workday.Date `json:"issued_on"`
	// of the file's bytes, lower-case hex: what arrives otherwise is refused
	SHA256 string       `json:"sha256"`
	Code   *result.Code `json:"code,omitempty"` // of a ResultCode of this dossier; absent = one is drawn
	// code of one of the procedure's results; absent = its only one
	Kind string `json:"kind,omitempty"`
}

// Withdrawal answers the owner's request to withdraw.
type Withdrawal struct {
	Accept *bool  `json:"accept"`         // required
	Note   string `json:"note,omitempty"` // for the citizen; required when the request is refused
}

// ReplayRange asks for events to be pushed again: by their positions, both included, or those of a dossier.
type ReplayRange struct {
	From    int64        `json:"from,omitempty"`
	To      int64        `json:"to,omitempty"`
	Dossier dossier.Code `json:"dossier,omitempty"`
}

// Stretch gives it as Replay takes it.
func (r ReplayRange) Stretch() Stretch { return Stretch(r) }

// Replayed says how many events will be pushed again.
type Replayed struct {
	Events int `json:"events"`
}

// CounterPayment says that a fee was paid at the counter.
type CounterPayment struct {
	Amount        int64  `json:"amount"`                   // đồng
	ReceiptNumber string `json:"receipt_number,omitempty"` // of the agency's own receipt
}

// Check collects every fault of an actor who changes something; every member is required. in names where the
// actor is given, such as "Actor".
func (a Actor) Check(in string) fault.List {
	var c checks
	c.text(in+".name", a.Name, maxName)
	c.text(in+".title", a.Title, maxName)
	c.text(in+".unit", a.Unit, maxName)
	c.text(in+".phone", a.Phone, maxName)
	return c.List
}

// CheckReader is Check for an actor who only reads and may leave out the title and the telephone number.
func (a Actor) CheckReader(in string) fault.List {
	var c checks
	c.text(in+".name", a.Name, maxName)
	c.short(in+".title", a.Title, maxName)
	c.text(in+".unit", a.Unit, maxName)
	c.short(in+".phone", a.Phone, maxName)
	return c.List
}

// Check collects every fault of the call.
func (a Acknowledge) Check() fault.List {
	var c checks
	c.text("office_code", a.OfficeCode, maxName)
	return c.List
}

// Check collects every fault of the call that can be found without the dossier; now bounds received_at, and
// at the desk the submission does.
func (r Receive) Check(now time.Time) fault.List {
	var c checks
	c.short("note", r.Note, maxText)
	_, missed := Span{Until: now}.Take("received_at", r.ReceivedAt)
	c.Add(missed)
	return c.List
}

// Check collects every fault of the call.
func (r Refuse) Check() fault.List {
	var c checks
	c.text("reason", r.Reason, maxText)
	return c.List
}

// Check collects every fault of the call.
func (p Process) Check() fault.List {
	var c checks
	c.short("note", p.Note, maxText)
	return c.List
}

// Check collects every fault of the call.
func (n Note) Check() fault.List {
	var c checks
	c.text("note", n.Note, maxText)
	return c.List
}

// Check collects every fault of the call that can be found without the dossier: something must be asked for,
// each item with its reason, by a day that is not over. The desk checks whether the ids exist in the
// dossier's form, and how late the day may be.
func (s Supplement) Check(today workday.Date) fault.List {
	var c checks
	asked := map[string]bool{}
	c.asked("fields", s.Fields, s.Reasons, asked)
	c.asked("requirements", s.Requirements, s.Reasons, asked)
	if len(asked) == 0 {
		c.Add(ErrRequired.At("fields"))
	}
	for _, id := range slices.Sorted(maps.Keys(s.Reasons)) {
		if !asked[id] {
			c.Add(ErrValue.At("reasons." + id))
		}
	}
	c.Add(Days{First: today}.Check("deadline", s.Deadline))
	return c.List
}

// asked checks one of the two lists of what may change, and that each of its ids has a reason.
func (c *checks) asked(member string, ids []string, reasons map[string]string, all map[string]bool) {
	if len(ids) > maxItems {
		c.Add(ErrTooLong.At(member).With("Max", maxItems))
		return
	}
	for i, id := range ids {
		c.text(member+"."+strconv.Itoa(i), id, maxName)
		if slices.Contains(ids[:i], id) {
			c.Add(ErrValue.At(member + "." + strconv.Itoa(i)))
			continue
		}
		c.text("reasons."+id, reasons[id], maxText)
		all[id] = true
	}
}

// Check collects every fault of the metadata that can be found without the dossier.
func (r DeliverResult) Check(today workday.Date) fault.List {
	var c checks
	c.text("number", r.Number, maxName)
	c.text("name", r.Name, maxName)
	c.short("kind", r.Kind, maxName)
	c.Add(Days{Last: today}.Check("issued_on", r.IssuedOn))
	if sum, err := hex.DecodeString(r.SHA256); err != nil || len(sum) != sha256.Size ||
		strings.ToLower(r.SHA256) != r.SHA256 {
		c.Add(ErrValue.At("sha256"))
	}
	if r.Code != nil {
		if read, ok := result.ParseCode(string(*r.Code)); !ok || read != *r.Code {
			c.Add(ErrValue.At("code"))
		}
	}
	return c.List
}

// Check collects every fault of the call.
func (w Withdrawal) Check() fault.List {
	var c checks
	switch {
	case w.Accept == nil:
		c.Add(ErrRequired.At("accept"))
		c.short("note", w.Note, maxText)
	case *w.Accept:
		c.short("note", w.Note, maxText)
	default:
		c.text("note", w.Note, maxText)
	}
	return c.List
}

// Check collects every fault of the call.
func (r ReplayRange) Check() fault.List {
	var c checks
	if r.Dossier != "" {
		if code, err := dossier.ParseCode(string(r.Dossier)); err != nil || code != r.Dossier ||
			r.From != 0 || r.To != 0 {
			c.Add(ErrValue.At("dossier"))
		}
		return c.List
	}
	if r.From < 1 {
		c.Add(ErrValue.At("from"))
	}
	if r.To < r.From {
		c.Add(ErrValue.At("to"))
	}
	return c.List
}

// Check collects every fault of the call.
func (p CounterPayment) Check() fault.List {
	var c checks
	if p.Amount <= 0 {
		c.Add(ErrValue.At("amount"))
	}
	c.short("receipt_number", p.ReceiptNumber, maxName)
	return c.List
}

// checks collects the faults of a call's members.
type checks struct{ fault.List }

// text is a member that must say something.
func (c *checks) text(member, value string, most int) {
	if strings.TrimSpace(value) == "" {
		c.Add(ErrRequired.At(member))
		return
	}
	c.short(member, value, most)
}

// short is a member of at most so many characters, without what no text needs and without letters that the
// papers cannot show: what an officer writes stands on slips. A member that may not be longer than a name is
// one line.
func (c *checks) short(member, value string, most int) {
	if utf8.RuneCountInString(value) > most {
		c.Add(ErrTooLong.At(member).With("Max", most))
	}
	if !clean(value, most > maxName) {
		c.Add(ErrValue.At(member))
	} else if letter := typeface.Lacking(strings.Map(seen, value)); letter != "" {
		c.Add(ErrUndrawn.At(member).With("Letter", letter))
	}
}

// IsLine reports whether a text is one clean line, as each name has to be that an agency sends.
func IsLine(text string) bool { return clean(text, false) }

// clean refuses controls, characters that turn the direction of what stands around them, the invisible
// letters of language tags, and what is no character at all: on a page or a slip they would show something
// else than was written. Lines may be broken, and columns set, only where there can be several lines.
func clean(text string, lines bool) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		switch {
		case r == '\n', r == '\r', r == '\t', r == '\u2028', r == '\u2029':
			return !lines
		case r >= 0xe0000 && r <= 0xe007f:
			return true
		}
		return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Bidi_Control)
	})
}

// seen leaves out what no paper shows in any case, such as marks of direction and what Word leaves in a text.
func seen(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case number.Invisible(r):
		return -1
	}
	return r
}
