// Package backoffice is the REST front door, /api/v1. By it the one-stop systems of the agencies read
// dossiers and say what became of them. Its contract is openapi.yaml, which it serves too. A handler parses,
// calls the desk or a read function, and answers; it holds no SQL and no rule of status.
package backoffice

import (
	_ "embed" // openapi.yaml
	"log/slog"
	"time"

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
	Now    func() time.Time
	Log    *slog.Logger
}

// Backoffice answers the one-stop systems.
type Backoffice struct{ Config }

// New gives the front door; Mount opens it.
func New(c Config) *Backoffice {
	if c.Budget == nil {
		c.Budget = intake.NewBudget(intake.DefaultBudget)
	}
	return &Backoffice{c}
}

//go:embed openapi.yaml
var contract []byte

func (b *Backoffice) getContract(v *call) error {
	return v.public("application/yaml", contract)
}
