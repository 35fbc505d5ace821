package desk_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/attachment"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// variant loads the copies of records under another code, with another rule of who decides.
func variant(t *testing.T, p *desktest.Province, code, rule string) {
	t.Helper()
	read := func(name string) []byte {
		raw, err := os.ReadFile("../procedure/data/procedures/2.000635" + name)
		do(t, err)
		return bytes.Replace(raw, []byte(`"2.000635"`), []byte(`"`+code+`"`), 1)
	}
	definition := bytes.Replace(read(".json"), []byte(`"received_by"`),
		[]byte(`"decided_by": `+rule+`, "received_by"`), 1)
	source, err := procedure.Parse(definition, read(".form.json"))
	do(t, err)
	do(t, pgx.BeginFunc(t.Context(), p.Pool, func(tx pgx.Tx) error {
		_, err := procedure.Load(t.Context(), tx, []procedure.Source{source})
		return err
	}))
	p.Bind(t)
}

// copiesAt is a complete draft of such a variant by somebody who lives in a commune.
func copiesAt(t *testing.T, p *desktest.Province, who identity.Who, code string, at agency.ID,
	commune string) dossier.DraftID {
	t.Helper()
	draft, err := p.Desk.StartDraft(t.Context(), who, desk.StartIn{Procedure: code, Agency: at,
		Lang: i18n.Vi})
	do(t, err)
	text := func(s string) eform.Value { return eform.Value{Text: s} }
	p.Save(t, who, draft.ID, eform.Answers{
		"nyc.loai": text("ca_nhan"), "nyc.quan_he": text("ban_than"),
		"nyc.cu_tru": {Rows: []map[string]string{{eform.PartProvince: "37", eform.PartCommune: commune,
			eform.PartDetail: "Số 5"}}},
		"sk.loai": text("khai_sinh"), "sk.noi": text("UBND xã Ninh Nhất"),
		"ban_sao.so_luong": text("1"), "nhan.hinh_thuc": text("tai_co_quan"),
	})
	_, err = p.Desk.AddAttachment(t.Context(), who, draft.ID, "tai_lieu_lien_quan",
		attachment.Incoming{Name: "giấy khai sinh cũ.png", Reader: bytes.NewReader(desktest.Photo(t))})
	do(t, err)
	return draft.ID
}

// office is the agency with a code, today.
func office(t *testing.T, p *desktest.Province, code string) *agency.Agency {
	t.Helper()
	a, err := agency.ByCode(t.Context(), p.Pool, code, workday.DateOf(p.Desk.Now()))
	do(t, err)
	return a
}

// ownSystem gives an agency a one-stop system of its own, and returns the connection.
func ownSystem(t *testing.T, p *desktest.Province, code string, a *agency.Agency) string {
	t.Helper()
	var id string
	do(t, pgx.BeginFunc(t.Context(), p.Pool, func(tx pgx.Tx) error {
		c, _, err := onestop.CreateConnection(t.Context(), tx, p.Vault,
			onestop.NewConnection{Code: code, Name: a.Name.Vi, Now: p.Desk.Now()})
		if err != nil {
			return err
		}
		id = c.ID
		return agency.Serve(t.Context(), tx, p.Vault, c.ID, a.ID, workday.DateOf(p.Desk.Now()))
	}))
	return id
}

// as is an officer who calls over a connection that serves these agencies.
func as(t *testing.T, p *desktest.Province, connection, key string, agencies ...agency.ID) desk.Office {
	t.Helper()
	o := p.Office(t, key)
	o.Connection, o.Call.Connection, o.Agencies = connection, connection, agencies
	return o
}

// heard are the dossiers of which a connection was told, in order.
func heard(t *testing.T, p *desktest.Province, connection string) (codes []string) {
	t.Helper()
	for count(t, p, `select count(*) from event where position is null`) > 0 {
		_, err := onestop.Sequence(t.Context(), p.Pool)
		do(t, err)
	}
	batch, err := onestop.After(t.Context(), p.Pool, connection, onestop.Cursor{}, onestop.MaxBatch)
	do(t, err)
	for _, e := range batch.Events {
		codes = append(codes, e.Subject+" "+e.Data.Agency)
	}
	return codes
}

