package onestop

import (
	"congdvc/services/dossier"
)

// DossierList answers GET /api/v1/dossiers.
type DossierList struct {
	Dossiers []ListedDossier `json:"dossiers"` // the one that was changed longest ago first
	// cursor for the next page; of the last page, for all that changes from now on
	Next string `json:"next"`
	More bool   `json:"more"` // there is more already: ask at once
}

// ListedDossier is a dossier's header in the list.
type ListedDossier struct {
	Dossier
	ChangedAt Instant `json:"changed_at"` // when row_version grew last
}

// DossierCounts answers GET /api/v1/dossier-counts.
type DossierCounts struct {
	Total    int           `json:"total"`
	Agencies []AgencyCount `json:"agencies"` // by code; those without dossiers are left out
}

// AgencyCount is how many dossiers an agency has. A dossier is counted once: at the agency that receives it,
// where the connection serves that one, else at the one that decides.
type AgencyCount struct {
	Agency   string        `json:"agency"` // code
	Total    int           `json:"total"`
	Statuses []StatusCount `json:"statuses"` // in the order of a dossier's life, without those of 0
}

// StatusCount is how many dossiers have a status.
type StatusCount struct {
	Status dossier.Status `json:"status"`
	Count  int            `json:"count"`
}
