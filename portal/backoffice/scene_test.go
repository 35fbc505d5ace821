package backoffice

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"congdvc/services/desk/desktest"
	"congdvc/services/onestop"
	"congdvc/services/throttle"

	"github.com/alicebob/miniredis/v2"
	"github.com/gofiber/fiber/v2"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/redis/go-redis/v9"
)

// scene is a province with its front door open. Whatever passes through is held to
// the contract: every answer is as the document says, and whatever was accepted is
// what the document allows.
type scene struct {
	*desktest.Province
	t       testing.TB
	app     *fiber.App
	url     string // through the check of the contract
	redis   *miniredis.Miniredis
	limiter *throttle.Limiter
	check   validator.Validator
	mu      sync.Mutex // the validator's caches
}

func newScene(t testing.TB) *scene {
	t.Helper()
	s := &scene{Province: desktest.New(t, desktest.Options{}), t: t, redis: miniredis.RunT(t),
		check: newValidator(t)}
	client := redis.NewClient(&redis.Options{Addr: s.redis.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	s.limiter = throttle.New(client)
	app := fiber.New(fiber.Config{
		Immutable: true, StreamRequestBody: true, DisablePreParseMultipartForm: true,
		DisableStartupMessage: true, ErrorHandler: func(c *fiber.Ctx, err error) error {
			t.Errorf("an error came out of the front door: %v", err)
			return c.SendStatus(http.StatusInternalServerError)
		},
	})
	waiters := onestop.NewWaiters(s.Pool, slog.New(slog.DiscardHandler))
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { waiters.Run(ctx); close(ended) }()
	t.Cleanup(func() { end(); <-ended })
	New(Config{Desk: s.Desk, Pool: s.Pool, Limiter: s.limiter, Waiters: waiters, Now: s.Clock.Now,
		Log: slog.New(slog.DiscardHandler)}).Mount(app)
	app.Use(func(c *fiber.Ctx) error {
		return c.Status(http.StatusTeapot).SendString("a page of the portal")
	})
	s.app = app
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(listener) }()
	t.Cleanup(func() { _ = app.Shutdown() })
	front := httptest.NewServer(s.contracted("http://" + listener.Addr().String()))
	t.Cleanup(front.Close)
	s.url = front.URL
	return s
}

// contracted passes calls on and holds both directions to the document.
func (s *scene) contracted(target string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		out, err := http.NewRequestWithContext(r.Context(), r.Method, target+r.URL.RequestURI(),
			bytes.NewReader(body))
		if err != nil {
			s.t.Error(err)
			return
		}
		out.Header = r.Header.Clone()
		if r.ContentLength < 0 {
			out.ContentLength = -1
		}
		response, err := http.DefaultTransport.RoundTrip(out)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		answer, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			s.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		}
		s.hold(r, body, response, answer)
		for name, values := range response.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(response.StatusCode)
		_, _ = w.Write(answer)
	})
}

// hold validates one exchange of the interface; pages of the portal pass.
func (s *scene) hold(r *http.Request, body []byte, response *http.Response, answer []byte) {
	if response.StatusCode == http.StatusTeapot {
		return
	}
	if response.StatusCode >= 400 {
		var p onestop.Problem
		if err := json.Unmarshal(answer, &p); err != nil || p.Status != response.StatusCode || p.Type == "" ||
			p.Title == "" || p.Detail == "" ||
			strings.Contains(p.Title+p.Detail, "⟦") ||
			p.Instance != "urn:congdvc:request:"+response.Header.Get("X-Request-Id") {
			s.t.Errorf("%s %s: problem %s", r.Method, r.URL.Path, answer)
		}
		if p.Type == onestop.ProblemType(errNowhere.Key) || p.Type == onestop.ProblemType(errMethod.Key) {
			return // there is no operation to hold it to
		}
	}
	s.spelled(r, answer)
	s.mu.Lock()
	defer s.mu.Unlock()
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	response.Body = io.NopCloser(bytes.NewReader(answer))
	ok, faults := s.check.ValidateHttpResponse(again, response)
	if response.StatusCode < 400 && !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		again.Body = io.NopCloser(bytes.NewReader(body))
		allowed, more := s.check.ValidateHttpRequest(again)
		ok, faults = ok && allowed, append(faults, more...)
	}
	if !ok {
		for _, f := range faults {
			s.t.Errorf("%s %s %d is not as the contract says: %s: %s %v\n%s", r.Method, r.URL,
				response.StatusCode, f.Message, f.Reason, f.SchemaValidationErrors, answer)
		}
	}
}

