package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/pgtest"
)

// TestMain lets the test binary be the portal: when its first argument is a command, it runs that. Tests
// call it so, and the portal calls itself so to have a PDF checked.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-test.") {
		main()
		return
	}
	os.Exit(m.Run())
}

// A program is the portal's program, which runs as a role that owns nothing, with a configuration, a database
// and keys of its own.
type program struct {
	*testing.T
	pool *pgxpool.Pool
	env  map[string]string
}

func newProgram(t *testing.T) *program {
	t.Helper()
	pool, dir := pgtest.New(t), t.TempDir()
	p := &program{T: t, pool: pool, env: map[string]string{
		"PUBLIC_URL": "https://dichvucong.example.vn", "DATABASE_URL": pgtest.RunningURL(pool),
		"REDIS_ADDRS": "127.0.0.1:1", "FILES_DIR": filepath.Join(dir, "files"),
		"VAULT_KEYSET_FILE": filepath.Join(dir, "keyset"), "VAULT_KEK_FILE": filepath.Join(dir, "kek"),
		"OIDC_ISSUER": "http://127.0.0.1:1", "OIDC_CLIENT_ID": "portal",
	}}
	p.must("keys", "create")
	return p
}

// run gives a command to the program and returns what it wrote to standard output.
func (p *program) run(args ...string) (string, error) {
	p.Helper()
	self, err := os.Executable()
	if err != nil {
		p.Fatal(err)
	}
	command := exec.CommandContext(p.Context(), self, args...)
	for name, value := range p.env {
		command.Env = append(command.Env, name+"="+value)
	}
	// Only the owner migrates and gives marks; a test with a server of its own names it itself. The last of a
	// name counts.
	owner := args[0] == "migrate" || len(args) > 1 && args[0] == "keys" && args[1] == "bind"
	if owner && p.env["DATABASE_URL"] == pgtest.RunningURL(p.pool) {
		command.Env = append(command.Env, "DATABASE_URL="+p.pool.Config().ConnString(),
			"RUNTIME_ROLE="+pgtest.RunningRole)
	}
	var out, notes bytes.Buffer
	command.Stdout, command.Stderr = &out, &notes
	if err := command.Run(); err != nil {
		return out.String(), fmt.Errorf("%w: %s", err, notes.String())
	}
	return out.String(), nil
}

// must is run for a command that must succeed.
func (p *program) must(args ...string) string {
	p.Helper()
	out, err := p.run(args...)
	if err != nil {
		p.Fatalf("portal %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// refused is run for a command that must fail and say so.
func (p *program) refused(says string, args ...string) {
	p.Helper()
	out, err := p.run(args...)
	if err == nil || !strings.Contains(err.Error(), says) {
		p.Errorf("portal %s: %v, not %q\n%s", strings.Join(args, " "), err, says, out)
	}
}

// has fails the test unless the text has the words in this order.
func (p *program) has(text string, words ...string) {
	p.Helper()
	rest := text
	for _, word := range words {
		_, after, found := strings.Cut(rest, word)
		if !found {
			p.Errorf("%q is not where it must be in\n%s", word, text)
			return
		}
		rest = after
	}
}
