package backoffice

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"congdvc/services/dossier"
	"congdvc/services/result"
)

// made keeps the values that something makes today.
func made[S interface{ Made() bool }](all []S) (kept []S) {
	for _, value := range all {
		if value.Made() {
			kept = append(kept, value)
		}
	}
	return kept
}

// spokenNames are the names of other packages that the program uses, as "dossier.KindReceived", tests aside.
var spokenNames = sync.OnceValues(func() (map[string]bool, error) {
	names := map[string]bool{}
	for _, folder := range []string{"cmd", "payments", "portal", "services"} {
		top := filepath.Join("..", "..", folder)
		err := filepath.WalkDir(top, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(node ast.Node) bool {
				if of, is := node.(*ast.SelectorExpr); is {
					if from, is := of.X.(*ast.Ident); is {
						names[from.Name+"."+of.Sel.Name] = true
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return names, nil
})

func uses(t testing.TB, name string) bool {
	t.Helper()
	names, err := spokenNames()
	must(t, err)
	return names[name]
}

// constants are the string constants of a package, by value.
func constants(t testing.TB, folder string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", folder, "*.go"))
	must(t, err)
	names := map[string]string{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		must(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			spec, is := node.(*ast.ValueSpec)
			if !is || len(spec.Values) != len(spec.Names) {
				return true
			}
			for i, value := range spec.Values {
				literal, is := value.(*ast.BasicLit)
				of, typed := spec.Type.(*ast.Ident)
				if is && typed && literal.Kind == token.STRING {
					text, err := strconv.Unquote(literal.Value)
					must(t, err)
					names[of.Name+" "+text] = spec.Names[i].Name
				}
			}
			return true
		})
	}
	return names
}

// named keeps the states that the program names outside of the package that declares them, and the first.
func named(t testing.TB, pkg string, all []dossier.Delivery, first dossier.Delivery) []dossier.Delivery {
	t.Helper()
	names := constants(t, "services/"+pkg)
	return slices.DeleteFunc(slices.Clone(all), func(d dossier.Delivery) bool {
		return d != first && !uses(t, pkg+"."+names["Delivery "+string(d)])
	})
}

// resultStates are the states that a result can come to have.
func resultStates(t testing.TB) []result.State {
	t.Helper()
	states := []result.State{result.Issued}
	for call, state := range map[string]result.State{"Supersede": result.Superseded,
		"Revoke": result.Revoked} {
		if uses(t, "result."+call) {
			states = append(states, state)
		}
	}
	return states
}

// TestKindsAreMade holds the table of the kinds of history to the program: something names each kind that is
// said to be made, and nothing the others.
func TestKindsAreMade(t *testing.T) {
	t.Parallel()
	names := constants(t, "services/dossier")
	for _, kind := range dossier.Kinds {
		name := names["Kind "+string(kind)]
		if name == "" {
			t.Fatalf("the constant of %s was not found", kind)
		}
		if uses(t, "dossier."+name) != kind.Made() {
			t.Errorf("%s: the table says that it is made: %t; the program does not agree", kind, kind.Made())
		}
	}
}
