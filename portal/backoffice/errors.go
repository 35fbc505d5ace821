package backoffice

import (
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"congdvc/i18n"
	"congdvc/portal/transfer"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/filestore"
	"congdvc/services/onestop"
	"congdvc/services/postgres"

	"github.com/gofiber/fiber/v2"
)

// Faults of a request itself.
var (
	errActor          = fault.New(fault.Invalid, "backoffice.actor")
	errIdempotencyKey = fault.New(fault.Invalid, "backoffice.idempotency_key")
	errIfMatch        = fault.New(fault.Invalid, "backoffice.if_match")
	errParameter      = fault.New(fault.Invalid, "backoffice.parameter")
	errRange          = fault.New(fault.Invalid, "backoffice.range")
	errMediaType      = fault.New(fault.Invalid, "backoffice.media_type")
	errJSON           = fault.New(fault.Invalid, "backoffice.json")
	errMember         = fault.New(fault.Invalid, "backoffice.unknown_member")
	errMemberType     = fault.New(fault.Invalid, "backoffice.member_type")
	errMemberTwice    = fault.New(fault.Invalid, "backoffice.duplicate_member")
	errMultipart      = fault.New(fault.Invalid, "backoffice.multipart")
	errDigest         = fault.New(fault.Invalid, "backoffice.digest")
	errCutOff         = fault.New(fault.Invalid, "backoffice.cut_off")
	errTooLarge       = fault.New(fault.TooLarge, "backoffice.too_large")
	errNowhere        = fault.New(fault.NotFound, "backoffice.nowhere")
	errNoForm         = fault.New(fault.NotFound, "backoffice.no_form")
	errMethod         = fault.New(fault.Invalid, "backoffice.method")
	errAway           = fault.New(fault.Unavailable, "backoffice.away")
	errBusy           = fault.New(fault.Unavailable, "backoffice.busy")
	errAtOnce         = fault.New(fault.TooMany, "backoffice.at_once")
	errBroken         = fault.New(fault.Unavailable, "backoffice.broken")
	errHead           = fault.New(fault.Invalid, "backoffice.head")
	errHeadTooLarge   = fault.New(fault.TooLarge, "backoffice.head_too_large")
	errSlow           = fault.New(fault.Invalid, "backoffice.slow")
	errEncoded        = fault.New(fault.Invalid, "backoffice.encoded")
)

// byKind is the HTTP status of a kind of fault. A fault that has its own in byKey takes that.
var byKind = map[fault.Kind]int{
	fault.Invalid: 422, fault.NotFound: 404, fault.Conflict: 409, fault.Forbidden: 403,
	fault.Unauthenticated: 401, fault.TooLarge: 413, fault.TooMany: 429, fault.Unavailable: 503,
	fault.Gone: 410,
}

var byKey = map[string]int{
	errActor.Key: 400, errIdempotencyKey.Key: 400, errIfMatch.Key: 400, errParameter.Key: 400,
	errJSON.Key: 400, errMemberTwice.Key: 400, errMultipart.Key: 400, errCutOff.Key: 400,
	onestop.ErrCursor.Key: 400, errMethod.Key: 405, errMediaType.Key: 415, errRange.Key: 416,
	desk.ErrStale.Key: 412, errBroken.Key: 500, errHead.Key: 400, errHeadTooLarge.Key: 431,
	errSlow.Key: 408, errEncoded.Key: 415,
}

// called are the faults of a transfer as the contract knows them, by their keys.
var called = map[string]*fault.Fault{
	transfer.ErrRange.Key: errRange, transfer.ErrPrecondition.Key: desk.ErrStale,
	transfer.ErrCut.Key: errCutOff, transfer.ErrStopping.Key: errAway, filestore.ErrAway.Key: errAway,
}

// spoken gives other words to faults whose own text is written for a citizen, by their keys.
var spoken = map[string]string{dossier.ErrNotFound.Key: "backoffice.dossier_not_found"}

func detail(l i18n.Lang, f *fault.Fault) string {
	if key, at := onestop.Bound(f); key != "" {
		return i18n.T(l, key, "At", at)
	}
	if key := spoken[f.Key]; key != "" {
		return i18n.T(l, key)
	}
	return i18n.Fault(l, f)
}

// retryAfter is how many seconds a caller should wait when something is away.
const retryAfter = 10

const (
	requestIDKey = "request_id" // set by the portal around us as well
	knownKey     = "backoffice_known"
)

// answerErrors gives the request an id. It turns every error below /api into a problem (RFC 9457), so that
// the error handler of the app is not asked.
func (b *Backoffice) answerErrors(c *fiber.Ctx) error {
	if !ours(c) {
		return c.Next()
	}
	if id, _ := c.Locals(requestIDKey).(string); id == "" {
		c.Locals(requestIDKey, postgres.NewID())
	}
	c.Set(fiber.HeaderXRequestID, requestID(c))
	tellContract(c)
	if path, err := url.PathUnescape(c.Path()); err != nil || !postgres.IsText(path) {
		return b.handleError(c, errNowhere)
	}
	if err := b.recovered(c); err != nil {
		return b.handleError(c, err)
	}
	return nil
}

// Owns reports whether the errors of a path are problems.
func Owns(path string) bool {
	path = strings.ToLower(path)
	return path == "/api" || strings.HasPrefix(path, "/api/")
}

