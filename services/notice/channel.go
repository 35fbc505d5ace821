package notice

import (
	"context"
	"errors"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
)

// A Channel carries notices outside of the portal: mail now, SMS and web push soon.
type Channel interface {
	// Name stands in the ledger, so it never changes.
	Name() string
	// Send delivers one notice before the end of ctx. id is the same in every attempt, so that a person who
	// gets a notice twice can tell. ErrNoAddress and ErrRefused end the delivery; after any other error it is
	// tried again. No error may contain the address or the text, because errors are stored.
	Send(ctx context.Context, id string, to Contact, c Content) error
}

var (
	// ErrNoAddress means that the person gave no address for this channel.
	ErrNoAddress = errors.New("notice: the person gave no address for this channel")
	// ErrRefused means that this address will never take a notice.
	ErrRefused = errors.New("notice: the address takes no notices")
)

// Contact is how a person can be reached; what they did not give is "".
type Contact struct {
	Person identity.PartyID
	Email  string
	Phone  string // in the form of identity/number
	Lang   i18n.Lang
}

// Line is a channel that this program has open, and how often and how long it is tried.
type Line struct {
	Channel
	Timeout time.Duration   // of one attempt; 0 = usualTimeout
	Pauses  []time.Duration // between attempts, the last of which fails the delivery; nil = usualPauses
}

const usualTimeout = 15 * time.Second

// usualPauses are a day and a half in all.
var usualPauses = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute,
	time.Hour, 3 * time.Hour, 8 * time.Hour, 24 * time.Hour}

// Names gives the names of the channels that are open, as Queue wants them.
func Names(open []Line) (names []string) {
	for _, l := range open {
		names = append(names, l.Name())
	}
	return names
}

func (l Line) timeout() time.Duration {
	if l.Timeout > 0 {
		return l.Timeout
	}
	return usualTimeout
}

// claimed is for how long a delivery belongs to the process that took it: longer than a whole batch of
// timeouts.
func (l Line) claimed() time.Duration { return batch*l.timeout() + time.Minute }

// pause is how long to wait after so many attempts; ok is false when there are no more.
func (l Line) pause(attempts int) (time.Duration, bool) {
	pauses := l.Pauses
	if pauses == nil {
		pauses = usualPauses
	}
	if attempts > len(pauses) {
		return 0, false
	}
	return pauses[attempts-1], true
}
