// Package oidc is the login with an OpenID provider: authorization code with PKCE S256, state and nonce, then
// the id_token's signature, issuer, audience and expiry, then the claims in the portal's own terms.
//
// It uses go-oidc and x/oauth2, which are small, maintained, and do no more than verification and the
// exchange. The way out is to write Begin and Finish anew: no type of either library shows outside this
// package.
package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"congdvc/identity"
	"congdvc/services/fault"
)

// What a login can fail with.
var (
	ErrDenied = fault.New(fault.Unauthenticated, "oidc.denied") // the person cancelled
	// not the login that was begun here
	ErrState = fault.New(fault.Unauthenticated, "oidc.state")
	// what the provider sent proves nothing
	ErrToken = fault.New(fault.Unauthenticated, "oidc.token")
	ErrAway  = fault.New(fault.Unavailable, "oidc.away") // the provider does not answer
	// the provider wants the login begun anew
	ErrAgain = fault.New(fault.Unauthenticated, "oidc.again")
	// the provider does not take what the portal asks or how it proves itself: one of the two is set up
	// wrongly
	ErrRequest = fault.New(fault.Unavailable, "oidc.request")
	// args: Claims, the names of those missing or malformed
	ErrClaims          = fault.New(fault.Forbidden, "oidc.claims")
	ErrAssuranceTooLow = fault.New(fault.Forbidden, "oidc.assurance_too_low") // args: Level, Needed
)

// Config describes the provider and this client of it.
type Config struct {
	Issuer       string        // exact issuer, as its discovery document spells it
	ClientID     string        // this portal's name at the provider
	ClientSecret string        // sent by HTTP Basic or in the body, as the provider takes it
	RedirectURL  string        // absolute address of the return page, as registered
	Scopes       []string      // nil is "openid profile"
	ClaimMap     ClaimMap      // the zero map is VNeIDClaims
	MinAssurance int           // logins below this level are refused; 0 takes all
	Timeout      time.Duration // of each call to the provider; 0 is 10 seconds
	// Transport carries the calls; nil is http.DefaultTransport.
	Transport http.RoundTripper
	// Patience is how long a visitor waits for a provider that was not found yet; 0 is 3 seconds.
	Patience time.Duration
}

// Client talks to one provider. It is safe for concurrent use.
type Client struct {
	cfg Config

	mu      sync.Mutex // never held while the provider is asked
	search  search
	found   *discovered
	failure error // of the newest search, if it failed
}

// Pending is a login that was begun. It belongs to one browser, serves once, and is kept on the server.
type Pending struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Lang     string `json:"lang"`                // language of the page from which the login was begun
	ReturnTo string `json:"return_to,omitempty"` // path to show afterwards; Begin leaves it to its caller
}

