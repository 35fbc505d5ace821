package onestop

import (
	"time"

	"congdvc/services/dossier"
	"congdvc/services/fault"
)

// ConnectionStanding answers GET /api/v1/connection: the caller's own connection and how it fares.
type ConnectionStanding struct {
	Code            string     `json:"code"`
	Name            string     `json:"name"`
	State           string     `json:"state"`              // ok, paused, parked, failing, unproved, pulls
	Endpoint        string     `json:"endpoint,omitempty"` // absent = it only pulls
	PendingEndpoint string     `json:"pending_endpoint,omitempty"`
	ProvedAt        *Instant   `json:"proved_at,omitempty"`
	PausedAt        *Instant   `json:"paused_at,omitempty"`
	Networks        []string   `json:"networks"`
	AuthoritiesEnd  *Instant   `json:"authorities_end,omitempty"`
	CertificateEnd  *Instant   `json:"certificate_end,omitempty"`
	Head            string     `json:"head"`    // cursor behind the newest event
	Pushed          string     `json:"pushed"`  // cursor up to which every event was sent or set aside
	Backlog         int64      `json:"backlog"` // waiting and retrying
	Waiting         int64      `json:"waiting"`
	Retrying        int64      `json:"retrying"`
	ParkedDossiers  int64      `json:"parked_dossiers"`
	OldestAt        *Instant   `json:"oldest_waiting_at,omitempty"`
	Failures        int        `json:"failures"`
	NextAttemptAt   *Instant   `json:"next_attempt_at,omitempty"` // while the endpoint fails
	LastSuccessAt   *Instant   `json:"last_success_at,omitempty"`
	Keys            []KeyInUse `json:"keys"`
}

// KeyInUse is a live key, without what it is.
type KeyInUse struct {
	Prefix     string   `json:"prefix"` // its first 11 characters
	Scopes     []Scope  `json:"scopes"`
	CreatedAt  Instant  `json:"created_at"`
	LastUsedAt *Instant `json:"last_used_at,omitempty"`
	ExpiresAt  *Instant `json:"expires_at,omitempty"`
}

// Wire gives a connection as its own system sees it, with those of its keys that are live.
func (s *Standing) Wire(keys []Key, now time.Time) ConnectionStanding {
	out := ConnectionStanding{
		Code: s.Code, Name: s.Name, State: s.State(), Endpoint: s.Endpoint, PendingEndpoint: s.Pending,
		ProvedAt: AtOrNone(s.ProvedAt), PausedAt: AtOrNone(s.HeldAt),
		Networks:       append([]string{}, s.Networks...),
		AuthoritiesEnd: AtOrNone(s.AuthoritiesEnd), CertificateEnd: AtOrNone(s.CertificateEnd),
		Head:    Cursor{s.Incarnation, s.Head}.String(),
		Pushed:  Cursor{s.Incarnation, s.Pushed}.String(),
		Backlog: s.Backlog(), Waiting: s.Waiting, Retrying: s.Retrying, ParkedDossiers: s.Parked,
		OldestAt: AtOrNone(s.Oldest), Failures: s.Failures, NextAttemptAt: AtOrNone(s.PausedUntil),
		LastSuccessAt: AtOrNone(s.LastSuccess),
		Keys:          []KeyInUse{},
	}
	for _, k := range keys {
		if k.Live(now) {
			out.Keys = append(out.Keys, KeyInUse{k.Prefix, k.Scopes, At(k.CreatedAt),
				AtOrNone(k.LastUsedAt), AtOrNone(k.ExpiresAt)})
		}
	}
	return out
}

// NewEndpoint asks for another endpoint.
type NewEndpoint struct {
	Endpoint *string `json:"endpoint"` // required; "" ends pushing
}

// Check collects every fault of the call.
func (e NewEndpoint) Check() fault.List {
	var c checks
	if e.Endpoint == nil {
		c.Add(ErrRequired.At("endpoint"))
	}
	return c.List
}

// Nothing is the body of a call that says all by its path.
type Nothing struct{}

// Resumption ends a pause.
type Resumption struct {
	After *string `json:"after,omitempty"` // cursor; what was pushed behind it is pushed once more
}

// Cursor reads the cursor, nil for none. The fault is ErrCursor.
func (r Resumption) Cursor() (*Cursor, error) {
	if r.After == nil {
		return nil, nil
	}
	c, err := ParseCursor(*r.After)
	if err != nil {
		return nil, ErrCursor.At("after")
	}
	return &c, nil
}

// NewSecret tells a secret, once.
type NewSecret struct {
	Secret string `json:"secret"` // "whsec_" and base64
}

// DeliveryPage answers GET /api/v1/deliveries.
type DeliveryPage struct {
	Deliveries []DeliveryRow `json:"deliveries"`
	Next       string        `json:"next"` // cursor for the next page
	More       bool          `json:"more"`
}

// DeliveryRow is an event and what became of pushing it.
type DeliveryRow struct {
	Event         string            `json:"event"` // CloudEvents id
	Position      int64             `json:"position"`
	Type          dossier.EventType `json:"type"`
	Dossier       dossier.Code      `json:"dossier"`
	CreatedAt     Instant           `json:"created_at"`
	State         DeliveryState     `json:"state"`
	Failures      int               `json:"failures"`
	FirstFailedAt *Instant          `json:"first_failed_at,omitempty"`
	NextAttemptAt *Instant          `json:"next_attempt_at,omitempty"`
	LastAttempt   *LastAttempt      `json:"last_attempt,omitempty"`
}

// LastAttempt is how the newest try ended.
type LastAttempt struct {
	At     Instant `json:"at"`
	Status int     `json:"status,omitempty"` // 0 = there was no reply
	Error  string  `json:"error,omitempty"`  // absent = delivered
}

// Wire gives a delivery as the contract tells it.
func (d Delivery) Wire() DeliveryRow {
	out := DeliveryRow{Event: d.Event, Position: d.Position, Type: d.Type, Dossier: d.Dossier,
		CreatedAt: At(d.CreatedAt), State: d.State, Failures: d.Attempts,
		FirstFailedAt: AtOrNone(d.FirstFailedAt),
		NextAttemptAt: AtOrNone(d.NextAt)}
	if d.LastAt != nil {
		out.LastAttempt = &LastAttempt{At: At(*d.LastAt), Status: *d.LastStatus, Error: *d.LastError}
	}
	return out
}

// ParkedPage answers GET /api/v1/parked-dossiers.
type ParkedPage struct {
	Dossiers []ParkedRow `json:"dossiers"`
	Next     string      `json:"next"`
	More     bool        `json:"more"`
}

// ParkedRow is a dossier that was given up.
type ParkedRow struct {
	Dossier  dossier.Code      `json:"dossier"`
	Position int64             `json:"position"` // of the event that failed
	Type     dossier.EventType `json:"type"`
	Failures int               `json:"failures"`
	Since    Instant           `json:"since"`
	Waiting  int               `json:"waiting"`          // events that wait behind it
	Status   int               `json:"status,omitempty"` // of the last reply; 0 = there was none
	Error    string            `json:"error,omitempty"`
}

// Wire gives a parked dossier as the contract tells it.
func (p ParkedDossier) Wire() ParkedRow {
	out := ParkedRow{Dossier: p.Dossier, Position: p.Position, Type: p.Type, Failures: p.Attempts,
		Since: At(p.Since), Waiting: p.Waiting}
	if p.Status != nil {
		out.Status, out.Error = *p.Status, *p.Error
	}
	return out
}
