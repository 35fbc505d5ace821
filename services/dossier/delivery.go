package dossier

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Delivery is how far the result is with the citizen.
type Delivery string

// The delivery states.
const (
	None       Delivery = "none"        // no result yet
	Ready      Delivery = "ready"       // an e-result can be opened, or a paper one fetched
	Opened     Delivery = "opened"      // the e-result was opened or downloaded
	HandedOver Delivery = "handed_over" // the paper was given to the citizen
)

// deliveries is the table of the delivery states. A corrected result makes an opened one ready again; a
// revoked result leaves none.
var deliveries = machine[Delivery]{
	{None, []Delivery{Ready, HandedOver}},
	{Ready, []Delivery{Opened, HandedOver, None}},
	{Opened, []Delivery{Ready, HandedOver, None}},
	{HandedOver, []Delivery{Ready, None}},
}

// Deliveries lists every delivery state.
var Deliveries = deliveries.states()

// Key is the message key of the state's name.
func (d Delivery) Key() string { return "dossier.delivery." + string(d) }

// CanDeliver reports whether the delivery state may change so.
func CanDeliver(from, to Delivery) bool { return deliveries.allows(from, to) }

// SetDelivery moves the delivery state; the state it has already changes nothing. Errors: ErrMove, ErrLocked.
func SetDelivery(ctx context.Context, tx pgx.Tx, d *Dossier, to Delivery) error {
	return deliveries.set(ctx, tx, d, &d.Delivery, to, setDeliverySQL)
}
