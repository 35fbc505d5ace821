package main

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the table of variables into README.md")

// setenv gives the process these variables of the configuration and no other of it, until the test ends.
func setenv(t *testing.T, values map[string]string) {
	t.Helper()
	for _, v := range variables() {
		for _, name := range []string{v.Name, v.Name + "_FILE"} {
			t.Setenv(name, "") // so that it is put back
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, value := range values {
		t.Setenv(name, value)
	}
}

// enough is the least that the program runs with.
func enough() map[string]string {
	return map[string]string{
		"PUBLIC_URL": "https://dichvucong.example.vn", "DATABASE_URL": "postgres://portal@127.0.0.1/portal",
		"REDIS_ADDRS": "127.0.0.1:6379", "FILES_DIR": "files", "VAULT_KEYSET_FILE": "keyset",
		"VAULT_KEK_FILE": "kek", "OIDC_ISSUER": "https://id.example.vn", "OIDC_CLIENT_ID": "portal",
	}
}

func TestConfigOfTheLeast(t *testing.T) {
	setenv(t, enough())
	c, err := readConfig()
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || !c.Work || c.SoftLogout != 30*time.Minute || c.Roots != nil ||
		!slices.Equal(c.Redis, []string{"127.0.0.1:6379"}) {
		t.Errorf("%+v", c)
	}
}

func TestConfigListsEveryFault(t *testing.T) {
	values := enough()
	delete(values, "OIDC_CLIENT_ID")
	values["DATABASE_URL"] = ""
	values["PUBLIC_URL"] = "dichvucong.example.vn"
	values["OIDC_ISSUER"] = "ftp://id.example.vn"
	values["SMTP_TLS"] = "perhaps"
	values["STRIPE_SECRET_KEY"] = "sk_test_1"
	values["SESSION_IDLE"] = "24h"
	values["DRAFT_NOTICE"] = "9000h"
	values["OIDC_MIN_ASSURANCE"] = "high"
	values["RESULT_ROOTS_FILE"] = filepath.Join(t.TempDir(), "absent.pem")
	values["REDIS_PASSWORD_FILE"] = filepath.Join(t.TempDir(), "absent")
	setenv(t, values)
	_, err := readConfig()
	if err == nil {
		t.Fatal("taken")
	}
	for _, name := range []string{
		"OIDC_CLIENT_ID", "DATABASE_URL", "PUBLIC_URL", "OIDC_ISSUER", "SMTP_TLS", "STRIPE_WEBHOOK_SECRET",
		"SESSION_IDLE", "DRAFT_NOTICE", "OIDC_MIN_ASSURANCE", "RESULT_ROOTS_FILE", "REDIS_PASSWORD_FILE",
	} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("nothing is said of %s", name)
		}
	}
	if strings.Contains(err.Error(), "sk_test_1") {
		t.Error("a secret is told")
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestSecretsFromFiles(t *testing.T) {
	values := enough()
	want := map[string]string{}
	for _, v := range variables() {
		if !v.Secret {
			continue
		}
		delete(values, v.Name)
		want[v.Name] = "secret of " + v.Name
		path := filepath.Join(t.TempDir(), v.Name)
		if err := os.WriteFile(path, []byte(want[v.Name]+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		values[v.Name+"_FILE"] = path
	}
	setenv(t, values)
	for name := range want {
		t.Setenv(name, "") // reading sets it; so it is put back after the test
	}
	c, err := readConfig()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{"DATABASE_URL": c.Database, "REDIS_PASSWORD": c.RedisPassword,
		"OIDC_CLIENT_SECRET": c.ClientSecret, "STRIPE_SECRET_KEY": c.StripeKey,
		"STRIPE_WEBHOOK_SECRET": c.StripeWebhook, "SMTP_PASSWORD": c.SMTPPassword}
	for name, secret := range want {
		if got[name] != secret {
			t.Errorf("%s is %q", name, got[name])
		}
	}
}

func TestVariablesAreDocumented(t *testing.T) {
	t.Parallel()
	for _, v := range variables() {
		if v.Doc == "" || strings.ContainsAny(v.Doc+v.Default, "|\n") {
			t.Errorf("%s: %q does not fit into a table", v.Name, v.Doc)
		}
	}
}

const (
	tableBegins = "<!-- configuration -->"
	tableEnds   = "<!-- /configuration -->"
)

// documentation is the table of variables as README.md has it.
func documentation() string {
	var b strings.Builder
	b.WriteString("| variable | default | what it is |\n| --- | --- | --- |\n")
	for _, v := range variables() {
		standard, doc := "", v.Doc
		switch {
		case v.Required:
			standard = "*required*"
		case v.Default != "":
			standard = "`" + v.Default + "`"
		}
		if v.Secret {
			doc += " (or `" + v.Name + "_FILE`)"
		}
		b.WriteString("| `" + v.Name + "` | " + standard + " | " + doc + " |\n")
	}
	return b.String()
}

// TestReadme: the README tells of every variable, in order. With -update it writes what it tells.
func TestReadme(t *testing.T) {
	t.Parallel()
	const path = "../../README.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), tableBegins+"\n")
	table, after, ended := strings.Cut(rest, tableEnds)
	if !found || !ended {
		t.Fatalf("README.md has no %s and %s", tableBegins, tableEnds)
	}
	want := "\n" + documentation() + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(before+tableBegins+"\n"+want+tableEnds+after),
			0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if strings.TrimSpace(table) != strings.TrimSpace(want) {
		t.Errorf("the table of variables is another; write it by  go test ./cmd/portal -run TestReadme "+
			"-update\n%s", want)
	}
}

func TestAValueOfTheWrongKindIsSaidInWords(t *testing.T) {
	for name, want := range map[string]string{
		"WORK":             `WORK must be true or false, not "maybe"`,
		"SESSION_IDLE":     `SESSION_IDLE must be a time such as 30m or 12h, not "maybe"`,
		"PAYMENT_SMALLEST": `PAYMENT_SMALLEST must be a whole number, not "maybe"`,
	} {
		t.Setenv(name, "maybe")
		if _, err := readConfig(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}
