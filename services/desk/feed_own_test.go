package desk_test

import (
	"testing"

	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
)

// TestOnesOwnActIsMarked: of two systems that are told of an act, the one that did it is told so.
func TestOnesOwnActIsMarked(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan := p.Citizen(t, 1)
	variant(t, p, "9.000635", `{"by": "commune_of", "field": "nyc.cu_tru"}`)
	decider := newSystem(t, p, "rieng")
	move(t, p, decider, *office(t, p, "H42.37.14359"))
	s, err := p.Desk.Submit(t.Context(), lan, copiesAt(t, p, lan, "9.000635", p.Commune.ID, "14359"))
	do(t, err)
	_, err = p.Desk.PaidAtCounter(t.Context(), officeOf(t, p, p.Connection, "paid"), s.Code,
		onestop.CounterPayment{Amount: 8000, ReceiptNumber: "BL 1"})
	do(t, err)
	for connection, own := range map[string]bool{p.Connection: true, decider: false} {
		same(t, "log", logOf(t, p, connection, s.Code), dossier.EventSubmitted, dossier.EventFeePaid)
		batch, err := onestop.After(t.Context(), p.Pool, connection, onestop.Cursor{}, onestop.MaxBatch)
		do(t, err)
		for _, e := range batch.Events {
			if e.Data.Own != (own && e.Type == dossier.EventFeePaid) {
				t.Errorf("%s of %s: own is %t", e.Type, e.Source, e.Data.Own)
			}
		}
	}
}
