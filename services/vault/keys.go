package vault

import (
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
)

// keys are the two keysets of a vault.
type keys struct{ sealing, index *keyset.Handle }

func newKeys() (keys, error) {
	m := keyset.NewManager()
	first, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return keys{}, fmt.Errorf("vault: draw sealing key: %w", err)
	}
	if err := m.SetPrimary(first); err != nil {
		return keys{}, fmt.Errorf("vault: choose sealing key: %w", err)
	}
	sealing, err := addNext(m)
	if err != nil {
		return keys{}, err
	}
	index, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return keys{}, fmt.Errorf("vault: draw index key: %w", err)
	}
	return keys{sealing, index}, nil
}

// addNext draws a sealing key and adds it to those of a manager: the next one to seal.
func addNext(m *keyset.Manager) (*keyset.Handle, error) {
	if _, err := m.Add(aead.AES256GCMKeyTemplate()); err != nil {
		return nil, fmt.Errorf("vault: draw sealing key: %w", err)
	}
	handle, err := m.Handle()
	if err != nil {
		return nil, fmt.Errorf("vault: gather sealing keys: %w", err)
	}
	return handle, nil
}

// rotated returns the keys with the next sealing key in use and a fresh next one.
func (k keys) rotated() (keys, error) {
	next, err := k.sealing.Entry(k.sealing.Len() - 1)
	if err != nil {
		return keys{}, fmt.Errorf("vault: find next sealing key: %w", err)
	}
	m := keyset.NewManagerFromHandle(k.sealing)
	if err := m.SetPrimary(next.KeyID()); err != nil {
		return keys{}, fmt.Errorf("vault: choose sealing key: %w", err)
	}
	sealing, err := addNext(m)
	return keys{sealing, k.index}, err
}

func (k keys) vault() (*Vault, error) {
	sealing, err := aead.New(k.sealing)
	if err != nil {
		return nil, fmt.Errorf("vault: use sealing keys: %w", err)
	}
	index, err := prf.NewPRFSet(k.index)
	if err != nil {
		return nil, fmt.Errorf("vault: use index key: %w", err)
	}
	v := &Vault{sealing: sealing, index: index}
	first, err := k.sealing.Entry(0)
	if err != nil {
		return nil, fmt.Errorf("vault: find first sealing key: %w", err)
	}
	v.id = fmt.Sprintf("%08x-%x", first.KeyID(), v.Index("vault keyset", "id")[:4])
	return v, nil
}
