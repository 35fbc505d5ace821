package demostripe

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// book is everything the stand-in remembers: one JSON file, written whole after every change.
type book struct {
	path string

	Sessions map[string]*session `json:"sessions"`
	Order    []string            `json:"order"` // session ids, oldest first
	Intents  map[string]*intent  `json:"intents"`
	Charges  map[string]*charge  `json:"charges"`
	Refunds  []*refund           `json:"refunds"` // oldest first
	Replays  map[string]*replay  `json:"replays"` // by idempotency key
	Events   []*event            `json:"events"`  // oldest first
}

type session struct {
	ID             string            `json:"id"`
	Total          int64             `json:"total"`
	Reference      string            `json:"reference"`
	Created        int64             `json:"created"`
	ExpiresAt      int64             `json:"expires_at"`
	Locale         string            `json:"locale"`
	Metadata       map[string]string `json:"metadata"`
	IntentMetadata map[string]string `json:"intent_metadata"`
	Description    string            `json:"description"`
	SuccessURL     string            `json:"success_url"`
	CancelURL      string            `json:"cancel_url"`
	Status         string            `json:"status"`         // open, complete, expired
	PaymentStatus  string            `json:"payment_status"` // unpaid, paid
	Intent         string            `json:"intent"`         // empty until the payer first tries
	Items          []item            `json:"items"`
}

type item struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Unit        int64  `json:"unit"`
	Quantity    int64  `json:"quantity"`
}

type intent struct {
	ID          string            `json:"id"`
	Amount      int64             `json:"amount"`
	Status      string            `json:"status"` // requires_payment_method, succeeded, canceled
	Created     int64             `json:"created"`
	Description string            `json:"description"`
	Metadata    map[string]string `json:"metadata"`
	Charge      string            `json:"charge"` // the latest
}

type charge struct {
	ID       string            `json:"id"`
	Amount   int64             `json:"amount"`
	Refunded int64             `json:"refunded"`
	Status   string            `json:"status"` // succeeded, failed
	Created  int64             `json:"created"`
	Intent   string            `json:"intent"`
	Metadata map[string]string `json:"metadata"`
}

type refund struct {
	ID       string            `json:"id"`
	Amount   int64             `json:"amount"`
	Charge   string            `json:"charge"`
	Intent   string            `json:"intent"`
	Reason   string            `json:"reason"`
	Status   string            `json:"status"` // succeeded, failed
	Created  int64             `json:"created"`
	Metadata map[string]string `json:"metadata"`
}

// replay is the answer kept for an idempotency key, with a fingerprint of the request that it answered.
type replay struct {
	Fingerprint string          `json:"fingerprint"`
	Status      int             `json:"status"`
	Body        json.RawMessage `json:"body"`
}

// event keeps the exact bytes that are signed, so that a repeated delivery is the same event.
type event struct {
	ID       string          `json:"id"`
	Type     string          `json:"type"`
	Body     json.RawMessage `json:"body"`
	Pending  bool            `json:"pending"` // still to be delivered
	Attempts int             `json:"attempts"`
}

func openBook(path string) (*book, error) {
	b := &book{
		path: path, Sessions: map[string]*session{}, Intents: map[string]*intent{},
		Charges: map[string]*charge{}, Replays: map[string]*replay{},
	}
	if path == "" {
		return b, nil
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("demostripe: read state: %w", err)
	}
	if err := json.Unmarshal(raw, b); err != nil {
		return nil, fmt.Errorf("demostripe: state file %s: %w", path, err)
	}
	return b, nil
}

// save writes the file beside the old one and renames it, so that a kill leaves one or the other.
func (b *book) save() error {
	if b.path == "" {
		return nil
	}
	raw, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("demostripe: encode state: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(b.path), 0o700); err != nil {
		return fmt.Errorf("demostripe: state folder: %w", err)
	}
	if err := os.WriteFile(b.path+".new", raw, 0o600); err != nil {
		return fmt.Errorf("demostripe: write state: %w", err)
	}
	if err := os.Rename(b.path+".new", b.path); err != nil {
		return fmt.Errorf("demostripe: replace state: %w", err)
	}
	return nil
}

// newID is a random id with Stripe's kind of prefix: cs_test_, pi_, ch_, re_, evt_.
func newID(prefix string) string { return prefix + strings.ToLower(rand.Text()) }
