package demostripe

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// emit books an event and starts its delivery; the lock is held. The event's bytes are made once and never
// again.
func (s *Server) emit(kind string, subject, previous object) *event {
	data := object{"object": subject}
	if previous != nil {
		data["previous_attributes"] = previous
	}
	id := newID("evt_")
	var body bytes.Buffer
	encode(&body, object{
		"id": id, "object": "event", "api_version": apiVersion, "created": s.config.Now().Unix(),
		"livemode": false, "pending_webhooks": 1, "request": object{"id": nil, "idempotency_key": nil},
		"type": kind, "data": data,
	})
	e := &event{ID: id, Type: kind, Body: bytes.TrimSpace(body.Bytes()), Pending: s.config.WebhookURL != "" &&
		!s.knobs.drop}
	s.book.Events = append(s.book.Events, e)
	s.keep()
	if e.Pending {
		s.send(e, s.knobs.delay)
	}
	return e
}

// send delivers in the background until the receiver answers 2xx or the pauses are used up; the lock is held.
func (s *Server) send(e *event, delay time.Duration) {
	if s.life.Err() != nil {
		return // stays pending, for the next start
	}
	twice := s.knobs.twice
	s.tasks.Go(func() {
		if !s.sleep(delay) || !s.deliver(e) || !twice {
			return
		}
		// Stripe promises at least one delivery, never exactly one: the duplicate keeps receivers honest.
		if _, err := s.post(s.life, e); err != nil {
			s.config.Log.Warn("webhook duplicate not delivered", "event", e.ID, "error", err)
		}
	})
}

// resume takes up what an earlier run left undelivered.
func (s *Server) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.book.Events {
		if e.Pending {
			s.send(e, 0)
		}
	}
}

// deliver reports whether the event was accepted.
func (s *Server) deliver(e *event) bool {
	for try := 0; ; try++ {
		status, err := s.post(s.life, e)
		accepted := err == nil && status >= 200 && status < 300
		last := try == len(s.config.Pauses)
		if s.life.Err() != nil {
			return accepted
		}
		s.mu.Lock()
		e.Attempts++
		e.Pending = !accepted && !last
		s.keep()
		s.mu.Unlock()
		if accepted {
			return true
		}
		s.config.Log.Info("webhook not accepted", "event", e.ID, "type", e.Type, "status", status, "error",
			err)
		if last || !s.sleep(s.config.Pauses[try]) {
			return false
		}
	}
}

func (s *Server) post(ctx context.Context, e *event) (status int, err error) {
	s.mu.Lock()
	target := s.config.WebhookURL
	s.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(e.Body))
	if err != nil {
		return 0, fmt.Errorf("demostripe: webhook request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	req.Header.Set("Stripe-Signature", sign(s.config.Now(), e.Body, s.config.WebhookSecret))
	res, err := s.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("demostripe: deliver %s: %w", e.ID, err)
	}
	defer res.Body.Close()
	return res.StatusCode, nil
}

// sign is Stripe's scheme v1: HMAC-SHA-256 over "<unix time>.<body>"
// (https://docs.stripe.com/webhooks#verify-manually).
func sign(at time.Time, body []byte, secret string) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// sleep reports false when the server closed meanwhile.
func (s *Server) sleep(d time.Duration) bool {
	if d <= 0 {
		return s.life.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-s.life.Done():
		return false
	case <-timer.C:
		return true
	}
}
