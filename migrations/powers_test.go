package migrations_test

import (
	"slices"
	"testing"

	"congdvc/migrations"
	"congdvc/services/pgtest"
)

// TestPowers: the role that migrates could change records, and the running role could not.
func TestPowers(t *testing.T) {
	t.Parallel()
	owner := pgtest.New(t)
	got, err := migrations.Powers(t.Context(), owner)
	if err != nil || !slices.Contains(got, "owns tables") ||
		!slices.Contains(got, "may change or delete records") {
		t.Errorf("the owner: %v, %v", got, err)
	}
	running := pgtest.Running(t, owner)
	if got, err := migrations.Powers(t.Context(), running); err != nil || len(got) > 0 {
		t.Errorf("the running role: %v, %v", got, err)
	}
	if _, err := owner.Exec(t.Context(), `grant delete on dossier_history to `+pgtest.RunningRole); err != nil {
		t.Fatal(err)
	}
	if got, err := migrations.Powers(t.Context(), running); err != nil ||
		!slices.Equal(got, []string{"may change or delete records"}) {
		t.Errorf("with more than was granted: %v, %v", got, err)
	}
}