// Refuse answers with a problem what failed before any call was looked for, by the status of the failure: 400
// for a malformed head, 404 and 405 for what no door answers, 408 for a slow head, 413 for a body beyond
// every limit, 415 for a compressed one, 431 for a head that is too large, 503 for an outage; any other is a
// failure of the portal.
func Refuse(c *fiber.Ctx, status int) error {
	reason := errBroken
	switch status {
	case fiber.StatusBadRequest:
		reason = errHead
	case fiber.StatusNotFound:
		reason = errNowhere
	case fiber.StatusMethodNotAllowed:
		reason = errMethod
	case fiber.StatusRequestTimeout:
		reason = errSlow
	case fiber.StatusRequestEntityTooLarge:
		reason = errTooLarge.With("Bytes", int64(multiBody))
	case fiber.StatusUnsupportedMediaType:
		reason = errEncoded
	case fiber.StatusRequestHeaderFieldsTooLarge:
		reason = errHeadTooLarge
	case fiber.StatusServiceUnavailable:
		reason = errAway
	}
	c.Set(fiber.HeaderXRequestID, requestID(c))
	tellContract(c)
	return sendProblem(c, statusOf(reason), fault.List{reason})
}

// ours tells /api and what is below it from paths that only begin with these letters.
func ours(c *fiber.Ctx) bool { return Owns(c.Path()) }

func requestID(c *fiber.Ctx) string { id, _ := c.Locals(requestIDKey).(string); return id }

func nowhere(c *fiber.Ctx) error {
	if !ours(c) {
		return c.Next()
	}
	return errNowhere
}

func wrongMethod(allowed []string) fiber.Handler {
	allow := strings.Join(append(allowed, fiber.MethodOptions), ", ")
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderAllow, allow)
		if c.Method() == fiber.MethodOptions {
			c.Status(fiber.StatusNoContent)
			return nil
		}
		return errMethod
	}
}

// handleError alone turns an error into an answer.
func (b *Backoffice) handleError(c *fiber.Ctx, err error) error {
	finish(c)
	faults := fault.All(err)
	if len(faults) == 0 {
		switch {
		case postgres.NotText(err):
			faults = fault.List{onestop.ErrValue.From(err)}
		case postgres.Away(err):
			faults = fault.List{errAway.From(err)}
		default:
			faults = fault.List{errBroken.From(err)}
		}
	}
	for i, f := range faults {
		if own := called[f.Key]; own != nil {
			faults[i] = own.At(f.Field).From(f.Cause)
		}
	}
	first := faults[0]
	status := statusOf(first)
	if errors.Is(first, errCutOff) {
		b.Log.InfoContext(c.UserContext(), "body cut off", "request", requestID(c), "method", c.Method(),
			"route", c.Route().Path, "error", err.Error())
	}
	if status >= 500 {
		b.Log.ErrorContext(c.UserContext(), "call failed", "request", requestID(c), "method", c.Method(),
			"route", c.Route().Path, "status", status, "error", err.Error())
	}
	switch status {
	case fiber.StatusUnauthorized:
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="congdvc"`)
	case fiber.StatusTooManyRequests, fiber.StatusServiceUnavailable:
		seconds, ok := first.Args["Seconds"].(int64)
		if !ok {
			seconds = retryAfter
		}
		c.Set(fiber.HeaderRetryAfter, strconv.FormatInt(seconds, 10))
	}
	return sendProblem(c, status, faults)
}

func statusOf(f *fault.Fault) int {
	if status := byKey[f.Key]; status != 0 {
		return status
	}
	if f.Kind == fault.Invalid && isHeader(f) {
		return fiber.StatusBadRequest
	}
	if status := byKind[f.Kind]; status != 0 {
		return status
	}
	return fiber.StatusInternalServerError
}

// title is the message key of a status.
func title(status int) string { return "backoffice.title." + strconv.Itoa(status) }

// isHeader reports whether a fault is about a header: its Field begins with a capital. Of members only an
// unknown one, or one that is there twice, can begin so.
func isHeader(f *fault.Fault) bool {
	return f.Field != "" && f.Field[0] >= 'A' && f.Field[0] <= 'Z' && f.Key != errMember.Key &&
		f.Key != errMemberTwice.Key
}

func sendProblem(c *fiber.Ctx, status int, faults fault.List) error {
	l, first := lang(c), faults[0]
	p := onestop.Problem{
		Type: onestop.ProblemType(first.Key), Title: i18n.T(l, title(status)), Status: status,
		Detail: detail(l, first), Instance: "urn:congdvc:request:" + requestID(c),
	}
	for _, f := range faults {
		if f.Field == "" {
			continue
		}
		one := onestop.ProblemField{Type: onestop.ProblemType(f.Key), Detail: detail(l, f)}
		if isHeader(f) || errors.Is(f, errParameter) || errors.Is(f, onestop.ErrCursor) {
			one.Parameter = f.Field
		} else {
			one.Pointer = pointer(f.Field)
		}
		p.Errors = append(p.Errors, one)
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	c.Status(status)
	c.Set(fiber.HeaderContentType, onestop.ProblemMediaType)
	c.Set(fiber.HeaderContentLanguage, string(l))
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Response().Header.Del(fiber.HeaderETag)
	c.Response().Header.Del(headerReprDigest)
	return c.Send(body)
}

// pointer writes a member's path as a JSON Pointer (RFC 6901). All that follows the first dot is one step,
// since ids of form fields contain dots.
func pointer(field string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	member, rest, deep := strings.Cut(field, ".")
	out := "/" + escape.Replace(member)
	if deep {
		out += "/" + escape.Replace(rest)
	}
	return out
}
