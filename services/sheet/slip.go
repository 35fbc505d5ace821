package sheet

import (
	"time"

	"congdvc/services/dossier"
	"congdvc/services/workday"
)

// An Office is the agency that issues a sheet; all but Name may be empty.
type Office struct {
	Name    string `json:"name"`
	Parent  string `json:"parent,omitempty"` // the agency above it, as the first line of the letterhead
	Address string `json:"address,omitempty"`
	Phone   string `json:"phone,omitempty"`
}

// A Party is a person or an organisation; all but Name may be empty.
type Party struct {
	Name         string `json:"name"`
	Number       string `json:"number,omitempty"` // of the identity card, or of the enterprise
	Address      string `json:"address,omitempty"`
	Phone        string `json:"phone,omitempty"`
	Email        string `json:"email,omitempty"`
	Organisation bool   `json:"organisation,omitempty"`
}

// An Officer is who issues a slip.
type Officer struct {
	Name  string `json:"name"`
	Title string `json:"title,omitempty"`
	Unit  string `json:"unit,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// A Paper is one component of a dossier as it was received.
type Paper struct {
	Name      string `json:"name"`
	Originals int    `json:"originals,omitempty"` // originals that are to be handed in
	Copies    int    `json:"copies,omitempty"`
	Files     int    `json:"files,omitempty"` // electronic files
}

// A SlipItem is one thing that a supplement asks for.
type SlipItem struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// SlipData is all that a slip says, as it was when it was issued. Slips are in Vietnamese, as the circular
// prescribes.
type SlipData struct {
	Kind      dossier.SlipKind `json:"kind"`
	Number    string           `json:"number,omitempty"` // within the dossier; InsertSlip gives it
	Code      dossier.Code     `json:"code"`             // of the dossier
	Procedure string           `json:"procedure"`
	Agency    Office           `json:"agency"`
	Deciding  string           `json:"deciding,omitempty"` // the agency that decides, where it is another
	Owner     Party            `json:"owner"`
	Person    Party            `json:"person"` // who handed it in
	// on what ground; not in slips of before it was asked
	Ground string  `json:"ground,omitempty"`
	Papers []Paper `json:"papers,omitempty"`
	// names of fees whose amount the province's council sets; not in old slips
	FeesUnset []string `json:"fees_unset,omitempty"`
	// name of the one that was claimed; not in old slips
	Exemption   string        `json:"exemption,omitempty"`
	IssuedAt    time.Time     `json:"issued_at"`
	SubmittedAt time.Time     `json:"submitted_at"`
	ReceivedAt  *time.Time    `json:"received_at,omitempty"`
	DueAt       *time.Time    `json:"due_at,omitempty"`
	TermText    string        `json:"term_text,omitempty"` // the term of law, as "03 ngày làm việc"
	Reason      string        `json:"reason,omitempty"`
	Items       []SlipItem    `json:"items,omitempty"`
	Deadline    *workday.Date `json:"deadline,omitempty"` // of a supplement
	Officer     Officer       `json:"officer"`
}
