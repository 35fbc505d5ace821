package portal_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// markup is what the elements of a page say of each other.
type markup struct {
	t        testing.TB
	path     string
	ids      map[string]int
	named    []string // ids that something points at
	labelled map[string]bool
	heading  int // level of the last heading
	primary  int // buttons of the first rank
}

// checkMarkup holds a page to what a screen reader and a keyboard need: elements closed in their order, every
// input with its label, every pointer with its aim, headings without a gap, one primary action.
func checkMarkup(t testing.TB, p page) {
	t.Helper()
	checkNesting(t, p)
	root, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		t.Errorf("%s: %v", p.path, err)
		return
	}
	m := &markup{t: t, path: p.path, ids: map[string]int{}, labelled: map[string]bool{}}
	for n := range root.Descendants() {
		if n.DataAtom == atom.Label {
			m.labelled[get(n, "for")] = true
		}
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			m.element(n)
		}
	}
	for id, count := range m.ids {
		if count > 1 {
			t.Errorf("%s: %d elements are %q", p.path, count, id)
		}
	}
	for _, id := range m.named {
		if m.ids[id] == 0 {
			t.Errorf("%s: something points at #%s, which is not there", p.path, id)
		}
	}
	if m.primary > 1 {
		t.Errorf("%s has %d primary actions", p.path, m.primary)
	}
}

var void = []string{"meta", "link", "input", "br", "img", "hr"}

// checkNesting wants every element closed, in the reverse order of opening.
func checkNesting(t testing.TB, p page) {
	t.Helper()
	var open []string
	z := html.NewTokenizer(strings.NewReader(p.body))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		name, _ := z.TagName()
		switch tag := string(name); {
		case kind == html.StartTagToken && !slices.Contains(void, tag):
			open = append(open, tag)
		case kind == html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != tag {
				t.Errorf("%s: </%s> closes %v", p.path, tag, open)
				return
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: %v stay open", p.path, open)
	}
}

func (m *markup) element(n *html.Node) {
	if id, ok := find(n, "id"); ok {
		m.ids[id]++
	}
	for _, name := range []string{"for", "aria-describedby", "aria-labelledby", "list"} {
		m.named = append(m.named, strings.Fields(get(n, name))...)
	}
	if slices.Contains(strings.Fields(get(n, "class")), "btn-1") {
		m.primary++
	}
	switch n.DataAtom {
	case atom.A:
		href := get(n, "href")
		if id, ok := strings.CutPrefix(href, "#"); ok {
			m.named = append(m.named, id)
		}
		if href == "" || text(n) == "" {
			m.t.Errorf("%s: a link without an aim or a text: %q %q", m.path, href, text(n))
		}
	case atom.Button, atom.Legend, atom.Label, atom.Summary, atom.Title, atom.Th, atom.Dt, atom.Dd:
		if text(n) == "" {
			m.t.Errorf("%s: an empty <%s>", m.path, n.Data)
		}
	case atom.Input, atom.Select, atom.Textarea:
		m.input(n)
	case atom.Fieldset:
		if get(n, "role") == "presentation" { // it only disables what is in it
			break
		}
		if first := firstElement(n); first == nil || first.DataAtom != atom.Legend {
			m.t.Errorf("%s: a group without a legend: %s", m.path, text(n))
		}
	case atom.H1, atom.H2, atom.H3, atom.H4:
		level := int(n.Data[1] - '0')
		// A summary of errors comes before the page's own heading.
		if level > m.heading+1 && (level != 2 || m.heading != 0) {
			m.t.Errorf("%s: <%s>%s follows a heading of level %d", m.path, n.Data, text(n), m.heading)
		}
		m.heading = level
	case atom.Time:
		if get(n, "datetime") == "" {
			m.t.Errorf("%s: a time that no machine reads: %s", m.path, text(n))
		}
	case atom.Ul, atom.Ol:
		m.children(n, "li")
	case atom.Dl:
		m.children(n, "div")
	case atom.Div:
		if n.Parent.DataAtom == atom.Dl {
			m.children(n, "dt", "dd")
			if first := firstElement(n); first == nil || first.DataAtom != atom.Dt {
				m.t.Errorf("%s: a description of nothing: %s", m.path, text(n))
			}
		}
	}
}

func (m *markup) input(n *html.Node) {
	if get(n, "type") == "hidden" || get(n, "aria-label") != "" || m.labelled[get(n, "id")] &&
		get(n, "id") != "" {
		return
	}
	for up := n.Parent; up != nil; up = up.Parent {
		if up.DataAtom == atom.Label {
			return
		}
	}
	m.t.Errorf("%s: the input %q has no label", m.path, get(n, "name"))
}

func (m *markup) children(n *html.Node, allowed ...string) {
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode && !slices.Contains(allowed, c.Data) {
			m.t.Errorf("%s: <%s> in a <%s>: %s", m.path, c.Data, n.Data, text(c))
		}
	}
}

func firstElement(n *html.Node) *html.Node {
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode {
			return c
		}
	}
	return nil
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

func find(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func get(n *html.Node, name string) string { value, _ := find(n, name); return value }
