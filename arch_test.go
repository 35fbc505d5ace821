// Package congdvc_test holds the rules of the house that a machine can check: who may import whom, and where
// things lie.
package congdvc_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/scanner"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

const module = "congdvc"

// ranks says which package may import which: only lower ranks, never its own.
var ranks = map[string]int{
	"services/fault":     0,
	"static":             1,
	"migrations":         1,
	"services/postgres":  1,
	"services/dong":      1,
	"services/ndjson":    1,
	"services/workday":   1,
	"services/vault":     1,
	"services/filestore": 1,
	"services/throttle":  1,
	"services/typeface":  1,
	"identity/number":    1,
	"portal/address":     1,
	"portal/intake":      1,
	"portal/transfer":    1,
	"i18n":               2,
	"services/binding":   2,
	"services/agency":    3,
	"identity":           3,
	"services/signature": 3,

	"identity/oidc":    4,
	"identity/session": 4,
	"services/eform":   4,

	"services/procedure": 5,

	"services/dossier":            6,
	"services/procedure/national": 6,
	"services/attachment":         7,

	"services/result": 8,
	"services/notice": 8,
	"payments":        8,

	"services/sheet":    9,
	"services/onestop":  9,
	"payments/checkout": 9,

	"services/desk": 10,

	"services/worker":     11,
	"services/inspection": 11,
	"portal/backoffice":   11,

	"portal": 12,

	"cmd/portal": 13,
	"cmd/demo":   13,
}

// outside are the parties that we play for the demo and for tests, and what only those two need. They know
// nothing of our domain, and the real program nothing of them. The values are what of ours they may import
// all the same.
var outside = map[string][]string{
	"identity/demoidp":    nil,
	"payments/demostripe": nil,
	"services/demooffice": nil,
	"services/pgserver":   nil,
	"services/pgtest":     {"services/pgserver", "services/postgres", "migrations"},
}

// forTests are packages that set a scene for tests of others: they import what they like, and only tests
// import them.
var forTests = []string{"services/desk/desktest", "services/eform/eformtest", "cmd/demo/browser"}

var doors = []string{"portal", "portal/backoffice", "portal/transfer", "cmd/portal", "cmd/demo"}

// importers says who may import a part that belongs to a few: a part is its import path, or what its path
// begins with. Outside parties and tests are free.
var importers = map[string][]string{
	"github.com/gofiber/":    doors,
	"github.com/valyala/":    doors,
	"github.com/riverqueue/": {"services/desk", "services/worker", "cmd/portal", "cmd/demo", "migrations"},

	"github.com/pressly/goose/":            {"migrations"},
	"github.com/redis/":                    {"services/throttle", "identity/session", "portal", "cmd/portal"},
	"github.com/alicebob/miniredis/":       {"cmd/demo"},
	"github.com/emersion/go-smtp":          {"cmd/demo"},
	"github.com/chromedp/":                 {},
	"github.com/zitadel/":                  {},
	"github.com/oauth2-proxy/":             {},
	"github.com/jackc/pgx/v5/stdlib":       {"migrations"},
	"github.com/standard-webhooks/":        {"services/onestop"},
	"github.com/alecthomas/kong":           {"cmd/portal", "cmd/demo"},
	"github.com/caarlos0/env/":             {"cmd/portal"},
	"github.com/prometheus/client_golang/": {"portal", "services/worker", "cmd/portal"},
}

// alone are parts that exactly one package may import, whichever it is, so that there is one way out.
var alone = []string{
	"github.com/coreos/go-oidc/", "github.com/stripe/stripe-go/", "github.com/jung-kurt/gofpdf",
	"github.com/go-fonts/", "github.com/go-playground/validator/", "github.com/tink-crypto/",
	"github.com/digitorus/pdfsign", "github.com/smallstep/pkcs7", "github.com/tus/tusd/",
	"github.com/minio/minio-go/", "github.com/wneessen/go-mail", "github.com/nicksnyder/go-i18n/",
	"github.com/skip2/go-qrcode",
}

// pkg is what go list tells about a package of ours.
type pkg struct {
	ImportPath, Dir, Doc    string
	GoFiles, IgnoredGoFiles []string
	Imports                 []string
}

// name is the path inside the module; empty for the root, which holds only tests.
func (p pkg) name() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

