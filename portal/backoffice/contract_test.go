package backoffice

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"congdvc/i18n"
	"congdvc/services/dossier"
	"congdvc/services/onestop"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

func document(t testing.TB) (libopenapi.Document, *v3.Document) {
	t.Helper()
	doc, err := libopenapi.NewDocument(contract)
	if err != nil {
		t.Fatal(err)
	}
	model, err := doc.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	return doc, &model.Model
}

func newValidator(t testing.TB) validator.Validator {
	t.Helper()
	doc, _ := document(t)
	v, errs := validator.NewValidator(doc, config.WithFormatAssertions())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return v
}

func TestContractIsValid(t *testing.T) {
	t.Parallel()
	if ok, errs := newValidator(t).ValidateDocument(); !ok {
		for _, e := range errs {
			t.Error(e)
		}
	}
}

// TestContractRoutes holds the handlers to the document and the document to the handlers.
func TestContractRoutes(t *testing.T) {
	t.Parallel()
	_, model := document(t)
	var told, handled []string
	for path, item := range model.Paths.PathItems.FromOldest() {
		for method, operation := range item.GetOperations().FromOldest() {
			told = append(told, strings.ToUpper(method)+" "+path)
			checkOperation(t, strings.ToUpper(method)+" "+path, operation)
		}
	}
	for _, r := range routes {
		var path []string
		for _, step := range strings.Split(r.path, "/") {
			if name, ok := strings.CutPrefix(step, ":"); ok {
				step = "{" + name + "}"
			}
			path = append(path, step)
		}
		handled = append(handled, r.method+" "+strings.Join(path, "/"))
	}
	slices.Sort(told)
	slices.Sort(handled)
	if !slices.Equal(told, handled) {
		t.Errorf("told:\n%s\nhandled:\n%s", strings.Join(told, "\n"), strings.Join(handled, "\n"))
	}
}

// checkOperation holds an operation to what all of its kind need.
func checkOperation(t *testing.T, name string, o *v3.Operation) {
	t.Helper()
	if o.Summary == "" || o.Description == "" || o.OperationId == "" {
		t.Errorf("%s lacks a summary, a description or an id", name)
	}
	var statuses, params []string
	for status := range o.Responses.Codes.FromOldest() {
		statuses = append(statuses, status)
	}
	for _, p := range o.Parameters {
		params = append(params, p.Name)
	}
	if o.Responses.Default == nil {
		t.Errorf("%s does not tell what any other answer is", name)
	}
	open := len(o.Security) == 1 && o.Security[0].ContainsEmptyRequirement || o.Security != nil &&
		len(o.Security) == 0
	if open {
		return
	}
	for _, want := range []string{"200", "401", "403", "405", "429", "500", "503"} {
		if !slices.Contains(statuses, want) {
			t.Errorf("%s does not tell of %s", name, want)
		}
	}
	if !slices.Contains(params, "Actor") {
		t.Errorf("%s does not ask for the actor", name)
	}
	if strings.HasPrefix(name, "POST") && (!slices.Contains(params, "Idempotency-Key") ||
		o.RequestBody == nil) {
		t.Errorf("%s lacks its Idempotency-Key or body", name)
	}
}

// enum lists the values of a schema of the document, or of a member of it, as "Dossier.sync".
func enum(t testing.TB, model *v3.Document, name string) []string {
	t.Helper()
	name, member, _ := strings.Cut(name, ".")
	proxy, ok := model.Components.Schemas.Get(name)
	if ok && member != "" {
		proxy, ok = proxy.Schema().Properties.Get(member)
	}
	if !ok {
		t.Fatalf("no schema %s %s", name, member)
	}
	var values []string
	for _, node := range proxy.Schema().Enum {
		values = append(values, node.Value)
	}
	return values
}

// TestContractStates compares what the document tells of a dossier with what the tables of services/dossier
// say is made, both ways.
func TestContractStates(t *testing.T) {
	t.Parallel()
	_, model := document(t)
	for schema, known := range map[string][]string{
		"EventType":        values(made(dossier.EventTypes)),
		"Status":           values(made(dossier.Statuses)),
		"Sync":             values(dossier.Syncs),
		"Dossier.payment":  values(dossier.PaymentStatuses),
		"Dossier.delivery": values(named(t, "dossier", dossier.Deliveries, dossier.None)),
		"Result.state":     values(resultStates(t)),
		"SlipKind":         values(dossier.SlipKinds),
		"HistoryKind":      values(made(dossier.Kinds)),
	} {
		told := enum(t, model, schema)
		slices.Sort(told)
		slices.Sort(known)
		if !slices.Equal(told, known) {
			t.Errorf("%s: told %q, known %q", schema, told, known)
		}
	}
	// And what each type of event means is said.
	about, _ := model.Components.Schemas.Get("EventType")
	for _, event := range made(dossier.EventTypes) {
		if !strings.Contains(about.Schema().Description, "`"+string(event)+"`") {
			t.Errorf("what %s means is not told", event)
		}
	}
}

func values[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

func TestContractLists(t *testing.T) {
	t.Parallel()
	_, model := document(t)
	keys := i18n.Keys(i18n.Vi)
	problems := enum(t, model, "ProblemType")
	for _, problem := range problems {
		if key := strings.TrimPrefix(problem, "urn:congdvc:problem:"); keys[key] == "" {
			t.Errorf("the problem %s has no text", problem)
		}
	}
	for key := range byKey {
		if !slices.Contains(problems, onestop.ProblemType(key)) {
			t.Errorf("the problem %s is not told of", key)
		}
	}
	for _, status := range slices.Concat(slices.Collect(maps.Values(byKey)),
		slices.Collect(maps.Values(byKind))) {
		if title(status) == "" || keys[title(status)] == "" {
			t.Errorf("status %d has no title", status)
		}
	}
}