// TestTheCommuneOfAnAddressDecides: handed in at one commune, decided by another, and everybody sees both.
func TestTheCommuneOfAnAddressDecides(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), p.Citizen(t, 1)
	variant(t, p, "9.000635", `{"by": "commune_of", "field": "nyc.cu_tru"}`)
	home := office(t, p, "H42.37.14359")
	draft := copiesAt(t, p, lan, "9.000635", p.Commune.ID, "14359")
	before, err := p.Desk.Draft(ctx, lan, draft)
	do(t, err)
	if before.Agency.ID != p.Commune.ID || before.Deciding.ID != home.ID {
		t.Errorf("received by %s, decided by %s", before.Agency.Code, before.Deciding.Code)
	}
	s, err := p.Desk.Submit(ctx, lan, draft)
	do(t, err)
	if !strings.HasPrefix(string(s.Code), p.Commune.Code+"-") {
		t.Errorf("code %s is not of the receiver", s.Code)
	}
	answer, err := p.Desk.Receive(ctx, as(t, p, p.Connection, "receive", p.Commune.ID), s.Code,
		onestop.Receive{})
	if d := call(t, answer, err); d.ReceivingAgency != p.Commune.Code || d.DecidingAgency != home.Code {
		t.Errorf("%s received, %s decides", d.ReceivingAgency, d.DecidingAgency)
	}
	raw, err := p.Desk.RevisionFor(ctx, as(t, p, p.Connection, "", home.ID), s.Code, 1)
	do(t, err)
	if !bytes.Contains(raw, []byte(`"receiving_agency":"`+p.Commune.Code+`","deciding_agency":"`+home.Code+
		`"`)) {
		t.Errorf("the revision does not name both: %s", raw)
	}
	_, err = p.Desk.RevisionFor(ctx, as(t, p, p.Connection, "", office(t, p, "H42.37.14533").ID), s.Code, 1)
	refused(t, "a third commune", err, dossier.ErrNotFound)
	v := view(t, p, lan, s.Code)
	if v.Receiving.ID != p.Commune.ID || v.Deciding.ID != home.ID {
		t.Errorf("the owner sees %s and %s", v.Receiving.Code, v.Deciding.Code)
	}
	same(t, "told once, under the receiver's code", heard(t, p, p.Connection),
		string(s.Code)+" "+p.Commune.Code)
}

// TestTheReceiverDecidesWhereNobodyElseCan: the answer leads to no commune of the registry.
func TestTheReceiverDecidesWhereNobodyElseCan(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	variant(t, p, "9.000635", `{"by": "commune_of", "field": "nyc.cu_tru"}`)
	variant(t, p, "9.000636", `{"by": "agency", "agency": "H42.37.14566"}`)
	_, err := p.Pool.Exec(t.Context(), "update agency set valid_to = $1 where code = 'H42.37.14566'",
		workday.DateOf(p.Desk.Now()))
	do(t, err)
	p.Bind(t)
	for name, c := range map[string]struct{ code, commune string }{
		"a commune in words":         {"9.000635", "Ninh Nhất"},
		"the same commune":           {"9.000635", "14329"},
		"an agency that is no more":  {"9.000636", "14359"},
		"a commune without a record": {"2.000635", "14359"},
	} {
		who := person(t, p)
		s, err := p.Desk.Submit(t.Context(), who, copiesAt(t, p, who, c.code, p.Commune.ID, c.commune))
		do(t, err)
		if v := view(t, p, who, s.Code); v.Deciding.ID != p.Commune.ID {
			t.Errorf("%s: decided by %s", name, v.Deciding.Code)
		}
	}
}

