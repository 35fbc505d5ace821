// Package intake takes bodies of requests into memory: each within its own bound, and all that lie there at
// once within the budget of the process. Whoever is not known yet draws on a small part of it, so that
// strangers cannot use up what people who are logged in need; and each who is known has a share, so that one
// of them does not make all others wait.
package intake

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
)

var (
	// ErrTooLarge says that a body is larger than its place takes.
	ErrTooLarge = errors.New("intake: too large")
	// ErrFull says that too many bytes lie in memory already. Later there will be room again.
	ErrFull = errors.New("intake: too many bytes in flight")
	// ErrShare says that so many bytes of one sender lie in memory already. Once they have come there will be
	// room again.
	ErrShare = errors.New("intake: too many bytes of one sender in flight")
	// ErrCutOff says that a body ended before its declared length, or could not be read.
	ErrCutOff = errors.New("intake: cut off")
)

// Sender says who sends a body, as far as that is known.
type Sender struct {
	of standing
	// id tells those apart who are known.
	id string
}

type standing int

const (
	stranger standing = iota
	caller
	known
	program

	standings = int(program) + 1
)

var (
	// Stranger is anybody without a session or a key.
	Stranger = Sender{of: stranger}
	// Caller is an outside party whose message proves itself only when it was read whole.
	Caller = Sender{of: caller}
)

// Known is who has a session: id names the person, whatever the session and the device.
func Known(id string) Sender { return Sender{known, id} }

// Program is what has a key, and may send for a whole province.
func Program(key string) Sender { return Sender{program, key} }

// isOne reports whether the sender is told apart from others.
func (s Sender) isOne() bool { return s.of == known || s.of == program }

const (
	// Streaming is what a file takes while it streams to where it is kept, in bytes: the piece that is being
	// gathered before it is sealed, and the buffers of its connection.
	Streaming = 1<<20 + 256<<10
	// DefaultBudget is for a program that was given none, in bytes.
	DefaultBudget = 64 << 20
	// partOfUnknown is the share of a budget that strangers may use, and callers another: one in so many.
	partOfUnknown = 8
	// partOfOne is the share of one who is known, one in so many, and leastOfOne the least of it in bytes:
	// three files on their way at once.
	partOfOne  = 8
	leastOfOne = 3 * Streaming
	// firstPiece is what is set aside before a byte has come, in bytes.
	firstPiece = 4 << 10
	// growth bounds what is set aside by what has come: so many times as much.
	growth = 2
)

// Budget is how many bytes of bodies may lie in memory at once, in the whole process.
type Budget struct {
	limit    int64
	inFlight atomic.Int64
	of       [standings]atomic.Int64

	mu  sync.Mutex
	one map[Sender]int64 // bytes of each who is told apart and sends something
}

// NewBudget makes a budget of so many bytes.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit, one: map[Sender]int64{}} }

// InFlight is how many bytes are taken now.
func (b *Budget) InFlight() int64 { return b.inFlight.Load() }

// Limit is how many bytes may be taken at once.
func (b *Budget) Limit() int64 { return b.limit }

// take sets bytes aside, or sets none aside. It never waits: whoever waits for room holds a connection and
// what they have sent already. Errors: ErrFull, ErrShare.
func (b *Budget) take(n int64, from Sender) error {
	if !b.takeShare(n, from) {
		return ErrShare
	}
	if b.inFlight.Add(n) > b.limit {
		b.inFlight.Add(-n)
		b.giveShare(n, from)
		return ErrFull
	}
	if b.of[from.of].Add(n) > b.limit/partOfUnknown && !from.isOne() {
		b.give(n, from)
		return ErrFull
	}
	return nil
}

func (b *Budget) give(n int64, from Sender) {
	b.inFlight.Add(-n)
	b.of[from.of].Add(-n)
	b.giveShare(n, from)
}

// share is how many bytes one sender may have in memory. A person's is never so much that two could not send,
// and always one file; a program's is half, so that people can send beside it.
func (b *Budget) share(from Sender) int64 {
	half := max(b.limit/2, Streaming)
	if from.of == program {
		return half
	}
	return min(max(b.limit/partOfOne, leastOfOne), half)
}

func (b *Budget) takeShare(n int64, from Sender) bool {
	if !from.isOne() {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.one[from]+n > b.share(from) {
		return false
	}
	b.one[from] += n
	return true
}

func (b *Budget) giveShare(n int64, from Sender) {
	if !from.isOne() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.one[from] -= n; b.one[from] <= 0 {
		delete(b.one, from)
	}
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

// Hold sets bytes aside for the buffers of a body that is not read whole, but streams. Errors: ErrFull,
// ErrShare.
func (b *Budget) Hold(n int64, from Sender) (*Body, error) {
	if err := b.take(n, from); err != nil {
		return nil, err
	}
	return &Body{budget: b, taken: n, from: from}, nil
}

// Read takes a body of at most limit bytes. Its declared length is -1 where the sender told none; a body that
// is shorter than declared is refused. Memory is set aside as bytes come, never much more than has come, and
// never more than was declared. Errors: ErrTooLarge, ErrFull, ErrShare, ErrCutOff. After an error nothing is
// taken of the budget, and the rest of the body is unread.
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
	if err := b.budget.take(room, b.from); err != nil {
		return err
	}
	bytes := make([]byte, len(b.Bytes), room)
	copy(bytes, b.Bytes)
	b.budget.give(b.taken, b.from)
	b.Bytes, b.taken = bytes, room
	return nil
}
