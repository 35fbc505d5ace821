package demoidp

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/text/language"
)

//go:embed data/page.html data/login.css data/texts.json
var pageFiles embed.FS

var (
	pageTemplate = template.Must(template.ParseFS(pageFiles, "data/page.html"))
	pageTexts    = mustTexts()
)

// page is what the template shows: the choice of people when there are any, else a plain message.
type page struct {
	Lang, Title, Body, Request string
	Texts                      map[string]string
	People                     []choice
}

type choice struct{ Subject, Name, Role, Organisation string }

func mustTexts() map[string]map[string]string {
	raw, err := pageFiles.ReadFile("data/texts.json")
	if err != nil {
		panic(err)
	}
	var texts map[string]map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		panic(err)
	}
	return texts
}

// showLogin lists the people. The request's id is unguessable and comes from the authorization endpoint.
func (s *Server) showLogin(w http.ResponseWriter, r *http.Request) {
	req, err := s.store.request(r.URL.Query().Get("request"))
	if err != nil || req.Done() {
		s.send(w, http.StatusNotFound, message(browserLanguage(r), "gone"))
		return
	}
	lang := requestLanguage(req.asked, r)
	p := page{Lang: lang, Texts: pageTexts[lang], Title: pageTexts[lang]["title"], Request: req.id}
	for _, person := range s.people {
		p.People = append(p.People, choice{person.Subject, person.Name, person.Role[lang],
			person.OrganisationName})
	}
	s.send(w, http.StatusOK, p)
}

// chooseLogin sends the person back to the client: with a code, or with access_denied when they cancelled.
func (s *Server) chooseLogin(w http.ResponseWriter, r *http.Request) {
	req, err := s.store.request(r.PostFormValue("request"))
	if err != nil || req.Done() {
		s.send(w, http.StatusNotFound, message(browserLanguage(r), "gone"))
		return
	}
	s.secure(w)
	if r.PostFormValue("cancel") != "" {
		_ = s.store.DeleteAuthRequest(r.Context(), req.id)
		op.AuthRequestError(w, r, req, oidc.ErrAccessDenied(), s.provider)
		return
	}
	if err := s.store.choose(req.id, r.PostFormValue("person")); err != nil {
		s.send(w, http.StatusNotFound, message(requestLanguage(req.asked, r), "gone"))
		return
	}
	http.Redirect(w, r, s.callback(r.Context(), req.id), http.StatusSeeOther)
}

func (s *Server) showLoggedOut(w http.ResponseWriter, r *http.Request) {
	s.send(w, http.StatusOK, message(browserLanguage(r), "logged_out"))
}

func (s *Server) serveStyle(w http.ResponseWriter, r *http.Request) {
	css, err := pageFiles.ReadFile("data/login.css")
	if err != nil {
		http.NotFound(w, r)
		return
	}
	s.secure(w)
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(css)
}

func message(lang, key string) page {
	texts := pageTexts[lang]
	return page{Lang: lang, Texts: texts, Title: texts[key+"_title"], Body: texts[key]}
}

func (s *Server) send(w http.ResponseWriter, status int, p page) {
	var body bytes.Buffer
	if err := pageTemplate.Execute(&body, p); err != nil {
		s.log.Error("demonstration identity provider could not show a page", "error", err)
		http.Error(w, "broken", http.StatusInternalServerError)
		return
	}
	s.secure(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", p.Lang)
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes())
}

// secure sets the headers of every page. The client's origins stand in form-action because browsers hold the
// redirects that follow a posted form to it as well.
func (s *Server) secure(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy",
		"default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' "+
			strings.Join(s.returnsTo, " "))
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

var languages = language.NewMatcher([]language.Tag{language.Vietnamese, language.English})

// requestLanguage is the language that the client asked for by ui_locales, else the browser's.
func requestLanguage(asked *oidc.AuthRequest, r *http.Request) string {
	if len(asked.UILocales) == 0 {
		return browserLanguage(r)
	}
	return match(asked.UILocales...)
}

func browserLanguage(r *http.Request) string {
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return "vi"
	}
	return match(tags...)
}

func match(tags ...language.Tag) string {
	_, i, _ := languages.Match(tags...)
	return []string{"vi", "en"}[i]
}