var list = sync.OnceValues(func() ([]pkg, error) {
	const fields = "-json=ImportPath,Dir,Doc,GoFiles,IgnoredGoFiles,Imports"
	out, err := exec.Command("go", "list", "-e", fields, "./...").Output()
	if err != nil {
		return nil, err
	}
	var all []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var one pkg
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		if one.name() != "" {
			all = append(all, one)
		}
	}
})

func packages(t *testing.T) []pkg {
	t.Helper()
	all, err := list()
	if err != nil || len(all) == 0 {
		t.Fatalf("go list: %d packages, %v", len(all), err)
	}
	return all
}

func isOutside(name string) bool {
	_, ok := outside[name]
	return ok
}

// testsOnly tells whether a package consists of tests, such as the journeys in a browser.
func testsOnly(p pkg) bool { return len(p.GoFiles) == 0 }

func TestRanks(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if slices.Contains(forTests, p.name()) {
			continue
		}
		rank, ranked := ranks[p.name()]
		if ranked == isOutside(p.name()) && !testsOnly(p) {
			t.Errorf("%s has no row of its own in the table of this file", p.name())
			continue
		}
		for _, path := range p.Imports {
			ours, is := strings.CutPrefix(path, module+"/")
			if !is {
				continue
			}
			switch other, known := ranks[ours]; {
			case isOutside(p.name()):
				if !slices.Contains(outside[p.name()], ours) {
					t.Errorf("%s, which plays an outside party, imports %s", p.name(), ours)
				}
			case isOutside(ours):
				if p.name() != "cmd/demo" {
					t.Errorf("%s imports %s, which is for the demo and tests", p.name(), ours)
				}
			case !known || other >= rank:
				t.Errorf("%s (rank %d) imports %s (rank %d)", p.name(), rank, ours, other)
			}
		}
	}
}

func TestPortalKnowsNoOutsideParty(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-e", "-deps", "./cmd/portal").Output()
	if err != nil {
		t.Fatalf("go list -deps ./cmd/portal: %v", err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		name, ours := strings.CutPrefix(path, module+"/")
		if ours && isOutside(name) || strings.HasPrefix(path, "github.com/alicebob/") {
			t.Errorf("cmd/portal links %s", path)
		}
	}
}

func TestImporters(t *testing.T) {
	t.Parallel()
	using := map[string][]string{} // of the parts that belong to one
	for _, p := range packages(t) {
		if isOutside(p.name()) || slices.Contains(forTests, p.name()) {
			continue
		}
		for _, path := range p.Imports {
			for part, allowed := range importers {
				if strings.HasPrefix(path, part) && !slices.Contains(allowed, p.name()) {
					t.Errorf("%s imports %s; only %v may", p.name(), path, allowed)
				}
			}
			for _, part := range alone {
				if strings.HasPrefix(path, part) && !slices.Contains(using[part], p.name()) {
					using[part] = append(using[part], p.name())
				}
			}
		}
	}
	for part, names := range using {
		if len(names) > 1 {
			t.Errorf("%s is imported by %v; it belongs to one", part, names)
		}
	}
}

func TestPackageDocs(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		word := "Package "
		if strings.HasPrefix(p.name(), "cmd/") {
			word = "Command "
		}
		if !testsOnly(p) && !strings.HasPrefix(p.Doc, word) && !strings.HasPrefix(p.Doc, "Package ") {
			t.Errorf("%s has no package doc: %q", p.name(), p.Doc)
		}
	}
}

// TestTree looks at every file: nothing at the top that has no business there, no Go file that is two rooms
// in one, and no program that needs a file outside the clone.
func TestTree(t *testing.T) {
	t.Parallel()
	top := []string{"cmd", "portal", "services", "payments", "identity", "static", "i18n", "migrations",
		"go.mod", "go.sum", "README.md", "Makefile", "LICENSE", "arch_test.go", "bin"}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); !strings.HasPrefix(name, ".") && !slices.Contains(top, name) {
			t.Errorf("%s stands at the top, where only %v and dot files do", name, top)
		}
	}
	for path, text := range files(t) {
		if filepath.Ext(path) == ".go" {
			checkGoFile(t, path, text)
		}
	}
}

// sent are the kinds of files that go out as they are written.
var sent = []string{".js", ".css", ".html", ".yaml"}

