package backoffice

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"congdvc/portal/transfer"
	"congdvc/services/desk"

	"github.com/gofiber/fiber/v2"
)

// Headers that package fiber does not name.
const (
	headerReprDigest = "Repr-Digest"         // RFC 9530
	headerReplayed   = "Idempotent-Replayed" // true: nothing was carried out now
)

// answer sends a value as JSON.
func (v *call) answer(value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("backoffice: answer: %w", err)
	}
	return v.bytes(body)
}

func (v *call) bytes(body []byte) error {
	if v.replayed {
		v.Set(headerReplayed, "true")
	}
	v.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return v.Send(body)
}

func etagOf(rowVersion int64) string { return strconv.Quote(strconv.FormatInt(rowVersion, 10)) }

// sumTag is the entity tag of content: its SHA-256, in lower-case hex and quotes.
func sumTag(content []byte) string {
	sum := sha256.Sum256(content)
	return strconv.Quote(hex.EncodeToString(sum[:]))
}

// digestOf writes the SHA-256 of a whole representation for Repr-Digest.
func digestOf(sum []byte) string {
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":"
}

// A representation is what a call reads: JSON, its entity tag, and whether the tag alone says that it is
// still the same.
type representation struct {
	body   []byte
	etag   string
	steady bool
}

// read sends what a function reads for the caller; or 304 to one that has it already (If-None-Match). Then
// nothing is read, and no record is made of it: the function is called with an office that only looks.
func (v *call) read(of func(desk.Office) (representation, error)) error {
	o := v.office()
	if v.asksWhetherChanged() {
		o.Looks = true
		if r, err := of(o); err != nil || r.steady && transfer.Has(v.Ctx, r.etag) {
			return v.unchanged(r.etag, err)
		}
		o = v.office()
	}
	r, err := of(o)
	if err != nil {
		return err
	}
	v.Set(fiber.HeaderETag, r.etag)
	return v.bytes(r.body)
}

func (v *call) asksWhetherChanged() bool { return v.Get(fiber.HeaderIfNoneMatch) != "" }

// unchanged answers that the caller has what it asks for.
func (v *call) unchanged(etag string, err error) error {
	if err != nil {
		return err
	}
	v.Set(fiber.HeaderETag, etag)
	v.Status(fiber.StatusNotModified)
	v.Response().ResetBody()
	return nil
}

// public sends content that anybody may have, unless the caller has it already.
func (v *call) public(mediaType string, content []byte) error {
	etag := sumTag(content)
	v.Set(fiber.HeaderCacheControl, "no-cache")
	if transfer.Has(v.Ctx, etag) {
		return v.unchanged(etag, nil)
	}
	v.Set(fiber.HeaderETag, etag)
	v.Set(fiber.HeaderContentType, mediaType)
	return v.Send(content)
}
