package browser

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch notes what a tab asks for and what it complains about.
type watch struct {
	portal  string
	allowed []string // origins that pages may ask

	mu       sync.Mutex
	kinds    map[network.RequestID]network.ResourceType
	encoded  map[network.RequestID]float64 // bytes over the wire, headers included
	running  map[network.RequestID]bool
	problems []string
	status   int64 // of the newest document
	failed   int   // requests that never had an answer
}

func newWatch(s *system) *watch {
	return &watch{
		portal: s.portal, allowed: []string{s.portal, s.identity, s.payments, s.office, s.department},
		kinds: map[network.RequestID]network.ResourceType{}, encoded: map[network.RequestID]float64{},
		running: map[network.RequestID]bool{},
	}
}

// see takes one event of the browser.
func (w *watch) see(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.Type == network.ResourceTypeDocument {
			// A save that goes on while its page is left ends without word to the next one.
			clear(w.running)
		}
		w.kinds[e.RequestID], w.running[e.RequestID] = e.Type, true
		w.checkOrigin(e.Request.URL)
		if e.RedirectResponse != nil {
			w.checkHeaders(e.RedirectResponse)
		}
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			w.status = e.Response.Status
		}
		w.checkHeaders(e.Response)
	case *network.EventLoadingFinished:
		w.encoded[e.RequestID] = e.EncodedDataLength
		delete(w.running, e.RequestID)
	case *network.EventLoadingFailed:
		delete(w.running, e.RequestID)
		w.failed++
		if e.BlockedReason != "" {
			w.problem("a request was blocked: %s", e.BlockedReason)
		}
	case *log.EventEntryAdded:
		// An answer such as 422 is a "network" entry; the tests look at those themselves.
		if e.Entry.Source != log.SourceNetwork && e.Entry.Level == log.LevelError {
			w.problem("console: %s (%s)", e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		w.problem("exception: %s", e.ExceptionDetails.Error())
	}
}

func (w *watch) problem(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.Contains(w.problems, text) {
		w.problems = append(w.problems, text)
	}
}

func (w *watch) checkOrigin(address string) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return // data: and about: leave nothing
	}
	if origin := u.Scheme + "://" + u.Host; !slices.Contains(w.allowed, origin) {
		w.problem("a page asked %s", origin)
	}
}

// The headers that every answer of the portal carries.
var securityHeaders = map[string]string{
	"x-content-type-options":       "nosniff",
	"referrer-policy":              "same-origin",
	"x-frame-options":              "DENY",
	"cross-origin-opener-policy":   "same-origin",
	"cross-origin-resource-policy": "same-origin",
}

func (w *watch) checkHeaders(r *network.Response) {
	if r.URL != w.portal && !strings.HasPrefix(r.URL, w.portal+"/") {
		return
	}
	have := map[string]string{}
	for name, value := range r.Headers {
		have[strings.ToLower(name)] = fmt.Sprint(value)
	}
	path := strings.TrimPrefix(r.URL, w.portal)
	csp := have["content-security-policy"]
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		w.problem("%s has the policy %q", path, csp)
	}
	for name, want := range securityHeaders {
		if have[name] != want {
			w.problem("%s has %s %q, not %q", path, name, have[name], want)
		}
	}
}

// quiet tells whether every request has ended.
func (w *watch) quiet() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.running) == 0
}

// failures counts the requests that never had an answer.
func (w *watch) failures() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// documentStatus is the status of the newest document.
func (w *watch) documentStatus() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}

// take returns what was wrong since the last call.
func (w *watch) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	problems := w.problems
	w.problems = nil
	return problems
}
