package procedure

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// What tests need that stand outside of this package, because they import national, which imports it.
var (
	AsTyped           = asTyped
	ByLifeEventOn     = byLifeEvent
	Day               = day
	Fields            = fields
	Named             = named
	NationalRecordsOf = nationalRecordsOf
)

const (
	NationalSample = nationalSample
	NearestOnly    = nearestOnly
	Nothing        = nothing
)

// LoadStarter loads the starter catalogue with its agencies.
func LoadStarter(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	load(t, pool, starterSources(t))
}