var (
	anyInstant = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d`)
	oneInstant = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	itself     = regexp.MustCompile(`/revisions/\d+$`) // the bytes that were hashed
)

// spelled holds every instant of a JSON answer to the one spelling.
func (s *scene) spelled(r *http.Request, answer []byte) {
	var value any
	if itself.MatchString(r.URL.Path) || json.Unmarshal(answer, &value) != nil {
		return
	}
	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			for name, inner := range v {
				if name != "office_code" { // the caller's own text
					walk(inner)
				}
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		case string:
			if anyInstant.MatchString(v) && !oneInstant.MatchString(v) {
				s.t.Errorf("%s %s: an instant is spelled %s", r.Method, r.URL.Path, v)
			}
		}
	}
	walk(value)
}

const officer = "name=%C4%90%E1%BB%97%20V%C4%83n%20H%C3%B9ng&title=C%C3%B4ng%20ch%E1%BB%A9c" +
	"&unit=UBND%20ph%C6%B0%E1%BB%9Dng%20Hoa%20L%C6%B0&phone=02293871000"

// request is one call of a test; the zero value of a member is what a right call has.
type request struct {
	method, path, body string
	header             map[string]string // "" leaves a header out
	stream             bool              // without a Content-Length
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) problem(t testing.TB) (p onestop.Problem) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		t.Fatalf("%d %s", r.status, r.body)
	}
	return p
}

func (r reply) dossier(t testing.TB) (d onestop.Dossier) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), &d); err != nil || r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	return d
}

var calls struct {
	sync.Mutex
	n int
}

// uniqueKey is an Idempotency-Key that no other call has.
func uniqueKey() string {
	calls.Lock()
	defer calls.Unlock()
	calls.n++
	return fmt.Sprintf("call-%d", calls.n)
}

func (s *scene) call(t testing.TB, r request) reply {
	t.Helper()
	if r.method == "" {
		r.method = http.MethodGet
	}
	var body io.Reader = strings.NewReader(r.body)
	if r.stream {
		body = struct{ io.Reader }{body}
	}
	if r.method == http.MethodGet && r.body == "" {
		body = nil
	}
	out, err := http.NewRequestWithContext(t.Context(), r.method, s.url+prefix+r.path, body)
	if err != nil {
		t.Fatal(err)
	}
	out.Header.Set("Authorization", "Bearer "+s.Key)
	out.Header.Set("Actor", officer)
	if r.method == http.MethodPost {
		out.Header.Set("Content-Type", "application/json")
		out.Header.Set("Idempotency-Key", uniqueKey())
	}
	for name, value := range r.header {
		if value == "" {
			out.Header.Del(name)
			continue
		}
		out.Header.Set(name, value)
	}
	in, err := http.DefaultClient.Do(out)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Body.Close()
	raw, err := io.ReadAll(in.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{in.StatusCode, in.Header, string(raw)}
}

func (s *scene) post(t testing.TB, path, body string) reply {
	t.Helper()
	return s.call(t, request{method: http.MethodPost, path: path, body: body})
}

// at is the path of a dossier and what is below it.
func at(code any, rest ...string) string {
	return "/dossiers/" + url.PathEscape(fmt.Sprint(code)) + strings.Join(rest, "")
}

// sequenced numbers what was appended.
func (s *scene) sequenced(t testing.TB) {
	t.Helper()
	if _, err := onestop.Sequence(t.Context(), s.Pool); err != nil {
		t.Fatal(err)
	}
}