// TestEachSystemHearsOfItsOwn: a department with software of its own beside that of the communes.
func TestEachSystemHearsOfItsOwn(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, stp := t.Context(), office(t, p, "H42.STP")
	own := ownSystem(t, p, "so-tu-phap", stp)
	submit := func(code string, at agency.ID) dossier.Code {
		who := person(t, p)
		s, err := p.Desk.Submit(ctx, who, copiesAt(t, p, who, code, at, "14359"))
		do(t, err)
		return s.Code
	}
	department, commune := submit("2.000635", stp.ID), submit("2.000635", p.Commune.ID)
	same(t, "the department's", heard(t, p, own), string(department)+" H42.STP")
	same(t, "the communes'", heard(t, p, p.Connection), string(commune)+" "+p.Commune.Code)
	_, err := p.Desk.DossierFor(ctx, p.Office(t, ""), department)
	refused(t, "the communes' system reads the department's", err, dossier.ErrNotFound)
	_, err = p.Desk.DossierFor(ctx, as(t, p, own, "", stp.ID), commune)
	refused(t, "the department's system reads a commune's", err, dossier.ErrNotFound)

	// Received by a commune and decided by the department: both hear, and the receiver's word moves the sync
	// state.
	variant(t, p, "9.000635", `{"by": "agency", "agency": "H42.STP"}`)
	shared := submit("9.000635", p.Commune.ID)
	same(t, "the department's", heard(t, p, own), string(department)+" H42.STP", string(shared)+" H42.STP")
	same(t, "the communes'", heard(t, p, p.Connection), string(commune)+" "+p.Commune.Code,
		string(shared)+" "+p.Commune.Code)
	answer, err := p.Desk.Acknowledge(ctx, as(t, p, own, "ack", stp.ID), shared,
		onestop.Acknowledge{OfficeCode: "STP-1"})
	if d := call(t, answer, err); d.Sync != string(dossier.Waiting) || d.OfficeCode != "" {
		t.Errorf("after the decider's word: sync %s, code %q", d.Sync, d.OfficeCode)
	}
	answer, err = p.Desk.Acknowledge(ctx, as(t, p, p.Connection, "ack", p.Commune.ID), shared,
		onestop.Acknowledge{OfficeCode: "MC-1"})
	if d := call(t, answer, err); d.Sync != string(dossier.Acknowledged) || d.OfficeCode != "MC-1" {
		t.Errorf("after the receiver's word: sync %s, code %q", d.Sync, d.OfficeCode)
	}
}

// TestAnAgencyMergedAway between draft and submission: the person hears which and since when, and loses
// nothing.
func TestAnAgencyMergedAway(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), p.Citizen(t, 1)
	draft := p.Copies(t, lan, 1)
	p.Clock.Advance(48 * time.Hour)
	_, err := p.Pool.Exec(ctx, `update agency set valid_to = '2026-11-25' where id = $1`, p.Commune.ID)
	do(t, err)
	p.Bind(t)
	_, err = p.Desk.Submit(ctx, lan, draft)
	refused(t, "submit", err, desk.ErrAgencyGone)
	for lang, says := range map[i18n.Lang][]string{i18n.Vi: {p.Commune.Name.Vi, "25/11/2026"},
		i18n.En: {p.Commune.Name.En, "25"}} {
		for _, part := range says {
			if text := i18n.Fault(lang, fault.All(err)[0]); !strings.Contains(text, part) {
				t.Errorf("%q is not in %q", part, text)
			}
		}
	}
	err = p.Desk.SetPlace(ctx, lan, draft, desk.PlaceIn{Agency: p.Commune.ID})
	refused(t, "the same agency again", err, desk.ErrNoAgency)
	other := office(t, p, "H42.37.14359")
	do(t, p.Desk.SetPlace(ctx, lan, draft, desk.PlaceIn{Agency: other.ID}))
	v, err := p.Desk.Draft(ctx, lan, draft)
	do(t, err)
	if len(v.Faults) > 0 || v.Answers["sk.noi"].Text != "UBND xã Ninh Nhất" || len(v.Attachments) != 1 {
		t.Errorf("after choosing anew: %v, %d files", v.Faults, len(v.Attachments))
	}
	s, err := p.Desk.Submit(ctx, lan, draft)
	do(t, err)
	if h := view(t, p, lan, s.Code).Dossier; h.ReceivingAgency != other.ID || h.DecidingAgency != other.ID {
		t.Errorf("handed in at %s", h.ReceivingAgency)
	}
}
