package backoffice

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"reflect"
	"slices"
	"strings"

	"congdvc/portal/intake"
	"congdvc/portal/transfer"
	"congdvc/services/desk"
	"congdvc/services/fault"

	"github.com/gofiber/fiber/v2"
)

const (
	jsonBody  = 256 << 10                   // largest body of a call without a file, in bytes
	multiBody = desk.ResultLimit + jsonBody // of one with a file
)

// receive takes the body of a caller who is known. One that is too large is refused before it is read, where
// its length is declared. A body without a file is read whole. Errors: errTooLarge, errCutOff, errBusy,
// errAtOnce.
func (b *Backoffice) receive(c *fiber.Ctx, r route, key string) (*intake.Body, error) {
	limit, from := int64(jsonBody), intake.Program(key)
	if r.body == readByHandler {
		limit = multiBody
	}
	declared := max(int64(c.Request().Header.ContentLength()), -1)
	if declared > limit {
		return nil, errTooLarge.With("Bytes", limit)
	}
	stream := transfer.Body(c)
	if stream == nil {
		return nil, nil
	}
	if r.body == readByHandler {
		held, err := b.Budget.Hold(intake.Streaming, from)
		return held, intakeFault(err, limit)
	}
	body, err := b.Budget.Read(stream, declared, limit, from)
	if err != nil {
		return nil, intakeFault(err, limit)
	}
	c.Request().SetBodyRaw(body.Bytes)
	return body, nil
}

func intakeFault(err error, limit int64) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, intake.ErrTooLarge):
		return errTooLarge.With("Bytes", limit)
	case errors.Is(err, intake.ErrFull):
		return errBusy.From(err)
	case errors.Is(err, intake.ErrShare):
		return errAtOnce.From(err)
	}
	return readFault(err)
}

// readFault is what is told when a body ends early or is too long.
func readFault(err error) error {
	if len(fault.All(err)) > 0 { // of the stream itself too, which says when it was cut
		return err
	}
	// Only the words of the cause are kept. With an io.ErrUnexpectedEOF inside, a later reader would take
	// this for the end of a short file.
	return errCutOff.From(errors.New(err.Error()))
}

// limited reads up to a limit. Beyond it, it fails with errTooLarge where io.LimitReader would say io.EOF.
type limited struct {
	reader      io.Reader
	left, limit int64
}

func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.reader.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge.With("Bytes", l.limit)
	}
	return n, err
}

// finish reads what is left of a body that was refused, since a sender that is cut off would not see the
// answer. It reads much from a caller with a key, little from anybody else. Whoever sends more than that is
// cut off.
func finish(c *fiber.Ctx) {
	most := int64(jsonBody)
	if known, _ := c.Locals(knownKey).(bool); known {
		most = 4 * multiBody
	}
	transfer.Drain(c, most)
}

// isMedia reports whether a Content-Type says that media type, whatever its parameters.
func isMedia(contentType, want string) bool {
	got, _, err := mime.ParseMediaType(contentType)
	return err == nil && got == want
}

// body reads the JSON object of a call. Unknown members are refused, and so are members that are there twice;
// all are named at once.
func body[T any](v *call) (T, error) {
	if !isMedia(v.Get(fiber.HeaderContentType), fiber.MIMEApplicationJSON) {
		var none T
		return none, errMediaType
	}
	return decode[T](v.Body())
}

func decode[T any](raw []byte) (T, error) {
	var in T
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		return in, errJSON
	}
	if err := textsOnly(raw, members); err != nil {
		return in, err
	}
	if err := onceEach(raw); err != nil {
		return in, err
	}
	known := memberNames(reflect.TypeFor[T]())
	var faults fault.List
	for name := range members {
		if !slices.Contains(known, name) {
			faults.Add(errMember.At(strings.ToValidUTF8(name, "\uFFFD")))
		}
	}
	slices.SortFunc(faults, func(a, b *fault.Fault) int { return strings.Compare(a.Field, b.Field) })
	if err := faults.Err(); err != nil {
		return in, err
	}
	for _, name := range known {
		raw, given := members[name]
		if !given {
			continue
		}
		// Each is read by itself, so that every member of the wrong type is named.
		one, err := json.Marshal(map[string]json.RawMessage{name: raw})
		if err != nil {
			return in, errJSON
		}
		if bytes.Equal(raw, []byte("null")) || json.Unmarshal(one, &in) != nil {
			faults.Add(errMemberType.At(name))
		}
	}
	return in, faults.Err()
}

// memberNames lists the JSON members of a struct.
func memberNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}
