package procedure

import (
	"context"
	"slices"
	"sync"

	"congdvc/i18n"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// A LifeEvent is a moment in life or business with the procedures that it brings.
type LifeEvent struct {
	Slug  string    `json:"slug"` // Vietnamese without marks, for the address
	Kind  EventKind `json:"kind"`
	Name  i18n.Text `json:"name"`
	Note  i18n.Text `json:"note"`
	Codes []string  `json:"codes"` // in the order in which people do them
}

// EventKind says in whose life an event is.
type EventKind string

// The kinds of events.
const (
	CitizenEvent  EventKind = "citizen"
	BusinessEvent EventKind = "business"
)

// allEvents reads every event, also those without any procedure of the starter catalogue.
var allEvents = sync.OnceValue(func() []LifeEvent {
	var events []LifeEvent
	mustRead("life-events.json", &events)
	return events
})

// popular lists the codes that people look for most, first first.
var popular = sync.OnceValue(func() []string {
	var codes []string
	mustRead("popular.json", &codes)
	return codes
})

// LifeEvents returns the events that the starter catalogue has a procedure for, in the order to show.
func LifeEvents() []LifeEvent {
	return slices.DeleteFunc(slices.Clone(allEvents()), func(e LifeEvent) bool {
		return !slices.ContainsFunc(e.Codes, func(code string) bool {
			return slices.Contains(starterCodes(), code)
		})
	})
}

// ByLifeEvent returns an event and its procedures in force today by the database's clock. Errors:
// ErrNotFound, also for an event without any procedure.
func ByLifeEvent(ctx context.Context, db postgres.DB, slug string) (LifeEvent, []Hit, error) {
	return byLifeEvent(ctx, db, slug, nil)
}

func byLifeEvent(ctx context.Context, db postgres.DB, slug string,
	on *workday.Date) (LifeEvent, []Hit, error) {
	for _, e := range allEvents() {
		if e.Slug != slug {
			continue
		}
		hits, err := listed(ctx, db, on, e.Codes, mostHits)
		if err == nil && len(hits) == 0 {
			err = ErrNotFound
		}
		return e, hits, err
	}
	return LifeEvent{}, nil, ErrNotFound
}

// Popular returns the procedures that people look for most and that are in force today by the database's
// clock.
func Popular(ctx context.Context, db postgres.DB, limit int) ([]Hit, error) {
	return listed(ctx, db, nil, popular(), limit)
}
