package demostripe

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// maxBody is more than any call of the API needs.
const maxBody = 1 << 20

// fault is an error in Stripe's shape. It is never kept for an idempotency key when it refuses the
// parameters.
type fault struct {
	status  int
	Type    string `json:"type"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
	Param   string `json:"param,omitempty"`
}

func invalid(param, code, format string, args ...any) *fault {
	return &fault{
		status: http.StatusBadRequest, Type: "invalid_request_error", Code: code, Param: param,
		Message: fmt.Sprintf(format, args...),
	}
}

func missing(kind, id string) *fault {
	f := invalid("id", "resource_missing", "No such %s: '%s'", kind, id)
	f.status = http.StatusNotFound
	return f
}

// call is one authenticated request: its form or query, and the id in its path. The lock is held while it
// runs.
type call struct {
	id   string
	form url.Values
}

// object is a resource as it goes over the wire.
type object map[string]any

type operation func(call) (object, *fault)

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/checkout/sessions", s.api(s.createSession))
	mux.HandleFunc("GET /v1/checkout/sessions", s.api(s.listSessions))
	mux.HandleFunc("GET /v1/checkout/sessions/{id}", s.api(s.getSession))
	mux.HandleFunc("POST /v1/checkout/sessions/{id}/expire", s.api(s.expireSession))
	mux.HandleFunc("GET /v1/payment_intents/{id}", s.api(s.getIntent))
	mux.HandleFunc("GET /v1/charges/{id}", s.api(s.getCharge))
	mux.HandleFunc("POST /v1/refunds", s.api(s.createRefund))
	mux.HandleFunc("GET /v1/refunds", s.api(s.listRefunds))
	mux.HandleFunc("GET /v1/refunds/{id}", s.api(s.getRefund))
	mux.HandleFunc("/v1/", s.api(func(call) (object, *fault) {
		return nil, &fault{
			status: http.StatusNotFound, Type: "invalid_request_error",
			Message: "Unrecognized request URL",
		}
	}))
	s.pages(mux)
	return mux
}

// api authenticates, parses the form, replays a known idempotency key, runs the operation under the lock and
// answers.
func (s *Server) api(run operation) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		w.Header().Set("Request-Id", newID("req_"))
		if err := r.ParseForm(); err != nil {
			answer(w, nil, invalid("", "", "Invalid request body"))
			return
		}
		if !s.awake(r) {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.knobs.down != 0 {
			answer(w, nil, &fault{
				status: s.knobs.down, Type: "api_error",
				Message: "The service is away.",
			})
			return
		}
		if !s.authorised(r) {
			answer(w, nil, &fault{
				status: http.StatusUnauthorized, Type: "invalid_request_error",
				Message: "Invalid API Key provided",
			})
			return
		}
		c := call{id: r.PathValue("id"), form: r.Form}
		key := r.Header.Get("Idempotency-Key")
		if r.Method != http.MethodPost || key == "" {
			o, f := run(c)
			answer(w, o, f)
			return
		}
		s.once(w, key, fingerprint(r), func() (object, *fault) { return run(c) })
	}
}

// awake waits as long as the API hangs. It is false when who asked went away meanwhile, or the server closed.
func (s *Server) awake(r *http.Request) bool {
	s.mu.Lock()
	hung := s.knobs.hung
	s.mu.Unlock()
	if hung == nil {
		return true
	}
	select {
	case <-hung:
		return true
	case <-r.Context().Done():
	case <-s.life.Done():
	}
	return false
}

// once runs a write at most once for its key: the same request again gets the same answer, another request
// under the same key is an error. Refused parameters are not kept
// (https://docs.stripe.com/api/idempotent_requests).
func (s *Server) once(w http.ResponseWriter, key, print string, run func() (object, *fault)) {
	if kept, ok := s.book.Replays[key]; ok {
		if kept.Fingerprint != print {
			answer(w, nil, &fault{status: http.StatusBadRequest, Type: "idempotency_error",
				Message: "Keys for idempotent requests can only be used " +
					"with the same parameters they were first used with. Try using a key other than '" + key +
					"' if you meant to execute a different request."})
			return
		}
		w.Header().Set("Idempotent-Replayed", "true")
		write(w, kept.Status, kept.Body)
		return
	}
	o, f := run()
	if f == nil {
		var body bytes.Buffer
		encode(&body, o)
		s.book.Replays[key] = &replay{Fingerprint: print, Status: http.StatusOK, Body: body.Bytes()}
		s.keep()
	}
	answer(w, o, f)
}

// fingerprint covers method, path and parameters.
func fingerprint(r *http.Request) string {
	sum := sha256.Sum256([]byte(r.Method + " " + r.URL.Path + "\n" + r.PostForm.Encode()))
	return hex.EncodeToString(sum[:])
}

func (s *Server) authorised(r *http.Request) bool {
	key, _, basic := r.BasicAuth()
	if !basic {
		key = r.Header.Get("Authorization")
		const bearer = "Bearer "
		if len(key) < len(bearer) || key[:len(bearer)] != bearer {
			return false
		}
		key = key[len(bearer):]
	}
	return subtle.ConstantTimeCompare([]byte(key), []byte(s.config.SecretKey)) == 1
}

// keep saves the book; the lock is held. A disk that is full must not look like a payment that failed.
func (s *Server) keep() {
	if err := s.book.save(); err != nil {
		s.config.Log.Error("demostripe state not saved", "error", err)
	}
}

func answer(w http.ResponseWriter, o object, f *fault) {
	var body bytes.Buffer
	if f != nil {
		encode(&body, object{"error": f})
		write(w, f.status, body.Bytes())
		return
	}
	encode(&body, o)
	write(w, http.StatusOK, body.Bytes())
}

// encode cannot fail: an object holds strings, numbers, slices and maps of them.
func encode(body *bytes.Buffer, o any) {
	if err := json.NewEncoder(body).Encode(o); err != nil {
		panic(err)
	}
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client went away: it will repeat
}
