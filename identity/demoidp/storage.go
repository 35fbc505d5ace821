package demoidp

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"slices"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	requestLife = 10 * time.Minute // from the authorization request to the exchange of the code
	tokenLife   = 5 * time.Minute
)

var errUnknown = errors.New("demoidp: unknown or expired")

// storage keeps logins and access tokens in memory (op.Storage). A restart forgets them: whoever was logging
// in begins again.
type storage struct {
	client *client
	people []Person
	key    signingKey

	mu       sync.Mutex
	requests map[string]request
	tokens   map[string]token
}

type token struct {
	subject string
	expires time.Time
}

func newStorage(c *client, people []Person, key signingKey) *storage {
	return &storage{client: c, people: people, key: key, requests: map[string]request{},
		tokens: map[string]token{}}
}

func (s *storage) person(subject string) (Person, bool) {
	i := slices.IndexFunc(s.people, func(p Person) bool { return p.Subject == subject })
	if i < 0 {
		return Person{}, false
	}
	return s.people[i], true
}

// request finds a login that is still under way.
func (s *storage) request(id string) (request, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok || time.Since(r.begun) > requestLife {
		return request{}, errUnknown
	}
	return r, nil
}

// choose records who logs in. A login is decided once.
func (s *storage) choose(id, subject string) error {
	if _, ok := s.person(subject); !ok {
		return errUnknown
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok || r.Done() || time.Since(r.begun) > requestLife {
		return errUnknown
	}
	r.chosen, r.choseAt = subject, time.Now()
	s.requests[id] = r
	return nil
}

// CreateAuthRequest begins a login. PKCE with S256 is required, as RFC 9700 asks.
func (s *storage) CreateAuthRequest(_ context.Context, asked *oidc.AuthRequest,
	_ string) (op.AuthRequest, error) {
	if slices.Contains(asked.Prompt, oidc.PromptNone) {
		return nil, oidc.ErrLoginRequired()
	}
	if asked.CodeChallenge == "" || asked.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with S256 is required")
	}
	r := request{id: rand.Text(), asked: asked, begun: time.Now()}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, old := range s.requests {
		if time.Since(old.begun) > requestLife {
			delete(s.requests, id)
		}
	}
	s.requests[r.id] = r
	return r, nil
}

func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	r, err := s.request(id)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		if code != "" && r.code == code && time.Since(r.begun) <= requestLife {
			return r, nil
		}
	}
	return nil, errUnknown
}

func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok {
		return errUnknown
	}
	r.code = code
	s.requests[id] = r
	return nil
}

// DeleteAuthRequest ends a login: its code works once.
func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.requests, id)
	return nil
}

func (s *storage) CreateAccessToken(_ context.Context, r op.TokenRequest) (string, time.Time, error) {
	id, t := rand.Text(), token{subject: r.GetSubject(), expires: time.Now().Add(tokenLife)}
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, was := range s.tokens {
		if time.Now().After(was.expires) {
			delete(s.tokens, old)
		}
	}
	s.tokens[id] = t
	return id, t.expires, nil
}

// SetUserinfoFromRequest fills the id_token.
func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, r op.IDTokenRequest,
	_ []string) error {
	return s.fill(info, r.GetSubject(), inIDToken)
}

// SetUserinfoFromToken answers userinfo.
func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, tokenID, _, _ string) error {
	s.mu.Lock()
	t, ok := s.tokens[tokenID]
	s.mu.Unlock()
	if !ok || time.Now().After(t.expires) {
		return oidc.ErrAccessDenied().WithDescription("the access token is unknown or has expired")
	}
	return s.fill(info, t.subject, nil)
}

// fill gives the claims of a person: those named, or all.
func (s *storage) fill(info *oidc.UserInfo, subject string, only []string) error {
	p, ok := s.person(subject)
	if !ok {
		return errUnknown
	}
	claims, err := p.claims()
	if err != nil {
		return err
	}
	info.Subject = subject
	for name, value := range claims {
		if only == nil || slices.Contains(only, name) {
			info.AppendClaims(name, value)
		}
	}
	return nil
}

func (s *storage) TerminateSession(_ context.Context, subject, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, t := range s.tokens {
		if t.subject == subject {
			delete(s.tokens, id)
		}
	}
	return nil
}

func (s *storage) RevokeToken(_ context.Context, tokenID, _, _ string) *oidc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, tokenID)
	return nil
}

func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != s.client.cfg.ClientID {
		return nil, errUnknown
	}
	return s.client, nil
}

func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	same := subtle.ConstantTimeCompare([]byte(secret), []byte(s.client.cfg.ClientSecret)) == 1
	if id != s.client.cfg.ClientID || !same {
		return oidc.ErrInvalidClient().WithDescription("wrong client id or secret")
	}
	return nil
}

func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

func (s *storage) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey{s.key}}, nil }

func (s *storage) Health(context.Context) error { return nil }
