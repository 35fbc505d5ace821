package static

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"congdvc/services/eform"
	"congdvc/services/eform/eformtest"
	"congdvc/services/workday"
)

// asked is one row of the table that Go makes and a browser has to answer the same.
type asked struct {
	about   string
	when    *eform.Condition
	watched map[string]eform.Editor
	given   eform.Answers
	inputs  string // of the page
	holds   bool
}

func (a asked) form(t *testing.T) string {
	attribute := func(value any) string {
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return html.EscapeString(string(raw))
	}
	return fmt.Sprintf("<form><input type=hidden data-watched='%s' data-given='%s'>%s<fieldset "+
		"data-when='%s' hidden disabled></fieldset></form>",
		attribute(a.watched), attribute(a.given), a.inputs, attribute(a.when))
}

// TestTheBrowserDecidesAsTheServerDoes has real Chromium run the page's script over a table made here.
func TestTheBrowserDecidesAsTheServerDoes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 5))
	rows := append(ofStarterForms(t, r), ofAnyConditions(t, r)...)
	rows = append(rows, ofTypedTexts(t)...)
	rows = append(rows, ofTypedNames(t)...)
	held := 0
	var page strings.Builder
	page.WriteString("<!doctype html><html lang=vi><meta charset=utf-8><title>x</title><script " +
		"src='/app.js' defer></script><body>")
	for _, dictionary := range searched {
		page.WriteString(listOf(dictionary))
	}
	for _, row := range rows {
		page.WriteString(row.form(t))
		if row.holds {
			held++
		}
	}
	if len(rows) < 4000 || held < len(rows)/5 || held > len(rows)*4/5 {
		t.Errorf("%d rows, of which %d hold: the table tells too little apart", len(rows), held)
	}
	shown := inChromium(t, page.String())
	if len(shown) != len(rows) {
		t.Fatalf("%d verdicts of %d", len(shown), len(rows))
	}
	for i, row := range rows {
		if shown[i] != row.holds {
			t.Errorf("%s: the server says %v, the browser %v: %s", row.about, row.holds, shown[i],
				row.form(t))
		}
	}
}

// inChromium loads a page under the portal's content security policy and reads which parts are shown.
func inChromium(t *testing.T, page string) []bool {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("this test needs a browser: apt-get install chromium")
	}
	script, ok := Find(URL("app.js"))
	if !ok {
		t.Fatal("no script")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'")
		if r.URL.Path == "/app.js" {
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write(script.Body)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(page))
	}))
	defer server.Close()
	profile, err := os.MkdirTemp("", "congdvc-profile-")
	if err != nil {
		t.Fatal(err)
	}
	// The browser may still write while it ends.
	t.Cleanup(func() {
		for range 20 {
			if os.RemoveAll(profile) == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.UserDataDir(profile), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true))
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	defer cancel()
	tab, close := chromedp.NewContext(allocator)
	defer close()
	ctx, stop := context.WithTimeout(tab, 2*time.Minute)
	defer stop()
	var shown []bool
	err = chromedp.Run(ctx, chromedp.Navigate(server.URL),
		chromedp.Evaluate(`[...document.querySelectorAll("[data-when]")].map((e) => {
		if (e.hidden !== e.disabled) throw new Error("hidden and sent, or shown and not sent");
		return !e.hidden; })`, &shown))
	if err != nil {
		t.Fatal(err)
	}
	return shown
}

var today = workday.Date{Year: 2026, Month: time.November, Day: 23}

// ofStarterForms asks every condition of every starter form about answers made from its definition.
func ofStarterForms(t *testing.T, r *rand.Rand) (rows []asked) {
	t.Helper()
	forms, err := eformtest.Starter("..")
	if err != nil || len(forms) != 10 {
		t.Fatalf("%d starter forms: %v", len(forms), err)
	}
	for _, f := range forms {
		for range 12 {
			right, err := eformtest.Fill(f, r, today)
			if err != nil {
				t.Fatal(err)
			}
			given, _ := f.Prune(eformtest.Spoil(f, right, r, today))
			for _, field := range f.Fields() {
				if field.When != nil && f.BrowserTells(field.When) {
					rows = append(rows, asked{f.ID + " " + field.ID, field.When, none, given, "",
						field.When.Holds(given)})
				}
			}
			for i := range f.Steps {
				for j := range f.Steps[i].Sections {
					section := &f.Steps[i].Sections[j]
					if when := f.SectionWhen(section); when != nil && f.BrowserTells(when) {
						rows = append(rows, asked{f.ID + " " + section.ID, when, none, given, "",
							when.Holds(given)})
					}
				}
			}
		}
	}
	return rows
}

