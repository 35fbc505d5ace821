package portal

import (
	"slices"
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/portal/backoffice"

	"github.com/gofiber/fiber/v2"
)

// A contractPart is a page of the contract: its slug, what its texts are called, and the tag whose calls it
// tells, "" for what is no group of calls.
type contractPart struct{ Slug, Name, Tag string }

// contractParts are the pages in the order in which one reads them.
var contractParts = []contractPart{
	{"quy-tac", "rules", ""},
	{"nhat-ky", "feed", "feed"},
	{"nhan-su-kien", "webhooks", ""},
	{"doc-ho-so", "read", "read"},
	{"bao-lai", "write", "write"},
	{"ket-noi", "connection", "connection"},
	{"cau-truc", "schemas", ""},
	{"loi", "problems", ""},
}

// firstSteps are the way from nothing to the first result, each with a call to copy.
var firstSteps = []struct{ Name, Call string }{
	{"key", `curl -H "Authorization: Bearer $KEY" -H "Actor: $ACTOR" {base}/api/v1/connection`},
	{"feed", `curl -H "Authorization: Bearer $KEY" -H "Actor: $ACTOR" "{base}/api/v1/feed?wait=20"`},
	{"revision", `curl -H "Authorization: Bearer $KEY" -H "Actor: $ACTOR" \
  -o revision.json {base}/api/v1/dossiers/$CODE/revisions/1
sha256sum revision.json`},
	{"acknowledge", `curl -X POST -H "Authorization: Bearer $KEY" -H "Actor: $ACTOR" \
  -H "Idempotency-Key: $(uuidgen)" -H "Content-Type: application/json" \
  -d '{"office_code": "NB-2026-000001"}' {base}/api/v1/dossiers/$CODE/acknowledge`},
	{"receive", `curl -X POST -H "Authorization: Bearer $KEY" -H "Actor: $ACTOR" \
  -H "Idempotency-Key: $(uuidgen)" -H "Content-Type: application/json" \
  -d '{}' {base}/api/v1/dossiers/$CODE/receive`},
	{"supplement", `curl -X POST -H "Authorization: Bearer $KEY" -H "Actor: $ACTOR" \
  -H "Idempotency-Key: $(uuidgen)" -H "Content-Type: application/json" \
  -d @supplement.json {base}/api/v1/dossiers/$CODE/supplements`},
	{"result", `curl -X POST -H "Authorization: Bearer $KEY" -H "Actor: $ACTOR" \
  -H "Idempotency-Key: $(uuidgen)" -H "Content-Type: application/pdf" \
  --data-binary @result.pdf {base}/api/v1/dossiers/$CODE/result-files
curl -X POST -H "Authorization: Bearer $KEY" -H "Actor: $ACTOR" \
  -H "Idempotency-Key: $(uuidgen)" -H "Content-Type: application/json" \
  -d @result.json {base}/api/v1/dossiers/$CODE/results`},
}

// firstActor is the officer of the calls to copy.
const firstActor = `KEY=cdvc_…
ACTOR='name=Tr%E1%BA%A7n%20Th%E1%BB%8B%20B%C3%ACnh&title=C%C3%B4ng%20ch%E1%BB%A9c` +
	`&unit=UBND%20ph%C6%B0%E1%BB%9Dng%20Hoa%20L%C6%B0&phone=02293871001'`

// developersPage is the contract, or one part of it.
type developersPage struct {
	shell
	Manual *backoffice.Manual
	Part   contractPart
	Calls  []backoffice.Call // of the part
	Parts  []developersRow
	Steps  []firstStep
	Actor  string
}

// developersRow leads to a part and to what stands in it.
type developersRow struct {
	Name, Href, About string
	Calls             []backoffice.Call
}

type firstStep struct {
	Number            int
	Title, Text, Call string
}

// told is a piece of the contract with the page on which it stands, which knows the language and the links.
type told struct {
	Page developersPage
	It   any
}

// Of gives a template a piece of the contract.
func (d developersPage) Of(it any) told { return told{d, it} }

// SchemaAt is the address of a schema, and ProblemsAt that of the answers and types of problems.
func (d developersPage) SchemaAt(name string) string {
	return address.DevelopersPart(d.Lang, "cau-truc") + "#" + name
}

// ProblemsAt is the address of what is told of problems under an id.
func (d developersPage) ProblemsAt(id string) string {
	return address.DevelopersPart(d.Lang, "loi") + "#" + id
}

// Request is a schema that calls take, whose members are told with each call; nil for another one, which is
// told once.
func (d developersPage) Request(name string) *backoffice.Schema {
	at := slices.IndexFunc(d.Manual.Schemas, func(s backoffice.Schema) bool { return s.Name == name })
	if at < 0 || !d.Manual.Schemas[at].Closed {
		return nil
	}
	return &d.Manual.Schemas[at]
}

// Contract is the address of the document for programs.
func (d developersPage) Contract() string { return "/api/v1/openapi.yaml" }

func (p *Portal) developers(v *visit) error {
	page, err := p.developersShell(v, i18n.T(v.lang, "developers.title"))
	if err != nil {
		return err
	}
	base := p.Site.URL("")
	for n, step := range firstSteps {
		page.Steps = append(page.Steps, firstStep{n + 1, page.T("developers.step." + step.Name + ".title"),
			page.T("developers.step." + step.Name + ".text"),
			strings.ReplaceAll(step.Call, "{base}", base)})
	}
	return p.render(v, "developers", page)
}

func (p *Portal) developersPart(v *visit) error {
	for _, part := range contractParts {
		if part.Slug != v.Params("part") {
			continue
		}
		page, err := p.developersShell(v, i18n.T(v.lang, "developers.part."+part.Name))
		if err != nil {
			return err
		}
		page.Part = part
		if page.Calls = page.callsOf(part); part.Name == "webhooks" {
			page.Calls = page.Manual.Webhooks
		}
		return p.render(v, "developers_part", page)
	}
	return fiber.ErrNotFound
}

func (p *Portal) developersShell(v *visit, title string) (developersPage, error) {
	manual, err := backoffice.ReadManual()
	if err != nil {
		return developersPage{}, err
	}
	page := developersPage{shell: p.shell(v, title), Manual: manual, Actor: firstActor}
	for _, part := range contractParts {
		page.Parts = append(page.Parts, developersRow{Name: page.T("developers.part." + part.Name),
			Href:  address.DevelopersPart(v.lang, part.Slug),
			About: page.T("developers.part." + part.Name + "_about"), Calls: page.callsOf(part)})
	}
	return page, nil
}

func (d developersPage) callsOf(part contractPart) []backoffice.Call {
	for _, group := range d.Manual.Groups {
		if group.Tag == part.Tag {
			return group.Calls
		}
	}
	return nil
}
