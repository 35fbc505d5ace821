package inspection

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/i18n"
	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/onestop"
	"congdvc/services/pgtest"
	"congdvc/services/procedure"
	"congdvc/services/procedure/national"
	"congdvc/services/vault"
	"congdvc/services/workday"
)

// checkDay is a day that the starter data knows.
var checkDay = workday.Date{Year: 2026, Month: time.November, Day: 23}

// nationalRecord is a record of the smallest kind.
const nationalRecord = `{"MATTHC":"9.000001","TENTTHC":"Thủ tục thử","CAPTHUCHIEN":["Cấp xã"],` +
	`"CACHTHUCTHUCHIEN":[{"KENH":"Trực tiếp","THOIGIANGIAIQUYET":3,"DONVITINH":"Ngày làm việc",` +
	`"PHILEPHI":[],"MOTA":""}],` +
	`"KETQUATHUCHIEN":[{"MAKETQUA":"test","TENKETQUA":"Giấy phép"}]}`

// A scene is a database with the starter catalogue.
type scene struct {
	*testing.T
	pool  *pgxpool.Pool
	vault *vault.Vault
}

// newScene is a scene in which one connection serves everyone who receives dossiers.
func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{T: t, pool: pgtest.New(t)}
	var err error
	s.vault, err = vault.New()
	s.ok(err)
	s.starter()
	s.serveAll()
	return s
}

func (s *scene) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *scene) within(do func(ctx context.Context, tx pgx.Tx) error) {
	s.Helper()
	s.ok(pgx.BeginFunc(s.Context(), s.pool, func(tx pgx.Tx) error { return do(s.Context(), tx) }))
}

func (s *scene) starter() {
	s.Helper()
	registry, err := agency.Starter()
	s.ok(err)
	sources, err := procedure.Starter()
	s.ok(err)
	s.within(func(ctx context.Context, tx pgx.Tx) error {
		if _, _, err := agency.LoadStarter(ctx, tx, registry); err != nil {
			return err
		}
		_, err := procedure.Load(ctx, tx, sources)
		return err
	})
}

func (s *scene) serveAll() {
	s.Helper()
	v := s.vault
	all, err := agency.List(s.Context(), s.pool, agency.Filter{On: checkDay})
	s.ok(err)
	s.within(func(ctx context.Context, tx pgx.Tx) error {
		in := onestop.NewConnection{Code: "chung", Name: "Một cửa chung", Now: checkDay.At(0)}
		connection, _, err := onestop.CreateConnection(ctx, tx, v, in)
		if err != nil {
			return err
		}
		for _, a := range all {
			if err := agency.Serve(ctx, tx, v, connection.ID, a.ID, checkDay.AddDays(-1)); err != nil {
				return err
			}
		}
		return nil
	})
}

// look is what an inspection finds on a day.
func (s *scene) look(on workday.Date) []Finding {
	s.Helper()
	findings, err := Look(s.Context(), s.pool, s.vault, on.At(9*60))
	s.ok(err)
	return findings
}

// lines is what an inspection finds, as a command prints it, and whether anything fails.
func (s *scene) lines(on workday.Date) (lines string, failed bool) {
	s.Helper()
	for _, f := range s.look(on) {
		lines += f.Line(i18n.En) + "\n"
		failed = failed || f.State == Fail
	}
	return lines, failed
}

func (s *scene) exec(sql string, args ...any) {
	s.Helper()
	_, err := s.pool.Exec(s.Context(), sql, args...)
	s.ok(err)
}

// agreed has the portal take what was changed by exec for its own.
func (s *scene) agreed() {
	s.Helper()
	_, err := binding.Bind(s.Context(), s.pool, s.vault, binding.Tables, func(string, int) {})
	s.ok(err)
}

// store publishes or keeps a starter procedure after a change, past the checks of an import.
func (s *scene) store(code string, state procedure.State, from string, change func(*procedure.Definition)) {
	s.Helper()
	sources, err := procedure.Starter()
	s.ok(err)
	for _, source := range sources {
		if source.Definition.Code == code {
			change(&source.Definition)
			s.another(code, state, from, source.Definition)
		}
	}
}

func (s *scene) another(code string, state procedure.State, from string, d procedure.Definition) {
	s.Helper()
	s.exec(`update procedure_version set state = 'closed', effective_to = $2::date
where code = $1 and effective_to is null and $3 <> 'draft'`, code, from, state)
	s.exec(`insert into procedure_version (id, code, number, state, origin, effective_from, definition, form,
    form_hash, content_hash, search_text, search, receivers)
select gen_random_uuid(), code, number + 1, $2, 'operator', $3, $4, form, form_hash, 'x', '', '', receivers
from procedure_version where code = $1 order by number desc limit 1`, code, state, from, d)
}

// retype stores a version whose form has another type for one of its fields.
func (s *scene) retype(code, from, was, is string) {
	s.Helper()
	s.exec(`update procedure_version set state = 'closed', effective_to = $2::date
where code = $1`, code, from)
	s.exec(`insert into procedure_version (id, code, number, state, origin, effective_from, definition, form,
    form_hash, content_hash, search_text, search, receivers)
select gen_random_uuid(), code, number + 1, 'published', 'operator', $2, definition,
    convert_to(replace(convert_from(form, 'UTF8'), $3, $4), 'UTF8'), form_hash, 'x', '', '', receivers
from procedure_version where code = $1 order by number desc limit 1`, code, from,
		`"type": "`+was+`"`, `"type": "`+is+`"`)
}

// records brings in records of the national database, one a line.
func (s *scene) records(lines string) {
	s.Helper()
	from := workday.Date{Year: 2026, Month: time.November, Day: 1}
	s.ok(national.Import(s.Context(), s.pool, strings.NewReader(lines), national.ImportIn{
		On: from, From: &from, Tell: func(national.Imported) error { return nil },
	}))
}

func (s *scene) allowGeneral(code string, on workday.Date) {
	s.Helper()
	s.within(func(ctx context.Context, tx pgx.Tx) error {
		_, err := procedure.AllowGeneral(ctx, tx, procedure.AllowIn{Code: code, On: on})
		return err
	})
}
