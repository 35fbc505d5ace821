package desk_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/eform"
	"congdvc/services/procedure"

	"github.com/jackc/pgx/v5"
)

// amended loads the copies of records as they are from 24 November on: a question has another id, another one
// another label, a paper another name, and a copy costs 9,000 đồng.
func amended(t *testing.T, p *desktest.Province) {
	t.Helper()
	read := func(name string, changes ...[2]string) []byte {
		raw, err := os.ReadFile("../procedure/data/procedures/2.000635" + name)
		do(t, err)
		for _, c := range changes {
			if bytes.Count(raw, []byte(c[0])) != 1 {
				t.Fatalf("%s has %d times %s", name, bytes.Count(raw, []byte(c[0])), c[0])
			}
			raw = bytes.Replace(raw, []byte(c[0]), []byte(c[1]), 1)
		}
		return raw
	}
	source, err := procedure.Parse(
		read(".json", [2]string{`"effective_from": "2026-07-01"`, `"effective_from": "2026-11-24"`},
			[2]string{`"amount": 8000`, `"amount": 9000`},
			[2]string{`"Papers that concern what a copy is asked of"`, `"Papers about the event"`}),
		read(".form.json", [2]string{`"id": "sk.noi"`, `"id": "sk.co_quan"`}))
	do(t, err)
	do(t, pgx.BeginFunc(t.Context(), p.Pool, func(tx pgx.Tx) error {
		_, err := procedure.Load(t.Context(), tx, []procedure.Source{source})
		return err
	}))
	p.Bind(t)
}

// TestADraftIsCarriedOver: under a version that has ended a draft is not submitted; its person sees what is
// other, accepts it, and answers what is new.
func TestADraftIsCarriedOver(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), p.Citizen(t, 1)
	id := p.Copies(t, lan, 1)
	amended(t, p)
	v, err := p.Desk.Draft(ctx, lan, id)
	do(t, err)
	if err := p.Desk.CheckVersion(ctx, v.Draft); err != nil {
		t.Errorf("the day before: %v", err)
	}
	c, err := p.Desk.VersionChange(ctx, lan, id)
	do(t, err)
	if len(c.Added)+len(c.Changed)+len(c.Dropped)+len(c.PapersChanged) > 0 || c.FeeNow.Total != 8000 {
		t.Errorf("the day before: %+v", c)
	}

	p.Clock.Advance(24 * time.Hour)
	refused(t, "the version", p.Desk.CheckVersion(ctx, v.Draft), desk.ErrNewVersion)
	_, err = p.Desk.Submit(ctx, lan, id)
	refused(t, "submit", err, desk.ErrNewVersion)
	whole(t, p, id)
	c, err = p.Desk.VersionChange(ctx, lan, id)
	do(t, err)
	if len(c.Added) != 1 || c.Added[0].ID != "sk.co_quan" || len(c.Dropped) != 1 ||
		c.Dropped[0].ID != "sk.noi" || len(c.Changed) != 0 {
		t.Errorf("questions: added %+v, dropped %+v, changed %+v", c.Added, c.Dropped, c.Changed)
	}
	if len(c.PapersChanged) != 1 || c.PapersChanged[0].ID != related ||
		len(c.PapersAdded)+len(c.PapersDropped) != 0 {
		t.Errorf("papers: %+v", c)
	}
	if c.FeeBefore.Total != 8000 || c.FeeNow.Total != 9000 || len(c.Missing) != 1 {
		t.Errorf("%d before, %d now, missing %v", c.FeeBefore.Total, c.FeeNow.Total, c.Missing)
	}

	do(t, p.Desk.AcceptNewVersion(ctx, lan, id))
	if n, err := p.Desk.Missing(ctx, lan, id); err != nil || n != 1 {
		t.Errorf("%d missing, %v", n, err)
	}
	p.Save(t, lan, id, eform.Answers{"sk.co_quan": {Text: "UBND xã Ninh Nhất"}})
	s, err := p.Desk.Submit(ctx, lan, id)
	do(t, err)
	first := view(t, p, lan, s.Code).First
	if _, has := first.Answers["sk.noi"]; has || first.Answers["sk.co_quan"].Text != "UBND xã Ninh Nhất" ||
		first.Fee.Total != 9000 {
		t.Errorf("submitted %+v, %+v", first.Answers, first.Fee)
	}
}
