package national

import (
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
	"congdvc/services/pgtest"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// TestGeneralForm: the permission changes what is asked, outlives a changed record, and can be taken back.
func TestGeneralForm(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	agencies(t, pool)
	record := object{"CAPTHUCHIEN": []any{"Cấp tỉnh"},
		"CACHTHUCTHUCHIEN": []any{filed("Trực tiếp", 5, "Ngày làm việc", "")}}
	imported(t, pool, string(fixture(t, record)), "2026-11-01")
	on := day(t, "2026-11-24")
	allow := func(codes ...string) (o procedure.Outcome, err error) {
		err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			o, err = procedure.AllowGeneral(ctx, tx, procedure.AllowIn{Code: "9.000001", Agencies: codes,
				On: on})
			return err
		})
		return o, err
	}
	_, err := allow()
	refused(t, "without a department", err, "which department")
	_, err = allow("H42.KHAC")
	refused(t, "an unknown agency", err, "no agency")
	for _, want := range []procedure.Outcome{procedure.Changed, procedure.Same} {
		if o, err := allow("H42.STP"); err != nil || o != want {
			t.Fatalf("%s, %v", o, err)
		}
	}
	look := func(on workday.Date) *procedure.Version {
		v, err := procedure.InForce(ctx, pool, "9.000001", on)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := look(on)
	last := v.Requirements[len(v.Requirements)-1]
	if !v.Online() || v.Level != procedure.PartlyOnline ||
		!slices.Equal(v.ReceivedBy.Agencies, []string{"H42.STP"}) || last.ID != procedure.GeneralPapers ||
		v.Form().ID != "9.000001" {
		t.Errorf("allowed: %+v", v)
	}
	if slices.ContainsFunc(v.Requirements, func(r procedure.Requirement) bool { return !r.Optional }) {
		t.Errorf("a paper must be given: %+v", v.Requirements)
	}
	if got, _ := imported(t, pool, string(fixture(t, record)), "2026-11-25"); !slices.Equal(got,
		[]string{"1 9.000001 same"}) {
		t.Errorf("the same record: %q", got)
	}
	all := exportAll(t, pool, "2026-11-25")
	record["TENTTHC"] = "Tên mới"
	if _, told := imported(t, pool, string(fixture(t, record)),
		"2026-12-01"); told[0].Outcome != procedure.Changed || !slices.Contains(told[0].Differs, "name") {
		t.Errorf("a changed record: %+v", told)
	}
	if v := look(day(t, "2026-12-01")); v.Name.Vi != "Tên mới" || !v.Online() || v.General == nil {
		t.Errorf("the permission is lost: %+v", v)
	}
	on = day(t, "2026-12-02")
	inTx(t, pool, func(tx pgx.Tx) error {
		o, err := procedure.DisallowGeneral(ctx, tx, "9.000001", on)
		if o != procedure.Changed {
			t.Errorf("disallow: %s", o)
		}
		return err
	})
	if v := look(on); v.Online() || v.Level != procedure.Information || v.Form() != nil ||
		len(v.Channels) != 1 || !slices.Equal(v.ReceivedBy.Kinds, []agency.Kind{agency.Department}) {
		t.Errorf("taken back: %+v", v)
	}
	// The permission travels with an export.
	other := pgtest.New(t)
	agencies(t, other)
	if got, _ := importedAs(t, other, all, ImportIn{}, "2026-11-25"); !slices.Equal(got,
		[]string{"1 9.000001 added"}) || exportAll(t, other, "2026-11-25") != all {
		t.Errorf("another database: %q", got)
	}
	inTx(t, pool, func(tx pgx.Tx) error {
		_, err := procedure.AllowGeneral(ctx, tx, procedure.AllowIn{Code: "9.999999", On: on})
		if !errors.Is(err, procedure.ErrNotFound) {
			t.Errorf("an unknown code: %v", err)
		}
		return nil
	})
}
