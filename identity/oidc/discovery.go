package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
)

const maxAnswer = 1 << 20 // no answer of a provider is larger

// asymmetric are the signatures that an id_token may have. HMAC and none are not among them.
var asymmetric = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
	"EdDSA"}

// discovered is what the provider's discovery document says.
type discovered struct {
	provider   *gooidc.Provider
	keys       gooidc.KeySet
	algorithms []string
	document   json.RawMessage

	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	EndSession    string   `json:"end_session_endpoint"`
	JWKS          string   `json:"jwks_uri"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	Challenges    []string `json:"code_challenge_methods_supported"`
}

func (c *Client) fetch(ctx context.Context) (*discovered, error) {
	ctx = gooidc.ClientContext(ctx, c.httpClient())
	provider, err := gooidc.NewProvider(ctx, c.cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("oidc: discover %s: %w", c.cfg.Issuer, err)
	}
	d := &discovered{provider: provider}
	if err := errors.Join(provider.Claims(d), provider.Claims(&d.document)); err != nil {
		return nil, fmt.Errorf("oidc: discovery document of %s: %w", c.cfg.Issuer, err)
	}
	for _, needed := range []string{d.Authorization, d.Token, d.JWKS} {
		if u, err := url.Parse(needed); err != nil || !leadsThere(u) {
			return nil, fmt.Errorf("oidc: discovery document of %s lacks an endpoint", c.cfg.Issuer)
		}
	}
	// The key set outlives this login, so its context has the client and no end.
	d.keys = gooidc.NewRemoteKeySet(gooidc.ClientContext(context.Background(), c.httpClient()), d.JWKS)
	for _, name := range d.Algorithms {
		if slices.Contains(asymmetric, name) {
			d.algorithms = append(d.algorithms, name)
		}
	}
	if d.algorithms == nil {
		d.algorithms = []string{gooidc.RS256}
	}
	return d, nil
}

// Check proves that the provider can be used: it is found afresh, knows PKCE with S256 and shows signing
// keys. The client's secret is only proven by a login.
func (c *Client) Check(ctx context.Context) error {
	d, err := c.fetch(ctx)
	if err != nil {
		return ErrAway.From(err)
	}
	// Providers may leave the list out of their discovery document (RFC 8414, 2).
	if d.Challenges != nil && !slices.Contains(d.Challenges, "S256") {
		return fmt.Errorf("oidc: %s does not know PKCE with S256", c.cfg.Issuer)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.JWKS, nil)
	if err != nil {
		return fmt.Errorf("oidc: keys of %s: %w", c.cfg.Issuer, err)
	}
	answer, err := c.httpClient().Do(req)
	if err != nil {
		return ErrAway.From(fmt.Errorf("oidc: keys of %s: %w", c.cfg.Issuer, err))
	}
	defer answer.Body.Close()
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&set); err != nil || answer.StatusCode != http.StatusOK {
		return ErrAway.From(fmt.Errorf("oidc: keys of %s: status %d: %w", c.cfg.Issuer, answer.StatusCode,
			err))
	}
	if len(set.Keys) == 0 {
		return fmt.Errorf("oidc: %s shows no keys", c.cfg.Issuer)
	}
	return nil
}

// httpClient bounds every call in time and size.
func (c *Client) httpClient() *http.Client {
	return &http.Client{Timeout: c.cfg.Timeout, Transport: boundedTransport{c.cfg.Transport}}
}

type boundedTransport struct{ next http.RoundTripper }

func (t boundedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = boundedBody{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	return answer, nil
}

type boundedBody struct {
	io.Reader
	io.Closer
}

// watchedKeys notices whether a signature could not be checked because the keys could not be fetched:
// go-oidc's verifier drops that difference.
type watchedKeys struct {
	keys gooidc.KeySet
	away bool
}

func (k *watchedKeys) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.keys.VerifySignature(ctx, jwt)
	var failed *url.Error
	k.away = errors.As(err, &failed) || errors.Is(err, context.DeadlineExceeded)
	return payload, err
}
