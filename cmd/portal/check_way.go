package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/portal/address"
	"congdvc/services/dong"
)

// mostHops is how many redirects browsers follow before they give up.
const mostHops = 20

// hopTime bounds one step of a way.
const hopTime = 5 * time.Second

// A way is what a browser passes that the portal sends somewhere: the origins in their order, and where it
// ends. What scripts of the last page do is not known to it.
type way struct {
	passed []string
	end    *url.URL
	policy []string // of content security, of the page at the end; nil where it ends at the portal
}

// A caution is worth knowing and no failure today.
type caution struct{ text string }

func (c caution) Error() string { return c.text }

// follow asks as a browser would, from an address through all redirects, up to a page or back to the portal.
// The error says at which origin a browser would be stopped, and why.
func follow(ctx context.Context, from string, site address.Site) (w way, err error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return w, err
	}
	client := &http.Client{Jar: jar, Timeout: hopTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if w.end, err = url.Parse(from); err != nil {
		return w, fmt.Errorf("the first address is none: %w", err)
	}
	for range mostHops + 1 {
		if w.note(w.end); originOf(w.end) == strings.TrimRight(site.Base, "/") {
			return w, nil
		}
		var next *url.URL
		if err = passable(w.end, site); err == nil {
			next, w.policy, err = step(ctx, client, w.end)
		}
		if err != nil {
			return w, fmt.Errorf("%s; %w", w, err)
		}
		if next == nil {
			return w, nil
		}
		w.end = next
	}
	return w, fmt.Errorf("%s; after %d redirects browsers give up: it looks like a circle", w, mostHops)
}

// note keeps each origin once.
func (w *way) note(u *url.URL) {
	if o := originOf(u); !slices.Contains(w.passed, o) {
		w.passed = append(w.passed, o)
	}
}

func (w way) String() string { return "passes " + strings.Join(w.passed, ", ") }

// told is what a way without fault is said of. A page may lead on by scripts, which only a browser runs.
func (w way) told(site address.Site) string {
	if originOf(w.end) == strings.TrimRight(site.Base, "/") {
		return w.String()
	}
	return w.String() + ", up to a page there"
}

func originOf(u *url.URL) string { return u.Scheme + "://" + u.Host }

// passable refuses an address that browsers of other people cannot reach, or warn of.
func passable(u *url.URL, site address.Site) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return caution{fmt.Sprintf("it leads into an app (%s:), which only a telephone can follow", u.Scheme)}
	}
	home, err := url.Parse(site.Base)
	if err != nil {
		return err
	}
	if home.Scheme == "https" && u.Scheme == "http" {
		return fmt.Errorf("%s is plain http, where the portal has https: browsers warn of it or refuse it",
			originOf(u))
	}
	if inside(u.Hostname()) && !inside(home.Hostname()) {
		return fmt.Errorf("%s is known to this machine or its network alone, not to people's browsers",
			originOf(u))
	}
	return nil
}

// inside tells whether a host is one of this machine or of a private network, as far as its name says.
func inside(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		inner := func(tail string) bool { return strings.HasSuffix(host, tail) }
		return !strings.Contains(host, ".") ||
			slices.ContainsFunc([]string{".localhost", ".local", ".internal"}, inner)
	}
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()
}

// step asks one address. next is where it redirects to, or nil for a page, whose policies come with it.
func step(ctx context.Context, client *http.Client, u *url.URL) (next *url.URL, policy []string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: no browser can ask this address", originOf(u))
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (compatible; CongDVC portal check)")
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", "vi")
	answer, err := client.Do(r)
	if err != nil {
		return nil, nil, fmt.Errorf("%s does not answer: %w", originOf(u), bare(err))
	}
	defer answer.Body.Close()
	switch status := answer.StatusCode; {
	case status >= 400:
		return nil, nil, fmt.Errorf("%s answers %d, an error page", originOf(u), status)
	case status < 300 || status == http.StatusNotModified:
		return nil, answer.Header.Values("Content-Security-Policy"), nil
	}
	if next, err = answer.Location(); err != nil {
		return nil, nil, fmt.Errorf("%s answers %d without an address", originOf(u), answer.StatusCode)
	}
	return next, nil, nil
}

