package portal

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/static"

	"github.com/gofiber/fiber/v2"
)

//go:embed templates
var templateFiles embed.FS

// pages holds one parsed template a page, by its stem: "dossier/review".
type pages map[string]*template.Template

// parsePages reads every template under templates/: those in parts/ and
// layout.html are shared by all, each other file is a page.
func parsePages() (pages, error) {
	shared, err := template.New("layout.html").ParseFS(templateFiles, "templates/layout.html",
		"templates/parts/*.html")
	if err != nil {
		return nil, err
	}
	all := pages{}
	err = fs.WalkDir(templateFiles, "templates", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == "templates/layout.html" ||
			strings.HasPrefix(path, "templates/parts/") {
			return err
		}
		page, err := template.Must(shared.Clone()).ParseFS(templateFiles, path)
		if err != nil {
			return err
		}
		stem := strings.TrimSuffix(strings.TrimPrefix(path, "templates/"), ".html")
		all[stem] = page
		return nil
	})
	return all, err
}

// shell is what every page shows round its content. The struct of a page embeds it, so that its template can
// write {{.T "home.title"}}.
type shell struct {
	Lang     i18n.Lang
	Title    string
	Path     string
	Other    otherLang
	SignedIn bool
	Acting   *actingView
	CSRF     string
	Province i18n.Text
	Hotline  string
	// Keep is set on pages where the script of drafts works.
	Keep *keepView
	// Combobox is set on pages with an input that offers what may be meant.
	Combobox bool
	// OtherForm is the id of the form that the switch of the language posts, so that nothing typed is lost.
	// The form's own button comes first on the page, since the Enter key presses the first one.
	OtherForm string
	// HasErrors prefixes the title, so that a screen reader says so first.
	HasErrors bool
	// Again asks the browser to look at the page again after so many seconds.
	Again int
}

type otherLang struct{ Lang, Name, Path string }

// shell fills in the frame of a page.
func (p *Portal) shell(v *visit, title string) shell {
	s := shell{
		Lang: v.lang, Title: title, Path: v.place(v.lang), SignedIn: v.signedIn, Acting: p.actingOf(v),
		Province: p.Province, Hotline: p.Hotline,
	}
	if v.session.ID != "" {
		s.CSRF = v.session.CSRF
	}
	s.Keep = p.keepOf(v)
	other := v.lang.Other()
	s.Other = otherLang{Lang: string(other), Name: i18n.T(other, "layout.this_language"),
		Path: v.place(other)}
	return s
}

// searchShell is the frame of a page with a box to search procedures in.
func (p *Portal) searchShell(v *visit, title string) shell {
	s := p.shell(v, title)
	s.Combobox = true
	return s
}

// T is the text of a key in the page's language; args are pairs of name and value.
func (s shell) T(key string, args ...any) string { return i18n.T(s.Lang, key, args...) }

// In is a bilingual text in the page's language.
func (s shell) In(t i18n.Text) string { return t.In(s.Lang) }

// Asset is the public path of a file of package static.
func (s shell) Asset(name string) string { return static.URL(name) }

// Home, Dossiers and the others are the paths of the masthead and the footer.
func (s shell) Home() string          { return address.Home(s.Lang) }
func (s shell) Search() string        { return address.Search(s.Lang) }
func (s shell) Dossiers() string      { return address.Dossiers(s.Lang) }
func (s shell) Notices() string       { return address.Notices(s.Lang) }
func (s shell) Account() string       { return address.Account(s.Lang) }
func (s shell) Track() string         { return address.Track(s.Lang) }
func (s shell) Verify() string        { return address.Verify(s.Lang) }
func (s shell) Help() string          { return address.Help(s.Lang) }
func (s shell) Accessibility() string { return address.Accessibility(s.Lang) }
func (s shell) Developers() string    { return address.Developers(s.Lang) }
func (s shell) Logout() string        { return address.Logout(s.Lang) }
func (s shell) Login() string         { return loginPath(s.Lang, s.Path) }

// formField is one input of a form, as the templates of parts/ draw it.
type formField struct {
	Name, Label, Hint, Value string
	Type                     string
	// Error stands beside the input and is linked from the summary.
	Error        string
	Optional     bool
	Autocomplete string
	InputMode    string
	MaxLength    int
	Options      []fieldOption
}

// fieldOption is one choice of a field.
type fieldOption struct {
	Value, Label, Hint string
	Lang               string // of label and hint, where they are not in the page's own language
	Chosen             bool
}

// faultLink is one row of the error summary.
type faultLink struct{ Field, Text string }

func (p *Portal) render(v *visit, stem string, data any) error {
	return p.renderStatus(v, fiber.StatusOK, stem, data)
}

// renderStatus renders into memory first, so that a page is sent whole or not at all.
func (p *Portal) renderStatus(v *visit, status int, stem string, data any) error {
	t, ok := p.pages[stem]
	if !ok {
		return fmt.Errorf("portal: no template %s", stem)
	}
	var buf bytes.Buffer
	if err := t.ExecuteTemplate(&buf, "layout.html", data); err != nil {
		return fmt.Errorf("portal: render %s: %w", stem, err)
	}
	h := &v.Response().Header
	h.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	h.Set(fiber.HeaderContentLanguage, string(v.lang))
	if v.session.ID != "" || status != fiber.StatusOK || len(h.Peek(fiber.HeaderCacheControl)) == 0 {
		h.Set(fiber.HeaderCacheControl, "no-store")
	}
	return v.Status(status).Send(buf.Bytes())
}

// query is one encoded parameter of a query string.
func query(name, value string) string { return url.Values{name: {value}}.Encode() }
