package backoffice

import (
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"congdvc/services/dossier"
	"congdvc/services/postgres"

	"github.com/gofiber/fiber/v2"
)

// getFile sends a file of a revision, or one stretch of it.
func (b *Backoffice) getFile(v *call) error {
	code, err := v.code()
	if err != nil {
		return err
	}
	number, err := v.number()
	if err != nil {
		return err
	}
	id := v.Params("file")
	if !postgres.IsID(id) {
		return dossier.ErrNotFound
	}
	f, err := b.Desk.FileFor(v.UserContext(), v.office(), code, number, id)
	if err != nil {
		return err
	}
	etag := `"` + f.SHA256 + `"`
	from, to, partial, err := stretch(v.Get(fiber.HeaderRange), v.Get(fiber.HeaderIfRange), etag, f.Size)
	if err == nil {
		_, err = f.Reader.Seek(from, io.SeekStart)
	}
	if err != nil {
		v.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes */%d", f.Size))
		_ = f.Reader.Close() // nothing was read that could be lost
		return err
	}
	if partial {
		v.Status(fiber.StatusPartialContent)
		v.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes %d-%d/%d", from, to-1, f.Size))
	}
	v.Set(fiber.HeaderAcceptRanges, "bytes")
	v.Set(fiber.HeaderETag, etag)
	v.Set(fiber.HeaderContentType, f.MediaType)
	v.Set(fiber.HeaderContentDisposition, disposition(f.Name))
	v.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	return v.SendStream(part{io.LimitReader(f.Reader, to-from), f.Reader}, int(to-from))
}

// part is a stretch of a file. Closing it closes the file.
type part struct {
	io.Reader
	io.Closer
}

// stretch reads a Range header (RFC 9110, 14.2); to is one behind the last byte. A range that cannot be read,
// has several stretches, or is of another version of the file means the whole file. Errors: errRange when it
// lies outside the file.
func stretch(header, ifRange, etag string, size int64) (from, to int64, partial bool, err error) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(spec, "-")
	if !ok || !dash || strings.Contains(spec, ",") || ifRange != "" && ifRange != etag {
		return 0, size, false, nil
	}
	to = size
	switch {
	case first == "":
		length, err := strconv.ParseInt(last, 10, 64)
		if err != nil || length < 0 {
			return 0, size, false, nil
		}
		from = max(0, size-length)
	case last != "":
		end, err := strconv.ParseInt(last, 10, 64)
		if err != nil || end < 0 {
			return 0, size, false, nil
		}
		if end < size-1 {
			to = end + 1
		}
		fallthrough
	default:
		if from, err = strconv.ParseInt(first, 10, 64); err != nil || from < 0 || last != "" && to <= from &&
			from < size {
			return 0, size, false, nil
		}
	}
	if from >= size {
		return 0, 0, false, errRange.At(fiber.HeaderRange)
	}
	return from, to, true, nil
}

// disposition names a file for saving: once in ASCII for old clients, once in full (RFC 8187).
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	// PathEscape leaves some characters that RFC 8187 does not allow.
	full := strings.NewReplacer("'", "%27", "(", "%28", ")", "%29", "*", "%2A", ":", "%3A", "@", "%40", "=",
		"%3D", ",", "%2C", ";", "%3B").
		Replace(url.PathEscape(name))
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + full
}
