package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"congdvc/portal/address"
)

// thefts are what somebody may write who has the database and not the keys, to make the dossier $1 of one
// person that of the owner of the dossier $2.
var thefts = map[string]string{
	"the owner": `update dossier set owner_party_id = (select owner_party_id from dossier where code = $2)
		where code = $1`,
	"the owner, unmarked": `update dossier set owner_party_id = (select owner_party_id from dossier where code = $2),
		mark = null where code = $1`,
	"the owner, with the mark of another row": `update dossier d set owner_party_id = o.owner_party_id, mark = o.mark
		from dossier o where d.code = $1 and o.code = $2`,
	"who handed it in": `update dossier set submitted_by = (select submitted_by from dossier where code = $2)
		where code = $1`,
	"the draft": `update draft set dossier_id = (select id from dossier where code = $1)
		where id = (select draft_id from dossier where code = $2)`,
	"the draft's party": `update draft set party_id = o.party_id, person_id = o.person_id
		from draft o where draft.id = (select draft_id from dossier where code = $1)
		and o.id = (select draft_id from dossier where code = $2)`,
	"the result": `update result set dossier_id = (select id from dossier where code = $2)
		where dossier_id = (select id from dossier where code = $1)`,
	"a revision": `update dossier_revision set person_id = (select submitted_by from dossier where code = $2)
		where dossier_id = (select id from dossier where code = $1)`,
	"a mandate": `insert into mandate (person_id, party_id, ground, asserted_at, confirmed_at)
		select t.owner_party_id, v.owner_party_id, 'login', now(), now()
		from dossier t, dossier v where t.code = $2 and v.code = $1`,
}

// TestTheDatabaseGivesNoDossierAway: after each theft, nothing of the dossier is on any page of the thief.
func TestTheDatabaseGivesNoDossierAway(t *testing.T) {
	t.Parallel()
	for name, sql := range thefts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			lan, minh := s.person(t, "Nguyễn Thị Lan"), s.person(t, "Trần Văn Minh")
			code, file := lan.withResult()
			own, _ := minh.submitted()
			tag, err := s.Pool.Exec(t.Context(), sql, code, own)
			if name == "a revision" || name == "the draft" { // a record: the database itself refuses
				if err == nil {
					t.Error("a record was changed")
				}
				return
			}
			must(t, err)
			if tag.RowsAffected() != 1 {
				t.Fatalf("%d rows were stolen", tag.RowsAffected())
			}
			theirs, mine := address.Dossier("vi", code), address.Dossier("vi", own)
			for _, path := range []string{theirs, address.DossierAccess("vi", code), file,
				address.DossierConfirmationPDF("vi", code), mine, strings.Replace(file, theirs, mine, 1),
				address.DossierAccess("vi", own), address.Dossiers("vi"), address.Account("vi"),
				address.Notices("vi")} {
				p := minh.get(path)
				foreign := strings.Contains(path, string(code)) || strings.Contains(path, "/ket-qua/")
				if foreign && p.StatusCode != http.StatusNotFound {
					t.Errorf("%s: %d", path, p.StatusCode)
				}
				// A page of what is not there repeats its own address.
				told := strings.Contains(p.body, string(code)) && !strings.Contains(path, string(code))
				if told || strings.Contains(p.body, "Nguyễn Thị Lan") {
					t.Errorf("%s shows it", path)
				}
			}
		})
	}
}
