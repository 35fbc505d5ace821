package i18n_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/BurntSushi/toml"
	"golang.org/x/text/unicode/norm"
)

// forms reads a catalogue file as key -> plural form -> text, apart from the library that serves it.
func forms(t *testing.T, path string) map[string]map[string]string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !norm.NFC.IsNormal(content) {
		t.Errorf("%s: not in Unicode NFC", path)
	}
	var raw map[string]any
	if err := toml.Unmarshal(content, &raw); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	all := map[string]map[string]string{}
	for key, value := range raw {
		switch v := value.(type) {
		case string:
			all[key] = map[string]string{"other": v}
		case map[string]any:
			all[key] = map[string]string{}
			for form, text := range v {
				all[key][form] = fmt.Sprint(text)
			}
		default:
			t.Errorf("%s: %s is neither a text nor a table of plural forms", path, key)
		}
	}
	return all
}

var placeholder = regexp.MustCompile(`\{\{\.([A-Z][A-Za-z0-9]*)\}\}`)

func placeholders(text string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// faultsOf lists what is wrong with one text.
func faultsOf(text string) []string {
	var faults []string
	if strings.TrimSpace(text) == "" {
		faults = append(faults, "is empty")
	}
	if text != strings.TrimSpace(text) {
		faults = append(faults, "begins or ends with a space")
	}
	if strings.Contains(placeholder.ReplaceAllString(text, ""), "{{") {
		faults = append(faults, "has something else than a plain placeholder as {{.Name}}")
	}
	if i := strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' || r == unicode.ReplacementChar
	}); i >= 0 {
		faults = append(faults, "has a control or broken character")
	}
	return faults
}

func TestFaultsOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"đủ {{.Count}}": 0, "": 1, " a": 1, "{{if .A}}x{{end}}": 1,
		"{{.a}}": 1, "a\x00b": 1} {
		if got := faultsOf(text); len(got) != want {
			t.Errorf("faultsOf(%q) = %v, want %d", text, got, want)
		}
	}
}

// TestCatalogues holds every pair of catalogues to: the same keys, the same placeholders, NFC, no empty text,
// no key in two files.
func TestCatalogues(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("*.toml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no catalogues", err)
	}
	home := map[string]string{}
	for _, path := range paths {
		room, lang, ok := strings.Cut(strings.TrimSuffix(path, ".toml"), ".")
		if !ok || lang != "vi" && lang != "en" {
			t.Errorf("%s: not <room>.vi.toml or <room>.en.toml", path)
			continue
		}
		if lang == "en" {
			if _, err := os.Stat(room + ".vi.toml"); err != nil {
				t.Errorf("%s has no Vietnamese: %v", path, err)
			}
			continue
		}
		vi, en := forms(t, path), forms(t, room+".en.toml")
		for key := range en {
			if _, ok := vi[key]; !ok {
				t.Errorf("%s: %s is only in English", room, key)
			}
		}
		for key, texts := range vi {
			if other, twice := home[key]; twice {
				t.Errorf("%s: %s is also in %s", room, key, other)
			}
			home[key] = room
			comparePair(t, room+": "+key, texts, en[key])
		}
	}
}

// comparePair checks the forms of one key. Vietnamese has one form; English needs "other" and may have "one".
func comparePair(t *testing.T, name string, vi, en map[string]string) {
	t.Helper()
	if en == nil {
		t.Errorf("%s is only in Vietnamese", name)
		return
	}
	want := placeholders(vi["other"])
	for form, text := range vi {
		if form != "other" {
			t.Errorf("%s: Vietnamese has no form %q", name, form)
		}
		for _, fault := range faultsOf(text) {
			t.Errorf("%s: Vietnamese text %s: %q", name, fault, text)
		}
	}
	if en["other"] == "" {
		t.Errorf("%s: English lacks the form \"other\"", name)
	}
	for form, text := range en {
		if form != "other" && form != "one" {
			t.Errorf("%s: English has no form %q", name, form)
		}
		for _, fault := range faultsOf(text) {
			t.Errorf("%s: English text %s: %q", name, fault, text)
		}
		// "one" may leave a number out: "one day left".
		got := placeholders(text)
		if form == "one" {
			got = append(got, want...)
			slices.Sort(got)
			got = slices.Compact(got)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: placeholders are %v in Vietnamese, %v in English (%s)", name, want,
				placeholders(text), form)
		}
	}
}
