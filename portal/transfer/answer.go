package transfer

import (
	"bytes"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	piece = 32 << 10 // is written under one deadline
	// longest is the longest body that is written at once. The system's buffers take it whole.
	longest = 2 * piece
)

// inPieces turns a long answer that lies in memory into a stream.
func inPieces(c *fiber.Ctx) {
	r := c.Response()
	if r.IsBodyStream() {
		return
	}
	content := r.Body()
	if len(content) <= longest {
		return
	}
	r.SwapBody(nil) // else the buffer of the content would be given to another request
	Pour(c, bytes.NewReader(content), len(content))
}

// Pour answers with n bytes of content, at the pace of the request. Content is closed if it can be.
func Pour(c *fiber.Ctx, content io.Reader, n int) {
	conn := connection(c)
	if conn != nil {
		shallow(conn)
	}
	c.Response().SetBodyStream(&pieces{meter: meter{pace: paceOf(c)}, conn: conn, content: content}, n)
}

// pieces is a body on its way out. The server reads a piece, writes it, and reads the next: the time between
// is what the other side took.
type pieces struct {
	meter
	conn    net.Conn
	content io.Reader
	given   int // bytes of the piece before
	at      time.Time
}

func (s *pieces) Read(p []byte) (int, error) {
	if !s.at.IsZero() {
		s.count(s.given, time.Since(s.at))
	}
	n, err := s.content.Read(p[:min(len(p), piece)])
	s.given, s.at = n, time.Now()
	if s.conn != nil {
		if late := s.conn.SetWriteDeadline(s.deadline(s.at)); late != nil && err == nil {
			err = late
		}
	}
	return n, err
}

// Close closes the content.
func (s *pieces) Close() error {
	if c, ok := s.content.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
