package dossier

import (
	"congdvc/i18n"
	"congdvc/services/workday"
)

// A FileSource is a document of the same owner that the portal already held. The file is a copy of it, so
// that the person need not send it again (Decree 45/2020/NĐ-CP: a person may refer to a document in the
// personal store). Dossier is the one that it was issued or given for.
type FileSource struct {
	Dossier    Code         `json:"dossier"`
	Agency     string       `json:"agency"`      // code of the agency that issued or received it
	AgencyName i18n.Text    `json:"agency_name"` // at the time when it was chosen
	Date       workday.Date `json:"date"`        // of issue; else on which the dossier was submitted
	// Result is nil for a file that was given for the dossier.
	Result *ResultSource `json:"result,omitempty"`
}

// A ResultSource is an e-result. It holds when the revision is submitted; VerifyURL shows whether it still
// does.
type ResultSource struct {
	Code      string `json:"code"`
	Kind      string `json:"kind"` // code of the kind of result in the national catalogue
	Name      string `json:"name"`
	Number    string `json:"number,omitempty"`
	VerifyURL string `json:"verify_url"`
}
