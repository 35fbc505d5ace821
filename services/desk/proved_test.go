package desk_test

import (
	"errors"
	"testing"

	"congdvc/i18n"
	"congdvc/services/binding"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// astray leads every next dossier ($1 is today, $2 its agency) to another agency, by statements that the
// running role may execute.
var astray = map[string][]string{
	"a version of somebody's": {
		`update procedure_version set state = 'closed', effective_to = $1 where code = '2.000635'
			and state = 'published' and $2 <> ''`,
		`insert into procedure_version (id, code, number, state, origin, effective_from, definition, form, form_hash,
			content_hash, search_text, search, mark)
		select gen_random_uuid(), code, number + 1, 'published', origin, $1,
			definition || '{"decided_by": {"by": "agency", "agency": "H42.STP"}}', form, form_hash, content_hash,
			search_text, search, mark from procedure_version where code = '2.000635' and $2 <> ''`,
	},
	"another agency under its row": {`update agency set name = '{"vi": "Sở khác", "en": "Other"}',
		phone = '0900000000' where id = $2::uuid and $1::date is not null`},
	"another commune's row": {`update agency set unit_code = '99999' where id = $2::uuid and $1::date is not null`},
	"an agency without an end": {`update agency set valid_from = valid_from - 1 where id = $2::uuid
		and $1::date is not null`},
	"an agency with a mark of no keys": {`update agency set code = code || '9', mark = sha256(mark) where id = $2::uuid
		and $1::date is not null`},
}

// TestCatalogueAstray: under a version, or to an agency, that this portal's commands did not write nothing is
// begun, shown, carried over, handed in or moved.
func TestCatalogueAstray(t *testing.T) {
	t.Parallel()
	for what, statements := range astray {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := desktest.New(t, desktest.Options{})
			who, ctx := p.Citizen(t, 1), t.Context()
			id := p.Copies(t, who, 1)
			for _, sql := range statements {
				tag, err := p.Desk.Pool.Exec(ctx, sql, workday.DateOf(p.Clock.Now()), p.Commune.ID)
				do(t, err)
				if tag.RowsAffected() == 0 {
					t.Fatalf("%s: nothing", sql)
				}
			}
			if s, err := p.Desk.Submit(ctx, who, id); err == nil {
				t.Errorf("handed in: %+v", s)
			}
			if _, err := p.Desk.StartDraft(ctx, who, desk.StartIn{Procedure: "2.000635", Agency: p.Commune.ID,
				Lang: i18n.Vi}); !errors.Is(err, desk.ErrUnproved) {
				t.Errorf("begun: %v", err)
			}
			if _, err := p.Desk.Draft(ctx, who, id); !errors.Is(err, desk.ErrUnproved) {
				t.Errorf("shown: %v", err)
			}
			if len(statements) == 1 {
				err := pgx.BeginFunc(ctx, p.Pool, func(tx pgx.Tx) error {
					_, err := p.Desk.MoveAgencies(ctx, tx, p.Connection, p.Commune)
					return err
				})
				if !errors.Is(err, binding.ErrForeign) {
					t.Errorf("moved: %v", err)
				}
			} else if err := p.Desk.AcceptNewVersion(ctx, who, id); !errors.Is(err, desk.ErrUnproved) {
				t.Errorf("carried over: %v", err)
			}
			if n := count(t, p, `select count(*) from dossier`); n != 0 {
				t.Errorf("%d dossiers", n)
			}
		})
	}
}

// TestVerifiedByNobody: who issued a result is told of an agency only that is as this portal wrote it.
func TestVerifiedByNobody(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	code := processing(t, p, p.Citizen(t, 1))
	_, err := p.Desk.DeliverResult(t.Context(), p.Office(t, "deliver"), code, resultIn(t, "kq.pdf",
		signed(t, paper(t, "Trich luc"))))
	do(t, err)
	before := count(t, p, `select count(*) from agency where mark is null`)
	var r string
	do(t, p.Pool.QueryRow(t.Context(), `select code from result`).Scan(&r))
	if _, err := p.Desk.VerifyResult(t.Context(), r); err != nil || before != 0 {
		t.Fatalf("%v; %d agencies without a mark", err, before)
	}
	_, err = p.Desk.Pool.Exec(t.Context(), `update agency set name = name || '{"vi": "Bộ Ngoại giao"}'`)
	do(t, err)
	if view, err := p.Desk.VerifyResult(t.Context(), r); !errors.Is(err, desk.ErrUnproved) {
		t.Errorf("%+v, %v", view, err)
	}
}
