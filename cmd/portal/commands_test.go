package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"congdvc/services/agency"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	all := p.env
	p.env = map[string]string{"VAULT_KEYSET_FILE": all["VAULT_KEYSET_FILE"],
		"VAULT_KEK_FILE": all["VAULT_KEK_FILE"]}
	before, err := os.ReadFile(all["VAULT_KEYSET_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	p.refused("exists already", "keys", "create")
	if now, err := os.ReadFile(all["VAULT_KEYSET_FILE"]); err != nil || string(now) != string(before) {
		t.Fatalf("the keys were replaced: %v", err)
	}
	p.has(p.must("keys", "rotate"), "Restart every process")
	if now, err := os.ReadFile(all["VAULT_KEYSET_FILE"]); err != nil || string(now) == string(before) {
		t.Errorf("nothing was rotated: %v", err)
	}
	delete(p.env, "VAULT_KEK_FILE")
	p.env["VAULT_KEYSET_FILE"] = ""
	p.refused("VAULT_KEK_FILE", "keys", "rotate")
	p.refused("VAULT_KEYSET_FILE", "keys", "create")
}

func TestImportTwice(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	registry, err := agency.Starter()
	if err != nil {
		t.Fatal(err)
	}
	sources, err := procedure.Starter()
	if err != nil {
		t.Fatal(err)
	}
	counts := func() (n [2]int) {
		const count = `select (select count(*) from agency), (select count(*) from procedure_version)`
		if err := p.pool.QueryRow(t.Context(), count).Scan(&n[0], &n[1]); err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := p.must("import", "starter")
	loaded := counts()
	if loaded != [2]int{len(registry.Agencies), len(sources)} {
		t.Errorf("loaded %v", loaded)
	}
	again := p.must("import")
	if counts() != loaded {
		t.Errorf("a second time: %v", counts())
	}
	if nothing := regexp.MustCompile(`procedures +0 +0 +[1-9]`); nothing.MatchString(first) ||
		!nothing.MatchString(again) {
		t.Errorf("first\n%s\nagain\n%s", first, again)
	}
}

func TestOnestop(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	ctx := t.Context()
	p.must("import", "starter")
	p.refused("--agencies", "onestop", "create", "chung", "Một cửa chung")
	p.refused("must be a public https URL", "onestop", "create", "chung", "Một cửa chung", "--endpoint",
		"http://127.0.0.1:1/", "--all-communes")

	var got created
	out := p.must("onestop", "create", "chung", "Một cửa chung", "--endpoint",
		"https://motcua.example.vn/feed", "--all-communes", "--json")
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	communes, err := agency.List(ctx, p.pool, agency.Filter{Kind: agency.Commune, On: today()})
	if err != nil || got.Connection != "chung" || len(got.Agencies) != len(communes) ||
		!strings.HasPrefix(got.Secret, "whsec_") {
		t.Fatalf("%+v %v", got, err)
	}
	key, err := onestop.KeyOf(ctx, p.pool, p.keys(), got.Key, time.Now())
	if err != nil || len(key.Scopes) != len(onestop.Scopes) {
		t.Fatalf("%+v %v", key, err)
	}
	p.refused("onestop.connection_code_taken", "onestop", "create", "chung", "Another", "--all-communes")

	// A commune changes over to software of its own.
	one := communes[0]
	p.has(p.must("onestop", "create", "rieng", "Một cửa riêng", "--agencies", one.Code), "key", "cdvc_",
		"secret", "whsec_", one.Code, "chung")
	own, err := onestop.FindConnection(ctx, p.pool, "rieng")
	if err != nil {
		t.Fatal(err)
	}
	if now, err := agency.ConnectionAt(ctx, p.pool, p.keys(), one.ID, today()); err != nil || now != own.ID {
		t.Errorf("served by %s %v", now, err)
	}
	p.has(p.must("onestop", "list"), "chung", "unproved", "rieng", "pulls", "portal onestop prove chung")
	p.has(p.must("onestop", "serve", "chung", "--agencies", one.Code, "--dry-run"), one.Code, "rieng",
		"Nothing was changed")
	still, err := agency.ConnectionAt(ctx, p.pool, p.keys(), one.ID, today())
	if err != nil || still != own.ID {
		t.Errorf("after a dry run %s serves it: %v", still, err)
	}
	p.has(p.must("onestop", "serve", "chung", "--agencies", one.Code), one.Code, "rieng")
	p.refused("H99.99", "onestop", "serve", "chung", "--agencies", "H99.99")
	p.refused("onestop.connection_not_found", "onestop", "serve", "khac", "--all-communes")
}

func TestOnestopKeysAndLog(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	ctx := t.Context()
	p.must("import", "starter")
	p.must("onestop", "create", "chung", "Một cửa chung", "--all-communes")

	var second struct{ Key, Secret string }
	if err := json.Unmarshal([]byte(p.must("onestop", "key-new", "chung", "--scopes", "read", "--json")),
		&second); err != nil {
		t.Fatal(err)
	}
	key, err := onestop.KeyOf(ctx, p.pool, p.keys(), second.Key, time.Now())
	if err != nil || len(key.Scopes) != 1 || key.Scopes[0] != onestop.Read {
		t.Fatalf("%+v %v", key, err)
	}
	p.has(p.must("onestop", "keys", "chung"), key.Prefix, " read ", "feed,manage,read,write")
	p.refused("onestop.keys", "onestop", "key-new", "chung")
	p.must("onestop", "key-revoke", "chung", key.Prefix)
	if _, err := onestop.KeyOf(ctx, p.pool, p.keys(), second.Key, time.Now()); err == nil {
		t.Error("the revoked key still works")
	}
	p.has(p.must("onestop", "secret-rotate", "chung"), "whsec_")
	p.must("onestop", "shut", "chung")
	p.has(p.must("onestop", "list"), "chung", "shut")
	p.must("onestop", "open", "chung")
	p.has(p.must("onestop", "list"), "chung", "pulls")
	p.must("onestop", "pause", "chung")
	p.has(p.must("onestop", "list"), "chung", "paused")
	p.has(p.must("onestop", "resume", "chung", "--after", ""), "0 events")
	p.refused("onestop.cursor", "onestop", "resume", "chung", "--after", "x")
	p.refused("onestop.cursor_incarnation", "onestop", "resume", "chung", "--after", "aaaaaaaa.1")
	p.has(p.must("onestop", "deliveries", "chung", "--state", "parked"), "position")
	p.refused("state", "onestop", "deliveries", "chung", "--state", "lost")
	p.has(p.must("onestop", "replay", "chung", "--dossier", "H42.37.14329-261123-0007"), "0 events")
	p.refused("either", "onestop", "replay", "chung")
	p.has(p.must("onestop", "attempts", "chung"), "position")
	p.has(p.must("onestop", "parked", "chung"), "position")
	p.has(p.must("onestop", "replay", "chung", "--from", "1", "--to", "9"), "0 events")
	p.refused("stretch", "onestop", "replay", "chung", "--from", "9", "--to", "1")
	p.must("onestop", "reincarnate", "chung")
}

func TestPayments(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.has(p.must("payments", "list"), "under way", "needs a person")
	if out := p.must("payments", "list", "--open"); strings.Contains(out, "person") {
		t.Error(out)
	}
	p.refused("STRIPE_SECRET_KEY", "payments", "sweep")
}

func TestBehind(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	const undo = `delete from goose_db_version where version_id = (select max(version_id) from goose_db_version)`
	if _, err := p.pool.Exec(t.Context(), undo); err != nil {
		t.Fatal(err)
	}
	p.refused("portal migrate", "import", "starter")
}

func TestInstant(t *testing.T) {
	t.Parallel()
	noon := workday.Date{Year: 2026, Month: 11, Day: 23}.At(12 * 60)
	if got := instant(&noon); got != "2026-11-23T12:00:00+07:00" {
		t.Error(got)
	}
	if got := instant(nil); got != "-" {
		t.Error(got)
	}
}