// ofAnyConditions makes trees with every operator over values of every shape.
func ofAnyConditions(t *testing.T, r *rand.Rand) (rows []asked) {
	t.Helper()
	values := []eform.Value{{}, {Text: "a"}, {Text: "b"}, {Many: []string{"a"}}, {Many: []string{"a", "b"}},
		{Rows: []map[string]string{{"x": ""}}}, {Rows: []map[string]string{{"x": "a"}}},
		{Rows: []map[string]string{{}, {"x": "", "y": "1"}}}}
	for _, text := range eformtest.Nasty {
		values = append(values, eform.Value{Text: text})
	}
	texts := []string{"a", "b", "0", "-1", "1.5", "10", "9", "2026", "2026-02", "2026-02-28",
		"999999999999999", "999999999999998.99", "-999999999999999.99"}
	var tree func(depth int) eform.Condition
	tree = func(depth int) eform.Condition {
		list := func() (all []eform.Condition) {
			for range 1 + r.IntN(3) {
				all = append(all, tree(depth-1))
			}
			return all
		}
		switch kind := r.IntN(6); {
		case depth > 0 && kind == 0:
			return eform.Condition{All: list()}
		case depth > 0 && kind == 1:
			return eform.Condition{Any: list()}
		case depth > 0 && kind == 2:
			c := tree(depth - 1)
			return eform.Condition{Not: &c}
		}
		c := eform.Condition{Field: string(rune('p' + r.IntN(4)))}
		c.Op = []string{"eq", "ne", "lt", "le", "gt", "ge", "in", "empty", "filled"}[r.IntN(9)]
		switch c.Op {
		case "in":
			c.Values = []string{texts[r.IntN(len(texts))], texts[r.IntN(len(texts))]}
		case "empty", "filled":
		default:
			c.Value = texts[r.IntN(len(texts))]
		}
		return c
	}
	for range 3000 {
		c, given := tree(3), eform.Answers{}
		for _, id := range []string{"p", "q", "r"} {
			given[id] = values[r.IntN(len(values))]
			if v := given[id]; v.Text != "" && r.IntN(2) == 0 {
				given[id] = eform.Value{Text: texts[r.IntN(len(texts))]}
			}
		}
		rows = append(rows, asked{"any", &c, none, given, "", c.Holds(given)})
	}
	return rows
}

// ofTypedTexts asks whether the browser makes the canonical text of what is typed that the decoder makes.
func ofTypedTexts(t *testing.T) (rows []asked) {
	t.Helper()
	const text = `{"vi":"x","en":"x"}`
	f, err := eform.Load([]byte(`{"id":"f","steps":[{"id":"s","title":` + text +
		`,"sections":[{"id":"c","fields":[
		{"id":"a","type":"text","label":` + text + `},{"id":"b","type":"number","decimals":2,"label":` +
		text + `},{"id":"c","type":"money","label":` + text + `},
		{"id":"d","type":"date","label":` + text + `},{"id":"e","type":"partial_date","label":` + text +
		`},{"id":"f","type":"long_text","label":` + text + `}]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	typed := append([]string{"", " ", "1.500", "1,500", "1.500.000", "1,500,000.50", "1.500,5", "1.500.5",
		"1 500 000", "1500.", ".5", "0085,05", "-0,00", "-0,5", "−3", "1'000", "12.34.567", "1.2345", "0.000",
		"00", "1,234,56", "1.234,5,6", "\u00a0a\u2003b\u00a0", "a\u00adb", "\u2028", "o\u0302\u0301", "a\tb"},
		eformtest.Nasty...)
	dates := [][3]string{{"1", "2", "2026"}, {"01", "02", "2026"}, {"29", "2", "2024"}, {"29", "2", "2026"},
		{"", "2", "2026"}, {"", "", "2026"}, {"5", "", "2026"}, {"0", "1", "2026"}, {"1", "13", "2026"},
		{"1", "0", "2026"}, {"1", "1", "1799"}, {"1", "1", "2201"}, {"1", "1", "26"}, {"1/2", "x", ""},
		{" ", "/", " "}, {"001", "1", "2026"}, {"١", "1", "2026"}, {"1", "1", "2200"}}
	input := func(name, value string) string {
		return "<input name='" + name + "' value='" + html.EscapeString(value) + "'>"
	}
	add := func(id string, inputs string, posted map[string]string) {
		a, err := f.DecodeStep(f.Step(1), func(name string) []string {
			if v, ok := posted[name]; ok {
				return []string{v}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		watched := map[string]eform.Editor{id: f.Field(id).Editor()}
		for _, c := range []*eform.Condition{{Field: id, Op: "eq", Value: a[id].Text},
			{Field: id, Op: "empty"}, {Field: id, Op: "ge", Value: "100"}} {
			if c.Op != "eq" || c.Value != "" {
				rows = append(rows, asked{fmt.Sprintf("%s of %q", id, posted), c, watched, nil, inputs,
					c.Holds(a)})
			}
		}
	}
	for _, s := range typed {
		if strings.ContainsAny(s, "\x00\n") {
			continue // an input holds none
		}
		for _, id := range []string{"a", "b", "c"} {
			add(id, input(id, s), map[string]string{id: s})
		}
		for _, lines := range []string{s, s + "\r\n" + s + " \r\n x"} {
			add("f", "<textarea name=f>\n"+html.EscapeString(lines)+"</textarea>",
				map[string]string{"f": lines})
		}
	}
	for _, d := range dates {
		for _, id := range []string{"d", "e"} {
			add(id, input(id+".ngay", d[0])+input(id+".thang", d[1])+input(id+".nam", d[2]),
				map[string]string{id + ".ngay": d[0], id + ".thang": d[1], id + ".nam": d[2]})
		}
	}
	return rows
}

// none is a page without inputs: every answer is given.
var none = map[string]eform.Editor{}
