// Package backoffice is the REST front door, /api/v1, by which the one-stop
// systems of the agencies read dossiers and say what became of them. Its contract
// is openapi.yaml, which is served with it. A handler parses, calls the desk or a
// read function, and answers; it holds no SQL and no rule of status.
package backoffice

import (
	_ "embed" // openapi.yaml
	"log/slog"
	"time"

	"congdvc/services/desk"
	"congdvc/services/onestop"
	"congdvc/services/throttle"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Config is what the front door needs. Every field is required.
type Config struct {
	Desk    *desk.Desk
	Pool    *pgxpool.Pool
	Limiter *throttle.Limiter
	Now     func() time.Time
	Log     *slog.Logger
}

// Backoffice answers the one-stop systems.
type Backoffice struct{ Config }

// New gives the front door; Mount opens it.
func New(c Config) *Backoffice { return &Backoffice{c} }

//go:embed openapi.yaml
var contract []byte

// perMinute is how many calls a key may make in a minute.
const perMinute = 1200

const (
	prefix    = "/api/v1"
	jsonBody  = 256 << 10                   // largest body of a call without a file
	multiBody = desk.ResultLimit + jsonBody // of one with a file
)

// route is one row of the table of calls.
type route struct {
	method, path string        // path is below /api/v1
	scope        onestop.Scope // what the key must allow; "" = no key is asked for
	handle       func(*Backoffice, *call) error
	multipart    bool          // the handler reads the body, which holds a file
	timeout      time.Duration // of the work; ten seconds when zero
}

// routes is every call, in one table.
var routes = []route{
	{method: "GET", path: "/openapi.yaml", handle: (*Backoffice).getContract},
	{method: "GET", path: "/procedures/:code/schema", handle: (*Backoffice).getFormSchema},

	{method: "GET", path: "/feed", scope: onestop.Feed, handle: (*Backoffice).getFeed,
		timeout: onestop.MaxWait + 10*time.Second},
	{method: "GET", path: "/push-attempts", scope: onestop.Feed, handle: (*Backoffice).getAttempts},
	{method: "POST", path: "/replays", scope: onestop.Feed, handle: (*Backoffice).postReplay},

	{method: "GET", path: "/dossiers/:code", scope: onestop.Read, handle: (*Backoffice).getDossier},
	{method: "GET", path: "/dossiers/:code/revisions/:number", scope: onestop.Read,
		handle: (*Backoffice).getRevision},
	{method: "GET", path: "/dossiers/:code/revisions/:number/readable", scope: onestop.Read,
		handle: (*Backoffice).getReadable},
	{method: "GET", path: "/dossiers/:code/revisions/:number/files/:file", scope: onestop.Read,
		handle: (*Backoffice).getFile},

	{method: "POST", path: "/dossiers/:code/acknowledge", scope: onestop.Write,
		handle: (*Backoffice).postAcknowledge},
	{method: "POST", path: "/dossiers/:code/receive", scope: onestop.Write,
		handle: (*Backoffice).postReceive},
	{method: "POST", path: "/dossiers/:code/refuse", scope: onestop.Write, handle: (*Backoffice).postRefuse},
	{method: "POST", path: "/dossiers/:code/process", scope: onestop.Write,
		handle: (*Backoffice).postProcess},
	{method: "POST", path: "/dossiers/:code/notes", scope: onestop.Write, handle: (*Backoffice).postNote},
	{method: "POST", path: "/dossiers/:code/supplements", scope: onestop.Write,
		handle: (*Backoffice).postSupplement},
	{method: "POST", path: "/dossiers/:code/payments", scope: onestop.Write,
		handle: (*Backoffice).postPayment},
	{method: "POST", path: "/dossiers/:code/withdrawal", scope: onestop.Write,
		handle: (*Backoffice).postWithdrawal},
	{method: "POST", path: "/dossiers/:code/result-codes", scope: onestop.Write,
		handle: (*Backoffice).postResultCode},
	{method: "POST", path: "/dossiers/:code/results", scope: onestop.Write, handle: (*Backoffice).postResult,
		multipart: true, timeout: time.Minute},
}

// Mount registers every call below /api of an app. It has to come before routes
// that match everything. The app must stream bodies and leave multipart bodies to
// the handlers: fiber.Config{StreamRequestBody: true, DisablePreParseMultipartForm: true}.
func (b *Backoffice) Mount(app *fiber.App) {
	api := app.Group("/api", b.answerErrors)
	methods := map[string][]string{}
	for _, r := range routes {
		api.Add(r.method, "/v1"+r.path, b.serve(r))
		methods[r.path] = append(methods[r.path], r.method)
	}
	for path, allowed := range methods {
		api.All("/v1"+path, wrongMethod(allowed))
	}
	api.Use(nowhere)
}

func (b *Backoffice) getContract(v *call) error {
	v.Set(fiber.HeaderContentType, "application/yaml")
	v.Set(fiber.HeaderCacheControl, "no-cache")
	return v.Send(contract)
}
