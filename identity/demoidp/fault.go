package demoidp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	jose "github.com/go-jose/go-jose/v4"
)

// Fault is a way in which the provider misbehaves, so that a client can be shown to refuse it.
type Fault string

// The faults. Each changes the answer to the exchange of a code, or to userinfo, and nothing else.
const (
	NoFault       Fault = ""
	WrongNonce    Fault = "wrong nonce"    // the id_token belongs to another login
	ExpiredToken  Fault = "expired token"  // the id_token expired an hour ago
	WrongAudience Fault = "wrong audience" // the id_token was made for another client
	WrongIssuer   Fault = "wrong issuer"   // the id_token names another provider
	ForeignKey    Fault = "foreign key"    // the id_token is signed by a key that the JWKS does not hold
	NoSignature   Fault = "no signature"   // the id_token says alg none
	WrongSubject  Fault = "wrong subject"  // userinfo speaks of somebody else
	NoUserinfo    Fault = "no userinfo"    // userinfo answers 500
	Overloaded    Fault = "overloaded"     // the exchange of the code answers 503
)

// Inject makes the provider misbehave from now on, until NoFault is injected.
func (s *Server) Inject(f Fault) { s.fault.Store(f) }

// faulty lets the injected fault spoil the provider's answers.
func (s *Server) faulty(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fault := s.fault.Load().(Fault)
		token, info := r.URL.Path == s.provider.TokenEndpoint().Relative(),
			r.URL.Path == s.provider.UserinfoEndpoint().Relative()
		switch {
		case token && fault == Overloaded:
			http.Error(w, "overloaded", http.StatusServiceUnavailable)
		case info && fault == NoUserinfo:
			http.Error(w, "broken", http.StatusInternalServerError)
		case token && fault != NoFault, info && fault == WrongSubject:
			answer := &recorder{header: http.Header{}, status: http.StatusOK}
			next.ServeHTTP(answer, r)
			s.sendSpoiled(w, answer, fault)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (s *Server) sendSpoiled(w http.ResponseWriter, answer *recorder, fault Fault) {
	body := answer.body.Bytes()
	if answer.status == http.StatusOK {
		var err error
		if body, err = s.spoil(body, fault); err != nil {
			s.log.Error("demonstration identity provider could not spoil an answer", "error", err)
			http.Error(w, "broken", http.StatusInternalServerError)
			return
		}
	}
	w.Header().Set("Content-Type", answer.header.Get("Content-Type"))
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(answer.status)
	_, _ = w.Write(body)
}

// spoil changes a JSON answer: userinfo's subject, or a claim or the signature of the id_token.
func (s *Server) spoil(body []byte, fault Fault) ([]byte, error) {
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("demoidp: answer is not JSON: %w", err)
	}
	if fault == WrongSubject {
		if _, isUserinfo := answer["sub"]; isUserinfo {
			answer["sub"] = "somebody-else"
		}
		return json.Marshal(answer)
	}
	signed, ok := answer["id_token"].(string)
	if !ok {
		return body, nil
	}
	spoiled, err := s.spoilToken(signed, fault)
	if err != nil {
		return nil, err
	}
	answer["id_token"] = spoiled
	return json.Marshal(answer)
}

func (s *Server) spoilToken(signed string, fault Fault) (string, error) {
	parsed, err := jose.ParseSignedCompact(signed, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return "", fmt.Errorf("demoidp: own id_token: %w", err)
	}
	var claims map[string]any
	if err := json.Unmarshal(parsed.UnsafePayloadWithoutVerification(), &claims); err != nil {
		return "", fmt.Errorf("demoidp: own id_token: %w", err)
	}
	key := s.store.key
	switch fault {
	case WrongNonce:
		claims["nonce"] = "nonce-of-another-login"
	case ExpiredToken:
		claims["exp"] = time.Now().Add(-time.Hour).Unix()
	case WrongAudience:
		claims["aud"], claims["azp"] = []string{"another-client"}, "another-client"
	case WrongIssuer:
		claims["iss"] = "https://idp.example"
	case ForeignKey:
		if key, err = newKey(); err != nil {
			return "", err
		}
		key.id = s.store.key.id // it claims to be the known key
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("demoidp: spoiled id_token: %w", err)
	}
	if fault == NoSignature {
		return unsigned(payload), nil
	}
	return sign(payload, key)
}

// recorder keeps an answer so that it can be changed before it is sent.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
