package backoffice

import (
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"congdvc/portal/transfer"
	"congdvc/services/onestop"

	"github.com/gofiber/fiber/v2"
)

const prefix = "/api/v1"

// route is one row of the table of calls.
type route struct {
	method, path string        // path is below /api/v1
	scope        onestop.Scope // what the key must allow
	handle       func(*Backoffice, *call) error
	manner
}

// methods are those that the call answers.
func (r route) methods() []string {
	if r.method == fiber.MethodGet {
		return []string{fiber.MethodGet, fiber.MethodHead}
	}
	return []string{r.method}
}

// noKey is the scope of a call that anybody may make.
const noKey onestop.Scope = ""

// manner says how the body of a call is read, how long its work may take beside the way of its body, and what
// else is true of some calls only.
type manner struct {
	body    bodyReader
	timeout time.Duration
	takes   []string // the query parameters; any other is refused
	ends    *ending  // nil for a call that stays
}

var (
	usual    = manner{body: readFirst, timeout: 10 * time.Second}
	awaiting = manner{body: readFirst, timeout: onestop.MaxWait + 10*time.Second}
	asking   = manner{body: readFirst, timeout: 25 * time.Second} // an endpoint, which may take ten
	withFile = manner{body: readByHandler, timeout: 10 * time.Second}
)

// taking is the manner of a call with query parameters.
func (m manner) taking(names ...string) manner { m.takes = names; return m }

// ending is the manner of a call that will go.
func (m manner) ending(e ending) manner { m.ends = &e; return m }

// bodyReader says who reads the body of a call.
type bodyReader int

const (
	readFirst     bodyReader = iota // it is small, and read whole before the handler is called
	readByHandler                   // a file is in it, or it is one
)

// routes is every call, in one table.
var routes = []route{
	{"GET", "/openapi.yaml", noKey, (*Backoffice).getContract, usual},
	{"GET", "/procedures/:code/schema", noKey, (*Backoffice).getFormSchema, usual},

	{"GET", "/feed", onestop.Feed, (*Backoffice).getFeed, awaiting.taking("after", "limit", "wait")},
	{"GET", "/push-attempts", onestop.Feed, (*Backoffice).getAttempts,
		usual.taking("before", "limit", "dossier", "outcome")},
	{"GET", "/deliveries", onestop.Feed, (*Backoffice).getDeliveries,
		usual.taking("after", "limit", "dossier", "state")},
	{"GET", "/parked-dossiers", onestop.Feed, (*Backoffice).getParked, usual.taking("after", "limit")},
	{"POST", "/replays", onestop.Feed, (*Backoffice).postReplay, usual},

	{"GET", "/connection", onestop.Feed, (*Backoffice).getConnection, usual},
	{"POST", "/connection/endpoint", onestop.Manage, (*Backoffice).postEndpoint, asking},
	{"POST", "/connection/challenge", onestop.Manage, (*Backoffice).postChallenge, asking},
	{"POST", "/connection/secret", onestop.Manage, (*Backoffice).postSecret, usual},
	{"POST", "/connection/pause", onestop.Manage, (*Backoffice).postPause, usual},
	{"POST", "/connection/resume", onestop.Manage, (*Backoffice).postResume, usual},

	{"GET", "/dossiers", onestop.Read, (*Backoffice).getDossiers,
		usual.taking(append(slices.Clone(listFilters), "after", "limit")...)},
	{"GET", "/dossier-counts", onestop.Read, (*Backoffice).getDossierCounts, usual.taking(listFilters...)},
	{"GET", "/dossiers/:code", onestop.Read, (*Backoffice).getDossier, usual},
	{"GET", "/dossiers/:code/revisions/:number", onestop.Read, (*Backoffice).getRevision, usual},
	{"GET", "/dossiers/:code/revisions/:number/readable", onestop.Read, (*Backoffice).getReadable, usual},
	{"GET", "/dossiers/:code/revisions/:number/difference", onestop.Read, (*Backoffice).getDifference,
		usual.taking("from")},
	{"GET", "/dossiers/:code/revisions/:number/files/:file", onestop.Read, (*Backoffice).getFile, usual},

	{"POST", "/dossiers/:code/acknowledge", onestop.Write, (*Backoffice).postAcknowledge, usual},
	{"POST", "/dossiers/:code/receive", onestop.Write, (*Backoffice).postReceive, usual},
	{"POST", "/dossiers/:code/refuse", onestop.Write, (*Backoffice).postRefuse, usual},
	{"POST", "/dossiers/:code/process", onestop.Write, (*Backoffice).postProcess, usual},
	{"POST", "/dossiers/:code/notes", onestop.Write, (*Backoffice).postNote, usual},
	{"POST", "/dossiers/:code/supplements", onestop.Write, (*Backoffice).postSupplement, usual},
	{"POST", "/dossiers/:code/payments", onestop.Write, (*Backoffice).postPayment, usual},
	{"POST", "/dossiers/:code/withdrawal", onestop.Write, (*Backoffice).postWithdrawal, usual},
	{"POST", "/dossiers/:code/result-codes", onestop.Write, (*Backoffice).postResultCode, usual},
	{"POST", "/dossiers/:code/result-files", onestop.Write, (*Backoffice).postResultFile, withFile},
	{"POST", "/dossiers/:code/results", onestop.Write, (*Backoffice).postResult, withFile},
}

// Mount registers every call below /api of an app. What can be read is also answered to HEAD, without a
// record. It has to come before routes that match everything. The
// app must stream bodies, and leave multipart bodies to the handlers:
// fiber.Config{StreamRequestBody: true, DisablePreParseMultipartForm: true}.
func (b *Backoffice) Mount(app *fiber.App) {
	api := app.Group("/api", b.answerErrors)
	methods := map[string][]string{}
	for _, r := range routes {
		for _, method := range r.methods() {
			api.Add(method, "/v1"+r.path, b.serve(r))
			methods[r.path] = append(methods[r.path], method)
		}
	}
	for path, allowed := range methods {
		api.All("/v1"+path, wrongMethod(allowed))
	}
	api.Use(nowhere)
}

// serve admits a caller, reads the body and lets the handler answer. Nothing is read of a caller without a
// key, and a call for which none is needed has no body.
func (b *Backoffice) serve(r route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		defer transfer.Bound(c, r.timeout)()
		c.Set(fiber.HeaderCacheControl, "no-store")
		c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
		r.ends.announce(c)
		v := &call{Ctx: c, door: b, now: b.Now()}
		if r.scope != noKey {
			if err := b.admit(v, r); err != nil {
				return err
			}
		}
		if _, err := v.query(r.takes...); err != nil {
			return err
		}
		if r.scope == noKey {
			return r.handle(b, v)
		}
		body, err := b.receive(c, r, v.key.ID)
		if err != nil {
			return err
		}
		defer body.Free()
		return r.handle(b, v)
	}
}

// recovered turns a panic of a handler into an error.
func (b *Backoffice) recovered(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("backoffice: panic: %v\n%s", r, debug.Stack())
		}
	}()
	return c.Next()
}
