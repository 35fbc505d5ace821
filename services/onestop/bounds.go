package onestop

import (
	"time"

	"congdvc/services/fault"
	"congdvc/services/workday"
)

// Skew is how far the clock of an agency may be off. An instant that lies outside of its span by no more than
// this counts as the end of the span; anything further off is refused, and nothing is replaced silently.
const Skew = 5 * time.Minute

// A Span is between when an instant may lie that an agency gives, both ends included. A zero From bounds
// nothing.
type Span struct{ From, Until time.Time }

// Take reads an instant that may be left out: nil is the end of the span. Errors: ErrValue at the member,
// with the bound that was missed as Earliest or Latest.
func (s Span) Take(member string, given *Instant) (time.Time, *fault.Fault) {
	if given == nil {
		return s.Until, nil
	}
	at := given.Time()
	switch {
	case !s.From.IsZero() && at.Before(s.From.Add(-Skew)):
		return at, ErrValue.At(member).With(earliest, At(s.From).String())
	case at.After(s.Until.Add(Skew)):
		return at, ErrValue.At(member).With(latest, At(s.Until).String())
	case at.Before(s.From):
		return s.From, nil
	case at.After(s.Until):
		return s.Until, nil
	}
	return at, nil
}

// Days is between which days one may lie that an agency gives, both included. A zero day bounds nothing.
type Days struct{ First, Last workday.Date }

// Check refuses a day outside. Errors: ErrRequired for none, ErrValue as of Span.Take, at the member.
func (d Days) Check(member string, given workday.Date) *fault.Fault {
	switch {
	case given.IsZero():
		return ErrRequired.At(member)
	case given.Before(d.First):
		return ErrValue.At(member).With(earliest, d.First.String())
	case !d.Last.IsZero() && given.After(d.Last):
		return ErrValue.At(member).With(latest, d.Last.String())
	}
	return nil
}

// The arguments of ErrValue where a bound was missed.
const (
	earliest = "Earliest"
	latest   = "Latest"
)

// Bound is the message key that names the bound which a fault missed, and the bound; "" for other faults.
func Bound(f *fault.Fault) (key string, at any) {
	if at := f.Args[earliest]; at != nil {
		return "onestop.too_early", at
	}
	if at := f.Args[latest]; at != nil {
		return "onestop.too_late", at
	}
	return "", nil
}