// files reads what people write here as code and prose, by path: these, Go, Markdown, shell and the Makefile.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		hidden := strings.HasPrefix(name, ".") && !slices.Contains([]string{".", ".ci", ".github"}, name)
		if entry.IsDir() && (hidden || slices.Contains([]string{"testdata", "node_modules", "bin"}, name)) {
			return fs.SkipDir
		}
		if slices.Contains(append(sent, ".go", ".md", ".sh"), filepath.Ext(name)) || name == "Makefile" {
			found[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("%d files, %v", len(found), err)
	}
	return found
}

func checkGoFile(t *testing.T, path string, text []byte) {
	t.Helper()
	const longest = 400
	generated := bytes.HasPrefix(text, []byte("// Code generated "))
	if lines := bytes.Count(text, []byte("\n")); lines > longest && !generated {
		t.Errorf("%s has %d lines, more than %d", path, lines, longest)
	}
	if !strings.HasSuffix(path, "_test.go") && bytes.Contains(text, []byte("../shared")) {
		t.Errorf("%s reads a folder outside the clone", path)
	}
	parts := strings.Split(filepath.ToSlash(strings.TrimSuffix(path, ".go")), "/")
	for _, word := range []string{"util", "utils", "common", "helper", "helpers", "manager", "misc"} {
		if slices.Contains(parts, word) {
			t.Errorf("%s is named for no counter that it serves", path)
		}
	}
}

// widest is how many characters a line of code or prose may have; a tab counts four.
const widest = 110

// TestLines refuses lines that a terminal cannot show whole. Data, migrations and texts of a catalogue keep
// theirs: there a row is a line.
func TestLines(t *testing.T) {
	t.Parallel()
	for path, text := range files(t) {
		for _, line := range wideLines(path, string(text)) {
			t.Errorf("%s:%d is wider than %d characters", path, line, widest)
		}
	}
}

// wideLines numbers the lines that are too wide. Generated code, raw strings and tables are left out: a raw
// string holds SQL, JSON, the tags of a field or a long text, and a break would change it. So are lines of
// what is sent with an unbroken word that no line could hold.
func wideLines(path, text string) (wide []int) {
	if strings.HasPrefix(text, "// Code generated ") {
		return nil
	}
	kind, raw := filepath.Ext(path), rawLines(text)
	for n, line := range strings.Split(text, "\n") {
		width := utf8.RuneCountInString(line) + 3*strings.Count(line, "\t")
		free := kind == ".go" && raw[n+1] || kind == ".md" && strings.HasPrefix(line, "|") ||
			slices.Contains(sent, kind) && unbroken.MatchString(line)
		if width > widest && !free {
			wide = append(wide, n+1)
		}
	}
	return wide
}

// unbroken is a word that hardly fits into a line, such as an encoded address; no tags and actions in a row.
var unbroken = regexp.MustCompile(`[^\s<>{},;]{90,}`)

// rawLines tells which lines of a Go file a raw string lies in.
func rawLines(text string) map[int]bool {
	lines := map[int]bool{}
	file := token.NewFileSet().AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, []byte(text), func(token.Position, string) {}, 0) // what is not Go has faults
	for pos, kind, literal := s.Scan(); kind != token.EOF; pos, kind, literal = s.Scan() {
		if strings.HasPrefix(literal, "`") {
			for n := range strings.Count(literal, "\n") + 1 {
				lines[file.Line(pos)+n] = true
			}
		}
	}
	return lines
}

func TestWideLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ệ", widest)
	for name, test := range map[string]struct {
		path, text string
		wide       []int
	}{
		"characters":    {"a.go", "//" + long[:3*(widest-2)] + "\n//" + long[:3*(widest-1)] + "\n", []int{2}},
		"a tab is four": {"a.sh", "\t" + long[:3*(widest-3)] + "\n\t" + long[:3*(widest-4)], []int{1}},
		"raw strings":   {"a.go", "x = `select " + long + "` +\n`where " + long + "`\n//" + long, []int{3}},
		"another text":  {"a.go", "const q = \"select " + long + "\"", []int{1}},
		"generated":     {"a.go", "// Code generated by a; DO NOT EDIT.\n// " + long + "\n", nil},
		"an address":    {"a.yaml", "a: " + long + "\nb: " + strings.Repeat("ệ ", widest), []int{2}},
		"dense tags":    {"a.html", strings.Repeat("<b></b>", 20), []int{1}},
		"a table":       {"a.md", "| " + long + " |\n- " + long + "\n", []int{2}},
	} {
		if got := wideLines(test.path, test.text); !slices.Equal(got, test.wide) {
			t.Errorf("%s: lines %v, want %v", name, got, test.wide)
		}
	}
}
