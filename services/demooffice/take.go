package demooffice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// EndpointPath is where the portal pushes events to.
const EndpointPath = "/su-kien"

const (
	mostEvent    = 256 << 10
	firstPause   = 100 * time.Millisecond
	longestPause = 10 * time.Second
)

// takeEvent is the endpoint for pushed events: it answers 2xx only when the event
// is on the disk.
func (s *Server) takeEvent(w http.ResponseWriter, r *http.Request) {
	if s.down.Load() {
		http.Error(w, "đang bảo trì", http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostEvent))
	if err != nil {
		http.Error(w, "không đọc được", http.StatusBadRequest)
		return
	}
	if err := s.secrets.verify(body, r.Header); err != nil {
		http.Error(w, "sai chữ ký", http.StatusUnauthorized)
		return
	}
	if s.answerChallenge(w, body) {
		return
	}
	var e cloudEvent
	if err := json.Unmarshal(body, &e); err != nil || e.ID == "" || e.ID != r.Header.Get(webhookID) ||
		e.Data.Dossier == "" {
		http.Error(w, "không phải sự kiện", http.StatusUnprocessableEntity)
		return
	}
	if err := s.book.arrive("", kept(e)); err != nil {
		s.Log.Error("an event could not be stored", "event", e.ID, "error", err)
		http.Error(w, "không lưu được", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
	s.ring()
}

// answerChallenge gives back what the portal asks for before it pushes here, and tells whether it was a
// challenge.
func (s *Server) answerChallenge(w http.ResponseWriter, body []byte) bool {
	var question struct {
		Type string `json:"type"`
		Data struct {
			Challenge string `json:"challenge"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &question); err != nil || question.Type != challengeType {
		return false
	}
	w.Header().Set("Content-Type", "application/json")
	answer := map[string]string{"challenge": question.Data.Challenge}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		s.Log.Warn("a challenge was not answered", "error", err)
	}
	return true
}

const (
	challengeType = "endpoint.challenge"
	webhookID     = "webhook-id"
	// eventEnded stands in the log for an event that another one-stop system takes.
	eventEnded = "event.ended"
	// eventTransferred says that this software serves a dossier from now on, perhaps once more.
	eventTransferred = "dossier.transferred"
)

func kept(e cloudEvent) Event {
	return Event{ID: e.ID, Type: e.Type, Dossier: e.Data.Dossier, Agency: e.Data.Agency,
		Revision: e.Data.Revision, SHA256: e.Data.SHA256, Own: e.Data.Own, Time: e.Time}
}

// pull reads the log from where it was last read to its end, so that what was
// pushed in vain while this software was away is not lost. It goes on until the
// portal answers, or this software is down: then the portal pushes once it is back.
func (s *Server) pull(ctx context.Context) {
	for pause := firstPause; !s.down.Load(); pause = min(2*pause, longestPause) {
		err := s.pullAll(ctx)
		if err == nil {
			return
		}
		s.Log.Warn("the log of the portal could not be read", "error", err)
		if !sleep(ctx, pause) {
			return
		}
	}
}

func (s *Server) pullAll(ctx context.Context) error {
	if len(s.Agencies) == 0 {
		return nil
	}
	for {
		var batch feedBatch
		query := url.Values{"limit": {"100"}}
		if cursor := s.book.cursor(); cursor != "" {
			query.Set("after", cursor)
		}
		err := s.portal.getJSON(ctx, "/feed?"+query.Encode(), s.software(s.Agencies[0].Code), &batch)
		if problem := (*Problem)(nil); errors.As(err, &problem) && problem.Status == http.StatusGone {
			s.book.forgetCursor()
		}
		if err != nil {
			return err
		}
		var events []Event
		for _, e := range batch.Events {
			events = append(events, kept(e))
		}
		if err := s.book.arrive(batch.Next, events...); err != nil {
			return err
		}
		s.ring()
		if !batch.More {
			return nil
		}
	}
}

func (s *Server) ring() {
	select {
	case s.work <- struct{}{}:
	default:
	}
}

// carryOut carries out stored events, one at a time, until none waits. An event that fails is tried again;
// meanwhile the other dossiers go on.
func (s *Server) carryOut(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		failed := false
		for _, e := range s.book.owed() {
			if err := s.effect(ctx, e); err != nil && ctx.Err() == nil {
				failed = true
				s.Log.Warn("an event is not carried out yet", "event", e.ID, "dossier", e.Dossier, "error",
					err)
				_ = s.book.changeEvent(e, func(_ *Dossier, kept *Event) { kept.Problem = err.Error() })
			}
		}
		switch {
		case failed:
			sleep(ctx, pause)
			pause = min(2*pause, longestPause)
		case len(s.book.owed()) == 0:
			pause = firstPause
			select {
			case <-s.work:
			case <-ctx.Done():
			}
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// effect carries out one event. It fetches the dossier with all its revisions, enters it into the book under
// a number of its own, and acknowledges it. Each of these may be repeated; at the end the event is marked as
// carried out, once.
func (s *Server) effect(ctx context.Context, e Event) error {
	who := s.software(e.Agency)
	raw, err := s.portal.get(ctx, dossierPath(e.Dossier), who)
	if err != nil {
		return err
	}
	var h header
	if err := json.Unmarshal(raw, &h); err != nil {
		return fmt.Errorf("demooffice: header of %s: %w", e.Dossier, err)
	}
	had, _ := s.book.find(e.Dossier)
	for _, r := range h.Revisions {
		if had.Revisions[r.Number] != "" {
			continue
		}
		if err := s.fetchRevision(ctx, e, who, r.Number, r.SHA256); err != nil {
			return err
		}
	}
	if err := s.adopt(e.Dossier, h); err != nil {
		return err
	}
	officeCode, err := s.book.enter(e.Dossier, s.Now().Year())
	if err != nil {
		return err
	}
	had, _ = s.book.find(e.Dossier)
	if !had.Acknowledged || e.Type == eventTransferred {
		raw, err = s.portal.post(ctx, dossierPath(e.Dossier)+"/acknowledge", "ack-"+e.ID, who,
			map[string]any{"office_code": officeCode})
		if err != nil {
			return err
		}
	}
	return s.book.changeEvent(e, func(d *Dossier, kept *Event) {
		d.Header, d.Acknowledged = raw, true
		if e.Type == "dossier.withdrawal_requested" {
			d.WithdrawalAsked = h.asks("withdrawal")
		}
		kept.Effects, kept.Problem = kept.Effects+1, ""
	})
}

// fetchRevision stores a revision if its bytes have the hash that the header tells. The revision of the event
// must also have the event's hash.
func (s *Server) fetchRevision(ctx context.Context, e Event, who actor, number int, want string) error {
	body, err := s.portal.get(ctx, fmt.Sprintf("%s/revisions/%d", dossierPath(e.Dossier), number), who)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(body)
	sum := hex.EncodeToString(hash[:])
	if sum != want || number == e.Revision && sum != e.SHA256 {
		return fmt.Errorf("demooffice: revision %d of %s does not have its hash", number, e.Dossier)
	}
	if err := s.book.keepRevision(sum, body); err != nil {
		return err
	}
	return s.book.change(e.Dossier, func(d *Dossier) { d.Revisions[number] = sum })
}
