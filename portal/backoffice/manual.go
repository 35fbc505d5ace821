package backoffice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"congdvc/portal/address"
	"congdvc/services/onestop"

	"github.com/gofiber/fiber/v2"
	"go.yaml.in/yaml/v4"
)

// A Manual is the contract, openapi.yaml, for people to read.
type Manual struct {
	Title, Version string
	Rules          []Block // what holds for every call
	Groups         []Group // one for each tag, in the document's order
	Webhooks       []Call  // what the portal asks of an endpoint
	Signature      Signature
	Events         []Word
	Schemas        []Schema
	Refusals       []Answer // answers that many calls share, with their names
	Problems       []ProblemGroup
}

// A Group is the calls under one tag.
type Group struct {
	Tag, About string
	Calls      []Call
}

// A Call is one operation.
type Call struct {
	ID, Method, Path string // path is the whole one, "/api/v1/feed"; "" of a webhook
	Name             string // of a webhook
	Summary          string // Vietnamese
	Scope            string // of the key; "" where none is needed
	Goes             bool   // it is deprecated
	About            []Block
	Parameters       []Member
	Bodies           []Body
	Answers          []Answer // those that are told of this call alone
	Refused          []Answer // those that many calls share: status and name
}

// A Body is what is sent, in one media type.
type Body struct {
	MediaType string
	Schema
	Examples []Example
}

// An Example is one as the document has it; JSON is laid out.
type Example struct{ Name, Text string }

// An Answer is what may come, by its status.
type Answer struct {
	Status, Name string // name of a shared one
	About        []Block
	Headers      []Member
	Bodies       []Body
}

// Signature is a worked example of how a push is signed.
type Signature struct{ Secret, ID, Timestamp, Body, Signature string }

// A Word is a value of a list and what it means.
type Word struct {
	Name  string
	About []Block
}

// A ProblemGroup is types of problems that have one cause.
type ProblemGroup struct {
	About []Block
	Rows  []Problems
}

// Problems is one or several types with the same advice.
type Problems struct {
	Types []ProblemStatus
	About []Block
}

// A ProblemStatus is a type of problem, "urn:congdvc:problem:" and its key, with the status that it comes
// with, such as "422, in Actor 400".
type ProblemStatus struct{ Key, Type, Status string }

// ReadManual reads the contract that this program serves, once. The error is of the program itself.
var ReadManual = sync.OnceValues(func() (*Manual, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(contract, &document); err != nil {
		return nil, fmt.Errorf("backoffice: read the contract: %w", err)
	}
	root := branch{document.Content[0]}
	m := &Manual{Title: root.at("info", "title").text(), Version: root.at("info", "version").text(),
		Rules: root.at("info").blocks()}
	for tag := range root.at("tags").items() {
		m.Groups = append(m.Groups, Group{Tag: tag.at("name").text(), About: tag.at("description").text()})
	}
	for path, item := range root.at("paths").members() {
		for _, c := range callsOf(root, item) {
			if err := m.file(path, c); err != nil {
				return nil, err
			}
		}
	}
	for name, item := range root.at("webhooks").members() {
		for _, c := range callsOf(root, item) {
			c.call.Name = name
			m.Webhooks = append(m.Webhooks, c.call)
		}
	}
	s := root.at("webhooks", "event", "post", "x-signature-example")
	m.Signature = Signature{s.at("secret").text(), s.at("webhook-id").text(),
		s.at("webhook-timestamp").text(), s.at("body").text(), s.at("webhook-signature").text()}
	for name, schema := range root.at("components", "schemas").members() {
		m.Schemas = append(m.Schemas, schemaOf(root, name, schema))
	}
	for name, answer := range root.at("components", "responses").members() {
		m.Refusals = append(m.Refusals, answerOf(root, "", name, answer))
	}
	m.Events = wordsOf(root.at("components", "schemas", "EventType", "description").text())
	m.Problems = problemsOf(root.at("components", "schemas", "ProblemType", "description").text())
	return m, nil
})

// tagged is a call with its tag.
type tagged struct {
	tag  string
	call Call
}

// file puts a call into its group, with the scope that the table of calls asks for.
func (m *Manual) file(path string, c tagged) error {
	group := slices.IndexFunc(m.Groups, func(g Group) bool { return g.Tag == c.tag })
	served := parameterInPath.ReplaceAllString(path, ":$1")
	row := slices.IndexFunc(routes, func(r route) bool {
		return r.method == c.call.Method && r.path == served
	})
	if group < 0 || row < 0 {
		return fmt.Errorf("backoffice: %s %s of the contract has no group or is not served",
			c.call.Method, path)
	}
	c.call.Path, c.call.Scope = prefix+path, string(routes[row].scope)
	m.Groups[group].Calls = append(m.Groups[group].Calls, c.call)
	return nil
}

