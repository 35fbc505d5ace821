package backoffice

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"congdvc/services/dossier"
)

// generators are programs that write a client from the contract as it is served, and how they are called with
// the file of the contract. Each is the tool of a module of its own, below testdata/generators, with a
// program that delivers a result by the client.
var generators = map[string][]string{
	"ogen": {"tool", "ogen", "--target", "client", "--package", "client", "--clean", served},
	"oapi-codegen": {"tool", "oapi-codegen", "-generate", "types,client", "-package", "client", "-o",
		"client/client.go", served},
}

const served = "openapi.yaml"

// TestGeneratedClientsDeliver has released generators read the contract that the portal serves. What they
// write compiles and delivers a result. Their modules come by Go's proxy the first time; without them the
// test fails.
func TestGeneratedClientsDeliver(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	signed := filepath.Join(t.TempDir(), "ket-qua.pdf")
	must(t, os.WriteFile(signed, []byte(s.signedPaper(t)), 0o600))
	document := s.call(t, request{path: "/openapi.yaml"})
	for name, call := range generators {
		t.Run(name, func(t *testing.T) { // one after the other: each compiles for itself
			dir := t.TempDir()
			must(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "generators", name))))
			must(t, os.WriteFile(filepath.Join(dir, served), []byte(document.body), 0o600))
			must(t, os.Mkdir(filepath.Join(dir, "client"), 0o700))
			run(t, dir, nil, "go", call...)
			run(t, dir, nil, "go", "build", "-o", "deliver", ".")
			code := s.processing(t, s.Citizen(t, 1))
			result := strings.TrimSpace(run(t, dir, []string{"API=" + s.url + prefix, "KEY=" + s.Key,
				"ACTOR=" + officer, "DOSSIER=" + string(code), "FILE=" + signed, "DAY=2026-11-23"},
				"./deliver"))
			verified, err := s.Desk.VerifyResult(t.Context(), result)
			must(t, err)
			if d := s.call(t, request{path: at(code)}).dossier(t); d.Status != string(dossier.Completed) ||
				verified.Result.Dossier != s.view(t, s.Citizen(t, 1), code).ID {
				t.Errorf("the dossier is %s, its result %s", d.Status, result)
			}
		})
	}
}

// run runs a program in a folder and gives what it printed.
func run(t testing.TB, dir string, env []string, name string, args ...string) string {
	t.Helper()
	var out, problems bytes.Buffer
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir, c.Stdout, c.Stderr = dir, &out, &problems
	c.Env = append(append(os.Environ(), "PWD="+dir, "GOFLAGS=", "GOWORK=off"), env...)
	if err := c.Run(); err != nil {
		text := problems.String()
		t.Fatalf("%s %s: %v (modules come from GOPROXY)\n%s", name, strings.Join(args, " "), err,
			text[max(0, len(text)-4000):])
	}
	return out.String()
}
