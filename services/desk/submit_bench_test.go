package desk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// BenchmarkSubmit submits complete drafts one after the other. Its ratio is the time of a bare transaction
// that writes the same rows, measured in turns with it, by the time of a submission: 1 would be for free.
func BenchmarkSubmit(b *testing.B) {
	p := desktest.New(b, desktest.Options{})
	// What is written bare cannot be opened, and so must not be hers whose drafts are submitted.
	lan, hoa := p.Citizen(b, 1), p.Citizen(b, 2)
	sample := sampleOf(b, p, p.Submitted(b, hoa))
	var desks, bare time.Duration
	for b.Loop() {
		b.StopTimer()
		mine, other := p.Copies(b, lan, 1), p.Copies(b, hoa, 1)
		b.StartTimer()
		begun := time.Now()
		if s, err := p.Desk.Submit(b.Context(), lan, mine); err != nil || s.Code == "" {
			b.Fatal(s, err)
		}
		desks += time.Since(begun)
		b.StopTimer()
		begun = time.Now()
		do(b, sample.write(b.Context(), p, other))
		bare += time.Since(begun)
		b.StartTimer()
	}
	b.ReportMetric(float64(bare)/float64(desks), "ratio")
}

// row is a row of a table as an insert with its values.
type row struct {
	insert string
	names  []string
	values []any
}

// sample are the rows that one submission wrote.
type sample struct {
	rows  []row
	agent string // code of the agency
}

func sampleOf(t testing.TB, p *desktest.Province, code dossier.Code) sample {
	t.Helper()
	s := sample{agent: p.Commune.Code}
	for _, from := range []string{
		"dossier where code = $1",
		"dossier_agency where dossier_id = (select id from dossier where code = $1) and role = 'receiving'",
		"dossier_agency where dossier_id = (select id from dossier where code = $1) and role = 'deciding'",
		"dossier_revision where dossier_id = (select id from dossier where code = $1)",
		"dossier_history where dossier_id = (select id from dossier where code = $1)",
		"event where dossier_id = (select id from dossier where code = $1)", "notice where dossier_code = $1",
		"notice_delivery where notice_id = (select id from notice where dossier_code = $1)",
		"payment_quote where draft_id = (select draft_id from dossier where code = $1)",
	} {
		s.rows = append(s.rows, rowOf(t, p, from, code))
	}
	return s
}

func rowOf(t testing.TB, p *desktest.Province, from string, code dossier.Code) (r row) {
	t.Helper()
	rows, err := p.Pool.Query(t.Context(), "select * from "+from, code)
	do(t, err)
	defer rows.Close()
	if !rows.Next() {
		t.Fatalf("no row in %s: %v", from, rows.Err())
	}
	values, err := rows.Values()
	do(t, err)
	table, _, _ := strings.Cut(from, " ")
	var places []string
	for i, f := range rows.FieldDescriptions() {
		if table == "event" && f.Name == "id" {
			continue // drawn by the database
		}
		r.names, r.values = append(r.names, f.Name), append(r.values, values[i])
		places = append(places, fmt.Sprintf("$%d", len(r.names)))
	}
	r.insert = "insert into " + table + " (" + strings.Join(r.names, ", ") + ") values (" +
		strings.Join(places, ", ") + ")"
	return r
}

const (
	bareCode = `
insert into code_counter (agency_code, day, next) values ($1, $2, 2)
on conflict (agency_code, day) do update set next = code_counter.next + 1 returning next`
	bareLock   = `select state from draft where id = $1 for update`
	bareStatus = `update dossier set status = 'submitted', history_seq = 1, row_version = row_version + 1 where id = $1`
	bareFiled  = `update draft set state = 'submitted', dossier_id = $2 where id = $1`
)

// write draws a number and writes the rows of the sample for another draft.
func (s sample) write(ctx context.Context, p *desktest.Province, draft dossier.DraftID) error {
	var n int
	if err := p.Pool.QueryRow(ctx, bareCode, s.agent, workday.DateOf(p.Clock.Now())).Scan(&n); err != nil {
		return err
	}
	ids := map[string]any{"dossier_id": postgres.NewID(), "draft_id": draft,
		"code": fmt.Sprintf("bare-%d", n), "notice_id": postgres.NewID()}
	ids["dossier_code"] = ids["code"]
	return pgx.BeginFunc(ctx, p.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, bareLock, draft); err != nil {
			return err
		}
		for _, r := range s.rows {
			if err := r.write(ctx, tx, ids); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, bareStatus, ids["dossier_id"]); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, bareFiled, draft, ids["dossier_id"])
		return err
	})
}

func (r row) write(ctx context.Context, tx pgx.Tx, ids map[string]any) error {
	values := make([]any, len(r.values))
	for i, name := range r.names {
		values[i] = r.values[i]
		if id, ok := ids[name]; ok {
			values[i] = id
		}
		if name == "id" || name == "uid" {
			values[i] = postgres.NewID()
		}
		if name == "id" && strings.HasPrefix(r.insert, "insert into dossier (") {
			values[i] = ids["dossier_id"]
		}
		if name == "id" && strings.HasPrefix(r.insert, "insert into notice (") {
			values[i] = ids["notice_id"]
		}
	}
	if _, err := tx.Exec(ctx, r.insert, values...); err != nil {
		return fmt.Errorf("%s: %w", r.insert, err)
	}
	return nil
}