// New makes a client without calling the provider: the portal starts while the provider is away.
func New(cfg Config) *Client {
	if cfg.Scopes == nil {
		cfg.Scopes = []string{gooidc.ScopeOpenID, "profile"}
	}
	if cfg.ClaimMap.empty() {
		cfg.ClaimMap = VNeIDClaims()
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.Transport == nil {
		cfg.Transport = http.DefaultTransport
	}
	if cfg.Patience <= 0 {
		cfg.Patience = 3 * time.Second
	}
	return &Client{cfg: cfg}
}

// Begin gives the address at the provider to send the browser to, and what to keep until it comes back.
// lang is passed on as ui_locales. mark, which may be empty, ends the state: letters and digits by which the
// caller can tell whose return it is. ErrAway when the provider cannot be found.
func (c *Client) Begin(ctx context.Context, lang, mark string) (Pending, string, error) {
	d, err := c.discover(ctx)
	if err != nil {
		return Pending{}, "", err
	}
	p, to := c.begin(d, lang, mark)
	return p, to, nil
}

func (c *Client) begin(d *discovered, lang, mark string) (Pending, string) {
	// rand.Text has 130 bits of entropy.
	p := Pending{State: rand.Text() + mark, Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(),
		Lang: lang}
	to := c.oauth(d).AuthCodeURL(p.State, gooidc.Nonce(p.Nonce), oauth2.S256ChallengeOption(p.Verifier),
		oauth2.SetAuthURLParam("ui_locales", lang))
	return p, to
}

// Finish exchanges the code of a return for what the provider asserts. The second result is the id_token to
// send as a hint at logout. It is empty when that token names the person, because the address of the logout
// must not.
func (c *Client) Finish(ctx context.Context, p Pending, state, code string) (identity.Claims, string, error) {
	if !sameState(p, state) {
		return identity.Claims{}, "", ErrState
	}
	if code == "" {
		return identity.Claims{}, "", ErrToken.From(errors.New("oidc: return without a code"))
	}
	d, err := c.discover(ctx)
	if err != nil {
		return identity.Claims{}, "", err
	}
	claims, hint, err := c.prove(ctx, d, p, code)
	if errors.Is(err, ErrAway) || errors.Is(err, ErrToken) {
		c.doubt()
	}
	return claims, hint, err
}

func (c *Client) prove(ctx context.Context, d *discovered, p Pending,
	code string) (identity.Claims, string, error) {
	ctx = gooidc.ClientContext(ctx, c.httpClient())
	tokens, err := c.oauth(d).Exchange(ctx, code, oauth2.VerifierOption(p.Verifier))
	if err != nil {
		return identity.Claims{}, "", exchangeFault(err)
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return identity.Claims{}, "", ErrToken.From(errors.New("oidc: the answer has no id_token"))
	}
	proven, err := c.verify(ctx, d, raw, tokens.AccessToken, p.Nonce)
	if err != nil {
		return identity.Claims{}, "", err
	}
	hint := raw
	if c.cfg.ClaimMap.namesSomebody(proven) {
		hint = ""
	}
	if proven, err = c.addUserinfo(ctx, d, tokens, proven); err != nil {
		return identity.Claims{}, "", err
	}
	claims, err := c.cfg.ClaimMap.Map(proven)
	if err != nil {
		return identity.Claims{}, "", err
	}
	claims.Issuer = c.cfg.Issuer
	if claims.Assurance < c.cfg.MinAssurance {
		return identity.Claims{}, "", ErrAssuranceTooLow.With("Level", claims.Assurance).
			With("Needed", c.cfg.MinAssurance).
			From(fmt.Errorf("oidc: level %d, where %d is needed", claims.Assurance, c.cfg.MinAssurance))
	}
	return claims, hint, nil
}

// verify checks the id_token and gives its claims.
func (c *Client) verify(ctx context.Context, d *discovered,
	raw, accessToken, nonce string) (map[string]any, error) {
	keys := &watchedKeys{keys: d.keys}
	verifier := gooidc.NewVerifier(c.cfg.Issuer, keys, &gooidc.Config{
		ClientID: c.cfg.ClientID, SupportedSigningAlgs: d.algorithms,
	})
	token, err := verifier.Verify(ctx, raw)
	switch {
	case err != nil && keys.away:
		return nil, ErrAway.From(fmt.Errorf("oidc: keys of the provider: %w", err))
	case err != nil:
		return nil, ErrToken.From(fmt.Errorf("oidc: id_token: %w", err))
	case nonce == "" || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1:
		return nil, ErrToken.From(errors.New("oidc: id_token: nonce of another login"))
	}
	if token.AccessTokenHash != "" {
		if err := token.VerifyAccessToken(accessToken); err != nil {
			return nil, ErrToken.From(fmt.Errorf("oidc: id_token: %w", err))
		}
	}
	claims := map[string]any{}
	if err := decode(token.Claims, &claims); err != nil {
		return nil, ErrToken.From(err)
	}
	// OpenID Connect Core, 3.1.3.7: an authorized party, when named, is this client.
	if azp, ok := claims["azp"]; ok && azp != c.cfg.ClientID {
		return nil, ErrToken.From(errors.New("oidc: id_token: another authorized party"))
	}
	return claims, nil
}

// addUserinfo fills in claims that the id_token lacks from userinfo, if the provider has it. Claims of the
// signed token are never replaced.
func (c *Client) addUserinfo(ctx context.Context, d *discovered, tokens *oauth2.Token,
	proven map[string]any) (map[string]any, error) {
	if d.provider.UserInfoEndpoint() == "" {
		return proven, nil
	}
	info, err := d.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return nil, ErrAway.From(userinfoFailure(err))
	}
	// OpenID Connect Core, 5.3.2: userinfo of another subject must not be used.
	if info.Subject == "" || info.Subject != proven["sub"] {
		return nil, ErrToken.From(errors.New("oidc: userinfo of another subject"))
	}
	all := map[string]any{}
	if err := decode(info.Claims, &all); err != nil {
		return nil, ErrToken.From(err)
	}
	for name, value := range proven {
		all[name] = value
	}
	return all, nil
}

// LogoutURL is the address that ends the session at the provider and then returns to returnTo, an absolute
// address that is registered there; lang is passed on as ui_locales, and comes back as state. It is empty
// when the provider has no such address, or was not found yet: nobody waits for that, and the portal's own
// session has ended in any case.
func (c *Client) LogoutURL(idTokenHint, returnTo, lang string) string {
	d := c.known()
	if d == nil {
		return ""
	}
	return c.logout(d, idTokenHint, returnTo, lang)
}

func (c *Client) logout(d *discovered, idTokenHint, returnTo, lang string) string {
	to, err := url.Parse(d.EndSession)
	if err != nil || !leadsThere(to) {
		return ""
	}
	query := to.Query()
	query.Set("client_id", c.cfg.ClientID)
	query.Set("post_logout_redirect_uri", returnTo)
	query.Set("ui_locales", lang)
	query.Set("state", lang)
	if idTokenHint != "" {
		query.Set("id_token_hint", idTokenHint)
	}
	to.RawQuery = query.Encode()
	return to.String()
}

// leadsThere tells whether a browser can be sent to an address.
func leadsThere(u *url.URL) bool { return u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") }

// Doors are the addresses at the provider to which this client sends browsers, as it is found now: a whole
// authorization request, and a logout that returns to returnTo, empty where the provider has none. ErrAway
// when the provider cannot be found.
func (c *Client) Doors(ctx context.Context, returnTo string) (login, logout string, err error) {
	d, err := c.fetch(ctx)
	if err != nil {
		return "", "", ErrAway.From(err)
	}
	_, login = c.begin(d, "vi", "")
	return login, c.logout(d, "", returnTo, "vi"), nil
}

func (c *Client) oauth(d *discovered) *oauth2.Config {
	return &oauth2.Config{
		ClientID: c.cfg.ClientID, ClientSecret: c.cfg.ClientSecret, RedirectURL: c.cfg.RedirectURL,
		Scopes: slices.Clone(c.cfg.Scopes), Endpoint: d.provider.Endpoint(),
	}
}

// sameState compares in constant time; an empty state is nobody's.
func sameState(p Pending, state string) bool {
	return p.State != "" && subtle.ConstantTimeCompare([]byte(p.State), []byte(state)) == 1
}

// decode reads claims with their numbers kept as written.
func decode(claims func(any) error, into *map[string]any) error {
	var raw json.RawMessage
	if err := claims(&raw); err != nil {
		return fmt.Errorf("oidc: claims: %w", err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("oidc: claims: %w", err)
	}
	return nil
}