var parameterInPath = regexp.MustCompile(`\{(\w+)\}`)

var operationNames = []string{"get", "post", "put", "patch", "delete"}

func callsOf(root, item branch) (out []tagged) {
	for method, operation := range item.members() {
		if !slices.Contains(operationNames, method) {
			continue
		}
		c := Call{ID: operation.at("operationId").text(), Method: strings.ToUpper(method),
			Summary: operation.at("summary").text(), Goes: operation.at("deprecated").text() == "true",
			About: operation.blocks()}
		for _, list := range []branch{item.at("parameters"), operation.at("parameters")} {
			for p := range list.items() {
				c.Parameters = append(c.Parameters, parameterOf(root, p.follow(root)))
			}
		}
		c.Bodies = bodiesOf(root, operation.at("requestBody").follow(root).at("content"))
		for status, answer := range operation.at("responses").members() {
			if name := answer.ref(); name != "" {
				c.Refused = append(c.Refused, Answer{Status: status, Name: name})
			} else {
				c.Answers = append(c.Answers, answerOf(root, status, "", answer))
			}
		}
		tag := ""
		for t := range operation.at("tags").items() {
			tag = t.text()
		}
		out = append(out, tagged{tag, c})
	}
	return out
}

func answerOf(root branch, status, name string, answer branch) Answer {
	a := Answer{Status: status, Name: name, About: answer.blocks(),
		Bodies: bodiesOf(root, answer.at("content"))}
	for header, about := range answer.at("headers").members() {
		h := parameterOf(root, about.follow(root))
		h.Name = header
		a.Headers = append(a.Headers, h)
	}
	return a
}

func bodiesOf(root, content branch) (out []Body) {
	for mediaType, body := range content.members() {
		b := Body{MediaType: mediaType, Schema: schemaOf(root, "", body.at("schema"))}
		if example := body.at("example"); example.there() {
			b.Examples = append(b.Examples, Example{Text: example.example()})
		}
		for name, example := range body.at("examples").members() {
			example = example.follow(root)
			if summary := example.at("summary").text(); summary != "" {
				name = summary
			}
			b.Examples = append(b.Examples, Example{Name: name, Text: example.at("value").example()})
		}
		out = append(out, b)
	}
	return out
}

// wordsExplained are the words that a description explains, in code and parted by commas, and what it says of
// them.
var wordsExplained = regexp.MustCompile("^((?:`[a-z_.]+`(?:, )?)+) (.+)$")

var inCode = regexp.MustCompile("`([a-z_.]+)`")

// wordsOf reads a description that explains word after word, parted by semicolons.
func wordsOf(description string) (out []Word) {
	one := strings.Join(strings.Fields(description), " ")
	for _, clause := range strings.Split(strings.TrimSuffix(one, "."), "; ") {
		found := wordsExplained.FindStringSubmatch(clause)
		if found == nil {
			continue
		}
		for _, word := range inCode.FindAllStringSubmatch(found[1], -1) {
			out = append(out, Word{Name: word[1], About: blocksOf(found[2])})
		}
	}
	return out
}

var (
	explained = regexp.MustCompile("^((?:`[a-z_.]+` \\(\\d{3}[^)]*\\)(?:, )?)+): (.+)$")
	oneType   = regexp.MustCompile("`([a-z_.]+)` \\((\\d{3}[^)]*)\\)")
)

// problemsOf reads the description of the types of problems: a paragraph, and a list of types after it.
func problemsOf(description string) (out []ProblemGroup) {
	item := ""
	end := func() {
		found := explained.FindStringSubmatch(item)
		if item = ""; found == nil {
			return
		}
		row := Problems{About: blocksOf(found[2])}
		for _, one := range oneType.FindAllStringSubmatch(found[1], -1) {
			row.Types = append(row.Types, ProblemStatus{one[1], onestop.ProblemType(one[1]),
				strings.ReplaceAll(one[2], "`", "")})
		}
		out[len(out)-1].Rows = append(out[len(out)-1].Rows, row)
	}
	for line := range strings.Lines(description) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "- "):
			end()
			item = line[2:]
		case item != "" && strings.HasPrefix(line, " "):
			item += " " + strings.TrimSpace(line)
		case line != "":
			end()
			out = append(out, ProblemGroup{About: blocksOf(line)})
		}
	}
	end()
	return slices.DeleteFunc(out, func(g ProblemGroup) bool { return len(g.Rows) == 0 })
}

// tellContract leads from an answer to the contract, for programs and for people (RFC 8631).
func tellContract(c *fiber.Ctx) {
	c.Append(fiber.HeaderLink, "<"+prefix+`/openapi.yaml>; rel="service-desc"; type="application/yaml"`)
	c.Append(fiber.HeaderLink, "<"+address.Developers(lang(c))+`>; rel="service-doc"; type="text/html"`)
}
