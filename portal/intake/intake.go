// Package intake takes bodies of requests into memory: each within its own bound, and all that lie there at
// once within the budget of the process. Whoever is not known yet draws on a small part of it, so that
// strangers cannot use up what people who are logged in need.
package intake

import (
	"errors"
	"io"
	"sync/atomic"
)

var (
	// ErrTooLarge says that a body is larger than its place takes.
	ErrTooLarge = errors.New("intake: too large")
	// ErrFull says that too many bytes lie in memory already. Later there will be room again.
	ErrFull = errors.New("intake: too many bytes in flight")
	// ErrCutOff says that a body ended before its declared length, or could not be read.
	ErrCutOff = errors.New("intake: cut off")
)

// Sender says what is known of who sends a body.
type Sender int

const (
	// Stranger is anybody without a session or a key.
	Stranger Sender = iota
	// Caller is an outside party whose message proves itself only when it was read whole.
	Caller
	// Known is who has a session or a key.
	Known

	senders = int(Known) + 1
)

const (
	// Streaming is what a file takes while it streams to where it is kept, in bytes: the piece that is being
	// gathered before it is sealed, and the buffers of its connection.
	Streaming = 1<<20 + 256<<10
	// DefaultBudget is for a program that was given none, in bytes.
	DefaultBudget = 64 << 20
	// partOfUnknown is the share of a budget that strangers may use, and callers another: one in so many.
	partOfUnknown = 8
	// firstPiece is what is set aside before a byte has come, in bytes.
	firstPiece = 4 << 10
	// growth bounds what is set aside by what has come: so many times as much.
	growth = 2
)

// Budget is how many bytes of bodies may lie in memory at once, in the whole process.
type Budget struct {
	limit    int64
	inFlight atomic.Int64
	of       [senders]atomic.Int64
}

// NewBudget makes a budget of so many bytes.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// InFlight is how many bytes are taken now.
func (b *Budget) InFlight() int64 { return b.inFlight.Load() }

// Limit is how many bytes may be taken at once.
func (b *Budget) Limit() int64 { return b.limit }

// take sets bytes aside, or reports false and sets none aside. It never waits: whoever waits for room holds
// a connection and what they have sent already.
func (b *Budget) take(n int64, from Sender) bool {
	if b.inFlight.Add(n) > b.limit {
		b.inFlight.Add(-n)
		return false
	}
	if b.of[from].Add(n) > b.limit/partOfUnknown && from != Known {
		b.give(n, from)
		return false
	}
	return true
}

func (b *Budget) give(n int64, from Sender) {
	b.inFlight.Add(-n)
	b.of[from].Add(-n)
}

// Body is a body in memory. It counts until it is freed.
type Body struct {
	Bytes  []byte
	budget *Budget
	taken  int64
	from   Sender
}

// Free gives back what the body took of the budget; its bytes may not be used afterwards. Freeing again, or
// freeing nil, does nothing.
func (b *Body) Free() {
	if b == nil || b.taken == 0 {
		return
	}
	b.budget.give(b.taken, b.from)
	b.taken, b.Bytes = 0, nil
}

// Hold sets bytes aside for the buffers of a body that is not read whole, but streams. Errors: ErrFull.
func (b *Budget) Hold(n int64, from Sender) (*Body, error) {
	if !b.take(n, from) {
		return nil, ErrFull
	}
	return &Body{budget: b, taken: n, from: from}, nil
}

// Read takes a body of at most limit bytes. Its declared length is -1 where the sender told none; a body that
// is shorter than declared is refused. Memory is set aside as bytes come, never much more than has come, and
// never more than was declared. Errors: ErrTooLarge, ErrFull, ErrCutOff. After an error nothing is taken of
// the budget, and the rest of the body is unread.
func (b *Budget) Read(r io.Reader, declared, limit int64, from Sender) (*Body, error) {
	if declared > limit {
		return nil, ErrTooLarge
	}
	most := limit + 1 // one more shows that there is more
	if declared >= 0 {
		most = declared
	}
	body := &Body{budget: b, from: from}
	for int64(len(body.Bytes)) < most {
		if err := body.makeRoom(most); err != nil {
			body.Free()
			return nil, err
		}
		n, err := r.Read(body.Bytes[len(body.Bytes):cap(body.Bytes)])
		body.Bytes = body.Bytes[:len(body.Bytes)+n]
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			body.Free()
			return nil, errors.Join(ErrCutOff, err)
		}
	}
	switch n := int64(len(body.Bytes)); {
	case n > limit:
		body.Free()
		return nil, ErrTooLarge
	case n < declared:
		body.Free()
		return nil, ErrCutOff
	}
	return body, nil
}

// makeRoom lets at least one byte more come, up to most in all.
func (b *Body) makeRoom(most int64) error {
	has := int64(cap(b.Bytes))
	if int64(len(b.Bytes)) < has {
		return nil
	}
	room := min(max(has*growth, firstPiece), most)
	if !b.budget.take(room, b.from) {
		return ErrFull
	}
	bytes := make([]byte, len(b.Bytes), room)
	copy(bytes, b.Bytes)
	b.budget.give(b.taken, b.from)
	b.Bytes, b.taken = bytes, room
	return nil
}
