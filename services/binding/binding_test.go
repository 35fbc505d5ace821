package binding_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/binding"
	"congdvc/services/pgtest"
	"congdvc/services/vault"
)

func keys(t *testing.T) *vault.Vault {
	t.Helper()
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestEveryMarkHasItsTable: a table with a mark is one that the package knows, and the other way round.
func TestEveryMarkHasItsTable(t *testing.T) {
	t.Parallel()
	rows, err := pgtest.New(t).Query(t.Context(), `select table_name::text from information_schema.columns
		where column_name = 'mark' and table_schema = current_schema() order by table_name`)
	if err != nil {
		t.Fatal(err)
	}
	has, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var knows []string
	for _, table := range binding.Tables {
		knows = append(knows, table.Name)
	}
	slices.Sort(knows)
	if !slices.Equal(has, knows) {
		t.Errorf("the database marks %v, the package %v", has, knows)
	}
}

// TestWindow: only who has the keys opens it, it ends by itself, and a row of an earlier one does not open it
// again.
func TestWindow(t *testing.T) {
	t.Parallel()
	db, v, foreign := pgtest.New(t), keys(t), keys(t)
	open := func(want bool) {
		t.Helper()
		if got, err := binding.Open(t.Context(), db, v); err != nil || got != want {
			t.Errorf("open: %v, %v", got, err)
		}
		holds, err := binding.Slip.Holds(t.Context(), db, v, nil, "id", "dossier", "01", "01")
		if err != nil || holds != want {
			t.Errorf("a row without a mark holds: %v, %v", holds, err)
		}
	}
	set := func(by *vault.Vault, until time.Time) {
		t.Helper()
		if err := binding.OpenUntil(t.Context(), db, by, until); err != nil {
			t.Fatal(err)
		}
	}
	open(false)
	set(foreign, time.Now().Add(time.Hour))
	open(false)
	set(v, time.Now().Add(-time.Minute)) // what somebody kept, and put back
	open(false)
	set(v, time.Now().Add(time.Hour))
	open(true)
	wrong := []byte(strings.Repeat("x", 32))
	if holds, err := binding.Slip.Holds(t.Context(), db, v, wrong, "id", "dossier", "01", "01"); err != nil ||
		holds {
		t.Errorf("another mark, in the window: %v, %v", holds, err)
	}
	if err := binding.Close(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	open(false)
}

// TestMarksTellRowsApart: a mark holds for one table, key and value only.
func TestMarksTellRowsApart(t *testing.T) {
	t.Parallel()
	v := keys(t)
	own := binding.Slip.Mark(v, "id", "dossier", "01", "02")
	for name, other := range map[string][]byte{
		"key":      binding.Slip.Mark(v, "other", "dossier", "01", "02"),
		"value":    binding.Slip.Mark(v, "id", "stolen", "01", "02"),
		"division": binding.Slip.Mark(v, "id", "dossier0", "1", "02"),
		"table":    binding.Handover.Mark(v, "id", "dossier", "01", "02"),
		"keys":     binding.Slip.Mark(keys(t), "id", "dossier", "01", "02"),
		"index":    v.Index("slip", "id"),
	} {
		if slices.Equal(own, other) {
			t.Errorf("the same for another %s", name)
		}
	}
}
