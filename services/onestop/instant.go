package onestop

import (
	"fmt"
	"strings"
	"time"
)

// An Instant is a point in time as it stands in events and answers: RFC 3339 in UTC with milliseconds, such
// as "2026-11-28T01:12:24.324Z", always with as many letters, so that its texts sort as the instants do. What
// is finer than a millisecond is cut off. It reads whatever RFC 3339 allows. Revisions are not written with
// it: their bytes are those that were hashed.
type Instant time.Time

// instantLayout is the one spelling of an Instant.
const instantLayout = "2006-01-02T15:04:05.000Z"

// At is the Instant of a time.
func At(t time.Time) Instant { return Instant(t) }

// AtOrNone is the Instant of a time that may be missing.
func AtOrNone(t *time.Time) *Instant {
	if t == nil {
		return nil
	}
	at := At(*t)
	return &at
}

// Time is the time of the Instant.
func (i Instant) Time() time.Time { return time.Time(i) }

// String gives the one spelling.
func (i Instant) String() string {
	return time.Time(i).UTC().Truncate(time.Millisecond).Format(instantLayout)
}

// MarshalText gives the one spelling, for JSON too. It fails for a year of other than four digits.
func (i Instant) MarshalText() ([]byte, error) {
	if year := time.Time(i).UTC().Year(); year < 0 || year > 9999 {
		return nil, fmt.Errorf("onestop: the year %d has no spelling", year)
	}
	return []byte(i.String()), nil
}

// UnmarshalText reads an RFC 3339 text with any fraction and any zone.
func (i *Instant) UnmarshalText(text []byte) error {
	var t time.Time
	if err := t.UnmarshalText([]byte(strings.ToUpper(string(text)))); err != nil {
		return fmt.Errorf("onestop: not an instant: %w", err)
	}
	*i = Instant(t)
	return nil
}
