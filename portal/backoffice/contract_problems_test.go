package backoffice

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"congdvc/services/fault"
	"congdvc/services/onestop"
)

// problemLine finds what is said of a type of problem, or of several, with their statuses.
var problemLine = regexp.MustCompile("(?m)^- ((?:`[a-z_.]+` \\(\\d{3}[^)]*\\)(?:, )?)+): \\S")

var oneProblem = regexp.MustCompile("`([a-z_.]+)` \\((\\d{3})")

// toldProblems are the types that the document explains, with their statuses.
func toldProblems(t testing.TB) map[string]int {
	t.Helper()
	_, model := document(t)
	about, ok := model.Components.Schemas.Get("ProblemType")
	if !ok {
		t.Fatal("no schema ProblemType")
	}
	told := map[string]int{}
	for _, line := range problemLine.FindAllStringSubmatch(about.Schema().Description, -1) {
		for _, one := range oneProblem.FindAllStringSubmatch(line[1], -1) {
			if told[one[1]] != 0 {
				t.Errorf("%s is explained twice", one[1])
			}
			told[one[1]], _ = strconv.Atoi(one[2])
		}
	}
	return told
}

// operators are the faults of package onestop that only the portal's operator is told.
var operators = []string{"onestop.connection_code", "onestop.connection_code_taken",
	"onestop.key_not_found", "onestop.keys", "onestop.key_scopes", "onestop.key_expiry", "onestop.term",
	"onestop.network", "onestop.authorities", "onestop.identity"}

// TestContractExplainsProblems: each type of the enum has a line that says when it comes, under which status,
// and what to do; each line is of a type; and every fault of this door and of its JSON is a type.
func TestContractExplainsProblems(t *testing.T) {
	t.Parallel()
	_, model := document(t)
	told := toldProblems(t)
	listed := enum(t, model, "ProblemType")
	for _, problem := range listed {
		if key := strings.TrimPrefix(problem, onestop.ProblemType("")); told[key] == 0 {
			t.Errorf("when %s comes and what to do is not told", key)
		}
	}
	for key := range told {
		if !slices.Contains(listed, onestop.ProblemType(key)) {
			t.Errorf("%s is explained and is no type of problem", key)
		}
	}
	kinds := faultsOf(t, ".", "../../services/onestop")
	for key, kind := range kinds {
		switch {
		case slices.Contains(operators, key):
		case told[key] == 0:
			t.Errorf("%s is no type of problem", key)
		case statusOf(fault.New(kind, key)) != told[key]:
			t.Errorf("%s is told to be %d and answered as %d", key, told[key],
				statusOf(fault.New(kind, key)))
		}
	}
	for key, kind := range faultsOf(t, "../../services/desk", "../../services/dossier", "../../payments",
		"../../services/result", "../../services/attachment", "../../services/filestore",
		"../../services/agency", "../../services/procedure", "../../services/throttle",
		"../../services/workday") {
		if told[key] != 0 && statusOf(fault.New(kind, key)) != told[key] {
			t.Errorf("%s is told to be %d and answered as %d", key, told[key],
				statusOf(fault.New(kind, key)))
		}
		kinds[key] = kind
	}
	for key := range told {
		if kinds[key] == "" {
			t.Errorf("%s is explained, and nothing makes it", key)
		}
	}
}

// faultsOf reads the source of packages for the faults that they declare.
func faultsOf(t testing.TB, dirs ...string) map[string]fault.Kind {
	t.Helper()
	names := map[string]fault.Kind{"Invalid": fault.Invalid, "NotFound": fault.NotFound,
		"Conflict": fault.Conflict, "Forbidden": fault.Forbidden, "Unauthenticated": fault.Unauthenticated,
		"TooLarge": fault.TooLarge, "TooMany": fault.TooMany, "Unavailable": fault.Unavailable,
		"Gone": fault.Gone}
	found := map[string]fault.Kind{}
	for _, dir := range dirs {
		paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
		must(t, err)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			must(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) != 2 {
					return true
				}
				of, isSelector := call.Fun.(*ast.SelectorExpr)
				kind, isKind := call.Args[0].(*ast.SelectorExpr)
				key, isText := call.Args[1].(*ast.BasicLit)
				if isSelector && isKind && isText && of.Sel.Name == "New" && names[kind.Sel.Name] != "" {
					text, err := strconv.Unquote(key.Value)
					must(t, err)
					found[text] = names[kind.Sel.Name]
				}
				return true
			})
		}
	}
	if len(found) == 0 {
		t.Fatal("no faults found")
	}
	return found
}

// TestContractTakes holds the query parameters of the document to the table, and its deprecated calls to
// those that will go.
func TestContractTakes(t *testing.T) {
	t.Parallel()
	_, model := document(t)
	for _, r := range routes {
		path := regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.path, "{$1}")
		item, ok := model.Paths.PathItems.Get(path)
		if !ok {
			t.Fatalf("%s is not told of", path)
		}
		operation, ok := item.GetOperations().Get(strings.ToLower(r.method))
		if !ok {
			t.Fatalf("%s %s is not told of", r.method, path)
		}
		var told []string
		for _, p := range append(slices.Clone(item.Parameters), operation.Parameters...) {
			if p.In == "query" {
				told = append(told, p.Name)
			}
		}
		takes := slices.Sorted(slices.Values(r.takes))
		slices.Sort(told)
		if !slices.Equal(told, takes) {
			t.Errorf("%s %s: told %q, takes %q", r.method, path, told, takes)
		}
		if goes := operation.Deprecated != nil && *operation.Deprecated; goes != (r.ends != nil) {
			t.Errorf("%s %s: deprecated %t in the document", r.method, path, goes)
		}
		if e := r.ends; e != nil && !e.gone.After(e.since) {
			t.Errorf("%s %s goes before it is said to", r.method, path)
		}
	}
}