// bare is an error without the address, whose parameters are long and nobody's business.
func bare(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// comesBack warns of a page at the end of a way whose own form-action does not name the portal: browsers such
// as Chromium hold the redirects after its form to it, the last of which leads back.
func (w way) comesBack(site address.Site) error {
	for _, policy := range w.policy {
		if !formMayEndAt(policy, site.Base) {
			return caution{fmt.Sprintf("%s; the page on %s has a form-action without %s, so Chromium stops "+
				"its form on the way back, unless a page lies between", w, originOf(w.end), site.Base)}
		}
	}
	return nil
}

// formMayEndAt reads a content security policy: whether redirects after a form may lead to an origin.
func formMayEndAt(policy, origin string) bool {
	to, err := url.Parse(origin)
	if err != nil {
		return false
	}
	for directive := range strings.SplitSeq(policy, ";") {
		words := strings.Fields(directive)
		if len(words) == 0 || !strings.EqualFold(words[0], "form-action") {
			continue
		}
		return slices.ContainsFunc(words[1:], func(source string) bool { return covers(source, to) })
	}
	return true // no such directive
}

// covers tells whether a source of a policy covers an origin.
func covers(source string, to *url.URL) bool {
	if source == "*" || strings.EqualFold(source, to.Scheme+":") {
		return true
	}
	scheme, host, named := strings.Cut(source, "://")
	if !named {
		scheme, host = to.Scheme, source
	}
	host, _, _ = strings.Cut(host, "/")
	if !strings.EqualFold(scheme, to.Scheme) {
		return false
	}
	if name, port, err := net.SplitHostPort(host); err == nil && port == "*" {
		return matches(name, to.Hostname())
	}
	return matches(host, to.Host)
}

// matches compares names of hosts; the first may begin with "*.".
func matches(pattern, host string) bool {
	if tail, any := strings.CutPrefix(pattern, "*"); any {
		return strings.HasPrefix(tail, ".") && strings.HasSuffix(strings.ToLower(host), strings.ToLower(tail))
	}
	return strings.EqualFold(pattern, host)
}

// proveLoginWay follows a whole authorization request of this client.
func (p *parts) proveLoginWay(ctx context.Context) (string, error) {
	client, err := p.oidc()
	if err != nil {
		return "", err
	}
	to, _, err := client.Doors(ctx, p.site.URL(address.Home("vi")))
	if err != nil {
		return "", err
	}
	w, err := follow(ctx, to, p.site)
	if err != nil {
		return "", err
	}
	if code := w.end.Query().Get("error"); code != "" {
		return "", fmt.Errorf("%s; the provider sends people straight back with the error %q", w, code)
	}
	return w.told(p.site), w.comesBack(p.site)
}

// proveLogoutWay follows a logout of somebody whom the provider does not know.
func (p *parts) proveLogoutWay(ctx context.Context) (string, error) {
	client, err := p.oidc()
	if err != nil {
		return "", err
	}
	_, to, err := client.Doors(ctx, p.site.URL(address.Home("vi")))
	if err != nil {
		return "", err
	}
	if to == "" {
		return "", caution{"the provider has no end_session_endpoint: only the portal's session ends"}
	}
	w, err := follow(ctx, to, p.site)
	if err != nil {
		return "", err
	}
	return w.told(p.site), w.comesBack(p.site)
}

// checkAmount is above what payment channels take at least; nobody pays it.
const checkAmount dong.Amount = 20_000

// provePaymentWay opens a payment page, follows the way to it and ends it again: nobody can pay there.
func (p *parts) provePaymentWay(ctx context.Context) (string, error) {
	provider, home := p.paymentProvider(), p.site.URL(address.Home("vi"))
	amount := max(dong.Amount(p.config.SmallestOnline), checkAmount)
	page, err := provider.Open(ctx, checkout.Opening{
		Attempt: checkout.TrialAttempt(), Reference: "portal check", Lang: i18n.Vi,
		Lines: []payments.Line{{Name: i18n.Text{Vi: "Kiểm tra", En: "Check"}, Unit: amount, Quantity: 1,
			Amount: amount}},
		ReturnURL: home, CancelURL: home, ExpiresAt: time.Now().Add(2 * checkout.ShortestSession),
	})
	if err != nil {
		return "", err
	}
	note := ""
	w, err := follow(ctx, page.URL, p.site)
	if err == nil {
		note, err = w.told(p.site), w.comesBack(p.site)
	}
	// The page ends even where the time of this check is over.
	return note, errors.Join(err, provider.Expire(context.WithoutCancel(ctx), page.Ref))
}
