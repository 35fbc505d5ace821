package demostripe

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

//go:embed page
var pageFiles embed.FS

// pageTemplate and pageTexts are parsed once; a fault in them stops the program while it starts.
var (
	pageTemplate = template.Must(template.ParseFS(pageFiles, "page/pay.html"))
	pageTexts    = mustTexts()
)

func mustTexts() map[string]map[string]string {
	raw, err := pageFiles.ReadFile("page/texts.json")
	if err != nil {
		panic(err)
	}
	var texts map[string]map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		panic(err)
	}
	return texts
}

// payPage is what pay.html shows.
type payPage struct {
	Lang      string
	Text      map[string]string
	Merchant  string
	Reference string
	Total     string
	Lines     []payLine
	State     string // open, declined, complete, expired, missing
	Action    string
	Back      string // where a page that can no longer be paid leads
}

type payLine struct{ Name, Description, Amount string }

func (s *Server) pages(mux *http.ServeMux) {
	mux.HandleFunc("GET /c/pay/{id}", s.showPay)
	mux.HandleFunc("POST /c/pay/{id}", s.doPay)
	mux.HandleFunc("GET /c/pay.css", func(w http.ResponseWriter, _ *http.Request) {
		css, err := pageFiles.ReadFile("page/pay.css")
		if err != nil {
			panic(err) // embedded
		}
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(css)
	})
}

func (s *Server) showPay(w http.ResponseWriter, r *http.Request) {
	s.expireDue()
	s.mu.Lock()
	cs := s.book.Sessions[r.PathValue("id")]
	var p payPage
	var origins string
	moved := s.knobs.moved
	if cs != nil {
		p, origins = s.payPage(cs, ""), formOrigins(cs)
	}
	s.mu.Unlock()
	if cs == nil {
		render(w, http.StatusNotFound, payPage{Lang: "vi", Text: pageTexts["vi"], State: "missing"}, "")
		return
	}
	if _, port, err := net.SplitHostPort(r.Host); moved && err == nil && r.Host != "localhost:"+port {
		http.Redirect(w, r, "http://localhost:"+port+r.URL.RequestURI(), http.StatusFound)
		return
	}
	render(w, http.StatusOK, p, origins)
}

// doPay is the payer's decision: pay, decline (the bank's, for trying it out) or cancel.
func (s *Server) doPay(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	choice := r.PostFormValue("choice")
	s.mu.Lock()
	cs := s.book.Sessions[r.PathValue("id")]
	if cs == nil {
		s.mu.Unlock()
		render(w, http.StatusNotFound, payPage{Lang: "vi", Text: pageTexts["vi"], State: "missing"}, "")
		return
	}
	var e *event
	state, target := "", ""
	switch choice {
	case "pay":
		if e = s.pay(cs); e != nil {
			target = strings.ReplaceAll(cs.SuccessURL, "{CHECKOUT_SESSION_ID}", cs.ID)
		}
	case "decline":
		if s.decline(cs) != nil {
			state = "declined"
		}
	case "cancel":
		target = cs.CancelURL
	}
	first, p, origins := s.knobs.first, s.payPage(cs, state), formOrigins(cs)
	s.mu.Unlock()
	if target == "" {
		render(w, http.StatusOK, p, origins)
		return
	}
	if e != nil && first {
		s.awaitDelivery(r, e)
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// awaitDelivery waits until the event was delivered once or given up, for at most the browser's patience.
func (s *Server) awaitDelivery(r *http.Request, e *event) {
	for range 500 {
		s.mu.Lock()
		pending := e.Pending
		s.mu.Unlock()
		if !pending || r.Context().Err() != nil || !s.sleep(10*time.Millisecond) {
			return
		}
	}
}

// payPage describes a session; state overrides the session's own. The lock is held.
func (s *Server) payPage(cs *session, state string) payPage {
	lang := "vi"
	if cs.Locale == "en" {
		lang = "en"
	}
	if state == "" {
		state = cs.Status
	}
	p := payPage{
		Lang: lang, Text: pageTexts[lang], Merchant: s.config.Merchant, Reference: cs.Description,
		Total: dong(cs.Total), State: state, Action: "/c/pay/" + cs.ID, Back: cs.CancelURL,
	}
	if cs.Status == "complete" {
		p.Back = strings.ReplaceAll(cs.SuccessURL, "{CHECKOUT_SESSION_ID}", cs.ID)
	}
	for _, i := range cs.Items {
		line := payLine{Name: i.Name, Description: i.Description, Amount: dong(i.Unit * i.Quantity)}
		if i.Quantity > 1 {
			line.Name += " × " + strconv.FormatInt(i.Quantity, 10)
		}
		p.Lines = append(p.Lines, line)
	}
	return p
}

// formOrigins are the origins that the page's form may end at: browsers apply form-action to redirects too.
func formOrigins(cs *session) string {
	var all []string
	for _, target := range []string{cs.SuccessURL, cs.CancelURL} {
		if u, err := url.Parse(target); err == nil {
			all = append(all, u.Scheme+"://"+u.Host)
		}
	}
	return strings.Join(all, " ")
}

func render(w http.ResponseWriter, status int, p payPage, origins string) {
	var body bytes.Buffer
	if err := pageTemplate.Execute(&body, p); err != nil {
		http.Error(w, "demostripe: page", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self' "+origins+
		"; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the browser went away
}

// dong writes an amount as people in Việt Nam read it: 1.234.567 ₫.
func dong(amount int64) string {
	digits := strconv.FormatInt(amount, 10)
	var b strings.Builder
	for n, d := range digits {
		if n > 0 && (len(digits)-n)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteRune(d)
	}
	return b.String() + "\u00a0₫"
}
