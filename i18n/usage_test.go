package i18n_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"congdvc/i18n"
)

// built are the beginnings of keys that the program puts together while it runs, such as
// "dossier.status." and a status. Every key that begins so counts as used.
var built = []string{
	"accessibility.", "help.", // portal.text: the parts of a page of prose
	"backoffice.title.",                    // a status of HTTP
	"budget.",                              // portal.keptAfter: a budget and what became of what was sent
	"calculator.papers.",                   // a kind of papers, and its hint
	"developers.part.", "developers.step.", // portal.contractParts and firstSteps: title and text
	"developers.scope.", "developers.in.", // a scope of keys, and where a parameter stands
	"dossier.access.", "dossier.delivery.", "dossier.event.", "dossier.payment.", "dossier.status.",
	"dossier.sync.", "dossierpage.channel.", "dossierpage.move.", "dossierpage.move_line.",
	// portal.handleError: a kind of failure and the part of its page
	"dossierpage.public.", "dossierpage.slip.", "dossierpage.state.", "error.",
	"format.month.", "format.weekday.",
	"lead_on.", // portal.leadOn: a place outside and the part of the page
	"notice.",  // a kind of notice, its title and its body
	"procedure.audience.", "procedure.capacity.", "procedure.channel.",
	"procedure.level.", "procedure.set_by.",
	"procedure.set_by_short.", "result.state.",
	"search.receiver.",
	"step.", // portal.inputWords
	"term.", // a unit of a term
	"verify.explained.", "verify.state.",
	"workday.why.",
}

// uses are the places in the tree that name messages.
type uses struct {
	literals map[string]bool     // every string literal of the program's Go files
	asked    map[string][]string // key -> the places that ask for its text
}

var (
	keyShape   = regexp.MustCompile(`^[a-z][a-z_]*(\.[a-z0-9_]+)+$`)
	inTemplate = regexp.MustCompile(`\.T "([^"]+)"`)
	inPrintf   = regexp.MustCompile(`printf "([a-z_.]+\.)%s"`)
	// with texts of their own
	otherPeople = []string{"identity/demoidp", "payments/demostripe", "services/demooffice"}
)

func findUses(t *testing.T, root string) uses {
	t.Helper()
	u := uses{literals: map[string]bool{}, asked: map[string][]string{}}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		switch {
		case entry.IsDir():
			if name != "." && strings.HasPrefix(entry.Name(), ".") ||
				slices.Contains(otherPeople, filepath.ToSlash(name)) {
				return fs.SkipDir
			}
		case strings.HasSuffix(name, "_test.go"):
		case strings.HasSuffix(name, ".go"):
			return u.addGo(path, name)
		case strings.HasSuffix(name, ".html"):
			return u.addTemplate(path, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (u uses) addTemplate(path, name string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, m := range inTemplate.FindAllStringSubmatch(string(text), -1) {
		u.literals[m[1]] = true
		u.asked[m[1]] = append(u.asked[m[1]], name)
	}
	for _, m := range inPrintf.FindAllStringSubmatch(string(text), -1) {
		u.literals[m[1]] = true
	}
	return nil
}

func (u uses) addGo(path, name string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if text, ok := literal(n); ok {
				u.literals[text] = true
			}
		case *ast.CallExpr:
			for _, key := range keysOf(n) {
				u.asked[key] = append(u.asked[key], name)
			}
		}
		return true
	})
	return nil
}

// keysOf are the keys in a call that gives a text, i18n.T or a method T, or that makes a fault, fault.New.
func keysOf(call *ast.CallExpr) []string {
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return nil
	}
	at := -1
	room, _ := function.X.(*ast.Ident)
	switch isRoom := func(name string) bool { return room != nil && room.Name == name }; {
	case function.Sel.Name == "T" && isRoom("i18n"), function.Sel.Name == "New" && isRoom("fault"):
		at = 1
	case function.Sel.Name == "T":
		at = 0
	}
	if at < 0 || at >= len(call.Args) {
		return nil
	}
	if text, ok := literal(call.Args[at]); ok {
		return []string{text}
	}
	return nil
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// TestEveryTextIsUsedAndThere reads the program and its templates: each message of the catalogues is named
// somewhere, and each message that is named is in the catalogues.
func TestEveryTextIsUsedAndThere(t *testing.T) {
	t.Parallel()
	u := findUses(t, "..")
	if len(u.asked) < 100 {
		t.Fatalf("only %d messages are asked for: the search finds nothing", len(u.asked))
	}
	keys := i18n.Keys(i18n.Vi)
	for key := range keys {
		if !u.literals[key] && !slices.ContainsFunc(built, func(prefix string) bool {
			return strings.HasPrefix(key, prefix)
		}) {
			t.Errorf("nothing uses %s", key)
		}
	}
	for key, places := range u.asked {
		if !keyShape.MatchString(key) {
			t.Errorf("%v: %q is not the shape of a key", places, key)
		} else if _, ok := keys[key]; !ok {
			t.Errorf("%v: no catalogue has %s", places, key)
		}
	}
	for _, prefix := range built {
		if !u.literals[prefix] && !u.literals[strings.TrimSuffix(prefix, ".")] {
			t.Errorf("nothing builds keys that begin with %s", prefix)
		}
	}
}
