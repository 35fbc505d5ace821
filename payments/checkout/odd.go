package checkout

import (
	"fmt"
	"regexp"

	"congdvc/services/dong"
)

// Why says what is the matter with something that Stripe said. Its values stand in logs and metrics, and are
// never renamed.
type Why string

// The reasons.
const (
	Unreadable    Why = "unreadable"  // no event, or without what an event of its type has
	OtherVersion  Why = "api_version" // the webhook at Stripe is set to another version of the interface
	OtherMode     Why = "livemode"    // test money at a portal that takes real money, or the reverse
	OtherType     Why = "event_type"  // nothing that the portal knows
	OtherCurrency Why = "currency"
	OtherAmount   Why = "amount"  // not what is owed
	OtherTime     Why = "time"    // before the fee was asked for, or not yet
	Unknown       Why = "unknown" // about what this portal did not open
	Disputed      Why = "dispute" // the payer's bank takes the money back
)

// Whys lists every reason.
var Whys = []Why{Unreadable, OtherVersion, OtherMode, OtherType, OtherCurrency, OtherAmount, OtherTime,
	Unknown, Disputed}

// Odd is something that Stripe truly said and that makes no sense here. To hear it again would not help, so
// Stripe is answered that it was taken; no money is moved by it, and a person has to look.
type Odd struct {
	Why    Why
	Event  string // Stripe's id of the event; "" where it was asked for
	Type   string // of the event, likewise
	Object string // Stripe's id of what it is about
}

// Error names what it is about by Stripe's ids; there is no personal data in it.
func (o *Odd) Error() string {
	return fmt.Sprintf("checkout: what Stripe says makes no sense: %s (event %q of type %q about %q)", o.Why,
		o.Event, o.Type, o.Object)
}

// idShape is an id of Stripe's: opaque, at most 255 characters (https://docs.stripe.com/upgrades).
var idShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// known leaves out what is no id of Stripe's, so that nothing from outside is written anywhere as one.
func known(id string) string {
	if !idShape.MatchString(id) {
		return ""
	}
	return id
}

// typeShape is the type of an event.
var typeShape = regexp.MustCompile(`^[a-z0-9_.]{1,100}$`)

// odd is what is the matter with one object of Stripe's.
func odd(why Why, id string) error { return &Odd{Why: why, Object: known(id)} }

// checkSum refuses what is no sum of đồng that a session can have.
func checkSum(id string, amount int64, of string) error {
	switch {
	case of != currency:
		return odd(OtherCurrency, id)
	case amount <= 0 || dong.Amount(amount) > largest:
		return odd(OtherAmount, id)
	}
	return nil
}
