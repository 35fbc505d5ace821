package demoidp

import (
	"net/url"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// client is the one client as the provider library asks about it (op.Client).
type client struct{ cfg Config }

func (c *client) GetID() string                       { return c.cfg.ClientID }
func (c *client) RedirectURIs() []string              { return c.cfg.RedirectURIs }
func (c *client) PostLogoutRedirectURIs() []string    { return c.cfg.PostLogoutURIs }
func (c *client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c *client) AuthMethod() oidc.AuthMethod         { return oidc.AuthMethodBasic }
func (c *client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c *client) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode}
}
func (c *client) LoginURL(id string) string {
	return "/login?request=" + url.QueryEscape(id)
}
func (c *client) AccessTokenType() op.AccessTokenType              { return op.AccessTokenTypeBearer }
func (c *client) IDTokenLifetime() time.Duration                   { return tokenLife }
func (c *client) DevMode() bool                                    { return false }
func (c *client) IsScopeAllowed(string) bool                       { return false }
func (c *client) IDTokenUserinfoClaimsAssertion() bool             { return false }
func (c *client) ClockSkew() time.Duration                         { return 0 }
func (c *client) RestrictAdditionalIdTokenScopes() scopeFilter     { return allScopes }
func (c *client) RestrictAdditionalAccessTokenScopes() scopeFilter { return allScopes }

type scopeFilter = func(scopes []string) []string

func allScopes(scopes []string) []string { return scopes }

// request is one login under way (op.AuthRequest).
type request struct {
	id      string
	asked   *oidc.AuthRequest
	code    string
	begun   time.Time
	chosen  string // the person's subject, "" until somebody was chosen
	choseAt time.Time
}

func (r request) GetID() string                      { return r.id }
func (r request) GetACR() string                     { return "" }
func (r request) GetAMR() []string                   { return nil }
func (r request) GetAudience() []string              { return []string{r.asked.ClientID} }
func (r request) GetAuthTime() time.Time             { return r.choseAt }
func (r request) GetClientID() string                { return r.asked.ClientID }
func (r request) GetNonce() string                   { return r.asked.Nonce }
func (r request) GetRedirectURI() string             { return r.asked.RedirectURI }
func (r request) GetResponseType() oidc.ResponseType { return r.asked.ResponseType }
func (r request) GetResponseMode() oidc.ResponseMode { return r.asked.ResponseMode }
func (r request) GetScopes() []string                { return r.asked.Scopes }
func (r request) GetState() string                   { return r.asked.State }
func (r request) GetSubject() string                 { return r.chosen }
func (r request) Done() bool                         { return r.chosen != "" }
func (r request) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.asked.CodeChallenge, Method: r.asked.CodeChallengeMethod}
}
