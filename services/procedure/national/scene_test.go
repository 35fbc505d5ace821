package national

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"congdvc/services/agency"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// sampleFile is where real records are, outside the clone.
const sampleFile = "../../../../shared/data/national-procedures.sample.ndjson"

// sample reads the real records; the test is skipped where the clone stands without them.
func sample(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile(sampleFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the national records are not beside this clone")
	}
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func day(t testing.TB, s string) workday.Date {
	t.Helper()
	d, err := workday.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func starter(t testing.TB) []procedure.Source {
	t.Helper()
	sources, err := procedure.Starter()
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

func inTx(t testing.TB, pool *pgxpool.Pool, f func(pgx.Tx) error) {
	t.Helper()
	if err := pgx.BeginFunc(t.Context(), pool, f); err != nil {
		t.Fatal(err)
	}
}

// agencies loads the starter's agencies, which its procedures name.
func agencies(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	registry, err := agency.Starter()
	if err != nil {
		t.Fatal(err)
	}
	inTx(t, pool, func(tx pgx.Tx) error { _, err := agency.Load(t.Context(), tx, registry); return err })
}

func load(t testing.TB, pool *pgxpool.Pool, sources []procedure.Source) (changes procedure.Changes) {
	t.Helper()
	agencies(t, pool)
	inTx(t, pool, func(tx pgx.Tx) (err error) {
		changes, err = procedure.Load(t.Context(), tx, sources)
		return err
	})
	return changes
}

func publish(ctx context.Context, pool *pgxpool.Pool, in procedure.PublishIn) (on workday.Date, err error) {
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		on, err = procedure.Publish(ctx, tx, in)
		return err
	})
	return on, err
}

func refused(t *testing.T, what string, err error, says string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("%s: %v, not %q", what, err, says)
	}
}

func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(procedure.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("procedure.schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := compiler.Compile("procedure.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}
