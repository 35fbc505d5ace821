// Package backoffice is the REST front door, /api/v1. By it the one-stop systems of the agencies read
// dossiers and say what became of them. Its contract is openapi.yaml, which it serves too. A handler parses,
// calls the desk or a read function, and answers; it holds no SQL and no rule of status.
package backoffice

import (
	"bytes"
	_ "embed" // openapi.yaml
	"log/slog"
	"time"

	"congdvc/portal/address"
	"congdvc/portal/intake"
	"congdvc/services/desk"
	"congdvc/services/onestop"
	"congdvc/services/throttle"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Config is what the front door needs. Every field is required unless it says otherwise.
type Config struct {
	Desk    *desk.Desk
	Pool    *pgxpool.Pool
	Limiter *throttle.Limiter
	Waiters *onestop.Waiters
	// Budget bounds the bodies that lie in memory at once; nil takes intake.DefaultBudget bytes.
	Budget *intake.Budget
	// Site is where the portal is reached, for the addresses in the contract; empty leaves the example's.
	Site address.Site
	Now  func() time.Time
	Log  *slog.Logger
}

// Backoffice answers the one-stop systems.
type Backoffice struct {
	Config
	contract []byte // with the addresses of this portal
}

// New gives the front door; Mount opens it.
func New(c Config) *Backoffice {
	if c.Budget == nil {
		c.Budget = intake.NewBudget(intake.DefaultBudget)
	}
	own := contract
	if c.Site.Base != "" {
		own = bytes.ReplaceAll(contract, []byte(exampleSite), []byte(c.Site.URL("")))
	}
	return &Backoffice{c, own}
}

//go:embed openapi.yaml
var contract []byte

// exampleSite stands in the contract for the portal, where an address has to be absolute.
const exampleSite = "https://cong.example.vn"

func (b *Backoffice) getContract(v *call) error {
	return v.public("application/yaml", b.contract)
}
