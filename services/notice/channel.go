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
	// tried again as long as the notice makes sense, and ErrUnusable tells the operator at once. No error may
	// contain the address or the text, because errors are stored and logged.
	Send(ctx context.Context, id string, to Contact, c Content) error
}

var (
	// ErrNoAddress means that the person gave no address for this channel.
	ErrNoAddress = errors.New("notice: the person gave no address for this channel")
	// ErrRefused means that this address will never take a notice.
	ErrRefused = errors.New("notice: the address takes no notices")
	// ErrUnusable means that the channel takes nothing from us as it is configured, whoever it is for.
	ErrUnusable = errors.New("notice: the channel is not usable as configured")
)

// Contact is how a person can be reached; what they did not give is "".
type Contact struct {
	Person identity.PartyID
	Email  string
	Phone  string // in the form of identity/number
	Lang   i18n.Lang
}

// Line is a channel that this program has open, and how long and after what pauses it is tried.
type Line struct {
	Channel
	Timeout time.Duration   // of one attempt; 0 = usualTimeout
	Pauses  []time.Duration // between attempts, the last one again and again; nil = usualPauses
}

const usualTimeout = 15 * time.Second

// usualPauses grow to a third of a day, since a mail server that is away for hours is away for a night.
var usualPauses = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour,
	8 * time.Hour}

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

// pause is how long to wait after so many attempts, from 1 on. What ends the attempts is the age of the
// notice.
func (l Line) pause(attempts int) time.Duration {
	pauses := l.Pauses
	if len(pauses) == 0 {
		pauses = usualPauses
	}
	return pauses[min(max(attempts, 1), len(pauses))-1]
}
