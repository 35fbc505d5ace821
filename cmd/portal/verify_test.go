package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/signature"
	"congdvc/services/vault"
)

// keys is the program's vault.
func (p *program) keys() *vault.Vault {
	p.Helper()
	v, err := vault.Open(p.env["VAULT_KEYSET_FILE"], p.env["VAULT_KEK_FILE"])
	if err != nil {
		p.Fatal(err)
	}
	return v
}

// file hands in a dossier to a commune and returns its code.
func (p *program) file() dossier.Code {
	p.Helper()
	ctx, now, v := p.Context(), time.Now(), p.keys()
	communes, err := agency.List(ctx, p.pool, agency.Filter{Kind: agency.Commune, On: today()})
	if err != nil || len(communes) == 0 {
		p.Fatal(communes, err)
	}
	versions, err := procedure.List(ctx, p.pool, today())
	if err != nil || len(versions) == 0 {
		p.Fatal(versions, err)
	}
	office, version, person := communes[0], versions[0], identity.PartyID(postgres.NewID())
	var draft *dossier.Draft
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) (err error) {
		draft, err = dossier.InsertDraft(ctx, tx, v, dossier.NewDraft{Party: person, Person: person,
			VersionID: version.ID, ProcedureCode: version.Code, ReceivingAgency: &office.ID, Lang: "vi",
			Now: now})
		return err
	})
	if err != nil {
		p.Fatal(err)
	}
	code, err := dossier.NextCode(ctx, p.pool, draft.ID, office.Code, today())
	if err != nil {
		p.Fatal(err)
	}
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		d, err := dossier.Insert(ctx, tx, v, dossier.NewDossier{Code: code, Draft: draft, SubmittedBy: person,
			ReceivingAgency: office.ID, DecidingAgency: office.ID, Payment: dossier.NoFee, At: now})
		if err != nil {
			return err
		}
		body, err := (&dossier.Revision{Dossier: code, Number: 1, Lang: "vi", SubmittedAt: now,
			Procedure: dossier.ProcedureRef{Code: version.Code, Version: version.Number,
				VersionID: version.ID}}).Bytes()
		if err != nil {
			return err
		}
		if _, err := dossier.InsertRevision(ctx, tx, v, dossier.NewRevision{
			Dossier: d.ID, Owner: d.Owner, Number: 1, Body: body, Person: person, At: now,
		}); err != nil {
			return err
		}
		return dossier.Record(ctx, tx, v, d, dossier.NewEntry{Kind: dossier.KindSubmitted, Revision: 1,
			At: now, Actor: dossier.Actor{Kind: dossier.Citizen, Person: person}})
	})
	if err != nil {
		p.Fatal(err)
	}
	return code
}

func TestVerifyChain(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("import", "starter")
	whole, broken := p.file(), p.file()
	p.has(p.must("verify", "chain", string(whole)), "ok", string(whole))
	p.has(p.must("verify", "chain", "--all"), "ok 2 dossiers")

	if _, err := p.pool.Exec(t.Context(), `update dossier set status = 'received' where code = $1`,
		broken); err != nil {
		t.Fatal(err)
	}
	p.refused("tampered", "verify", "chain", string(broken))
	p.must("verify", "chain", string(whole))
	p.refused("1 of 2 dossiers", "verify", "chain", "--all")
	out, _ := p.run("verify", "chain", "--all")
	p.has(out, "BROKEN "+string(broken))
	if strings.Contains(out, string(whole)) {
		t.Error(out)
	}
	p.refused("dossier.not_found", "verify", "chain", "H42.37.14329-260101-0001")
	p.refused("or --all", "verify", "chain")
	p.refused("or --all", "verify", "chain", "--all", string(whole))
}

// TestVerifyPDF calls the program as the portal does: with limits, without environment, through
// signature.InChild.
func TestVerifyPDF(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, file, problem string }{
		{"unsigned", "%PDF-1.7\n%%EOF\n", signature.NoSignature},
		{"no PDF", "Cộng hòa", signature.Malformed},
		{"empty", "", signature.Malformed},
	} {
		report, err := signature.InChild(self, "verify", "pdf", "--roots", "")(t.Context(),
			strings.NewReader(c.file))
		if err != nil || report.Problem != c.problem || report.Signed || report.Trusted {
			t.Errorf("%s: %+v %v", c.name, report, err)
		}
	}
	absent := filepath.Join(t.TempDir(), "absent.pem")
	if _, err := signature.InChild(self, "verify", "pdf", "--roots", absent)(t.Context(),
		strings.NewReader("%PDF-1.7\n")); err == nil {
		t.Error("roots that are not there are no error")
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := signature.InChild(self, "verify", "pdf", "--roots", empty)(t.Context(),
		strings.NewReader("%PDF-1.7\n")); err == nil {
		t.Error("roots without a certificate are no error")
	}
}

// TestVerifyPDFByHand: an operator needs no configuration for it, and reads JSON.
func TestVerifyPDFByHand(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self, "verify", "pdf")
	command.Env, command.Stdin = []string{}, strings.NewReader("%PDF-1.7\n%%EOF\n")
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var report signature.Report
	if err := json.Unmarshal(out, &report); err != nil || report.Problem != signature.NoSignature {
		t.Errorf("%s %v", out, err)
	}
}
