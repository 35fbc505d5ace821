package demooffice

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// secrets are those by which pushes are checked: the newest, and the one before, since what is under way may
// be signed with that alone. Those that the portal gave stand in a file. They hold until the configuration
// brings another secret than the one that they took the place of.
type secrets struct {
	path       string
	configured string

	mu     sync.RWMutex
	live   []string
	checks []*webhooks.Webhook
}

// exchanged is what the file holds.
type exchanged struct {
	Instead string   `json:"instead"` // the secret of the configuration
	Live    []string `json:"live"`    // newest first
}

func openSecrets(dir, configured string) (*secrets, error) {
	s := &secrets{path: filepath.Join(dir, "secrets.json"), configured: configured}
	live := []string{configured}
	raw, err := os.ReadFile(s.path)
	switch {
	case err == nil:
		var kept exchanged
		if err := json.Unmarshal(raw, &kept); err != nil {
			return nil, fmt.Errorf("demooffice: %s: %w", s.path, err)
		}
		if kept.Instead == configured && len(kept.Live) > 0 {
			live = kept.Live
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("demooffice: %w", err)
	}
	return s, s.use(live)
}

func (s *secrets) use(live []string) error {
	checks := make([]*webhooks.Webhook, len(live))
	for i, secret := range live {
		var err error
		if checks[i], err = webhooks.NewWebhook(secret); err != nil {
			return fmt.Errorf("demooffice: webhook secret: %w", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live, s.checks = live, checks
	return nil
}

// verify tells whether a push is signed with a live secret, and is not old.
func (s *secrets) verify(body []byte, h http.Header) (err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, check := range s.checks {
		if err = check.Verify(body, h); err == nil {
			return nil
		}
	}
	return err
}

// takeOver has pushes checked by a new secret too, once it is on the disk. A secret that is live changes
// nothing: the answer that told it came twice.
func (s *secrets) takeOver(secret string) error {
	s.mu.RLock()
	newest := s.live[0]
	s.mu.RUnlock()
	if secret == newest {
		return nil
	}
	live := []string{secret, newest}
	raw, err := json.Marshal(exchanged{s.configured, live})
	if err != nil {
		return fmt.Errorf("demooffice: %w", err)
	}
	if err := writeFile(s.path, raw); err != nil {
		return err
	}
	return s.use(live)
}
