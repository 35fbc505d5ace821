// Package vault seals and opens personal data and chunks of files, and makes the blind index by which sealed numbers
// are looked up. It is the only importer of github.com/tink-crypto/tink-go/v2, chosen because it manages sets of keys: a
// rotation leaves everything readable. The way out is a program that opens with Tink and seals with what follows, since
// nothing outside of this package knows the format.
//
// # Keys
//
// A keyset file holds two sets of keys, one for sealing (AES-256-GCM) and one for the blind index (HMAC-SHA-256),
// each encrypted under the key-encryption key, which is another file: 32 random bytes in base64. Keep the two apart:
// the keyset file may lie beside the program and go into any backup; the key-encryption key comes from the machine's
// secret store and is backed up on paper or in another vault. Whoever has both can read everything. If either is lost,
// everything sealed is lost: an encrypted backup of the database does not help.
//
// # Rotation
//
// A keyset always holds one sealing key more than is in use: the next one. Rotate makes it the one that seals and
// draws another next. A process that still holds the file as it was before can therefore open what one with
// the new file seals; restart every process before rotating again. When a keyset may have been seen by others, rotate
// twice, restarting in between, because the next key was seen too. Old keys stay for ever: they open old data. The
// index key never rotates: every stored index would have to be computed anew from opened data, which is a migration.
package vault

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrCannotOpen says that sealed bytes were not sealed by these keys, not for this place, or were changed since.
var ErrCannotOpen = errors.New("vault: cannot open")

// A Vault seals and opens. It is safe for use by many goroutines.
type Vault struct {
	sealing tink.AEAD
	index   *prf.Set
}

// keys are the two keysets of a vault.
type keys struct{ sealing, index *keyset.Handle }

// New returns a vault with fresh keys that exist in memory only: for tests, and for what need not outlive a process.
func New() (*Vault, error) {
	k, err := newKeys()
	if err != nil {
		return nil, err
	}
	return k.vault()
}

func newKeys() (keys, error) {
	sealing, err := addNext(keyset.NewManager(), true)
	if err != nil {
		return keys{}, err
	}
	if sealing, err = addNext(keyset.NewManagerFromHandle(sealing), false); err != nil {
		return keys{}, err
	}
	index, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return keys{}, fmt.Errorf("vault: draw index key: %w", err)
	}
	return keys{sealing, index}, nil
}

// addNext draws a sealing key behind those that a manager has, as the one that seals if primary.
func addNext(m *keyset.Manager, primary bool) (*keyset.Handle, error) {
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("vault: draw sealing key: %w", err)
	}
	if primary {
		if err := m.SetPrimary(id); err != nil {
			return nil, fmt.Errorf("vault: choose sealing key: %w", err)
		}
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
	sealing, err := addNext(m, false)
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
	return &Vault{sealing, index}, nil
}

// Seal encrypts and authenticates plain, bound to the place that bind names (a table, column and row; a file and
// chunk): it opens there only. The result is 33 bytes longer than plain.
func (v *Vault) Seal(plain, bind []byte) ([]byte, error) {
	sealed, err := v.sealing.Encrypt(plain, bind)
	if err != nil {
		return nil, fmt.Errorf("vault: seal: %w", err)
	}
	return sealed, nil
}

// Open returns what Seal was given with the same bind. Error: ErrCannotOpen.
func (v *Vault) Open(sealed, bind []byte) ([]byte, error) {
	plain, err := v.sealing.Decrypt(sealed, bind)
	if err != nil {
		return nil, ErrCannotOpen
	}
	return plain, nil
}

// SealText is Seal for a text.
func (v *Vault) SealText(s, bind string) ([]byte, error) { return v.Seal([]byte(s), []byte(bind)) }

// OpenText is Open for a text.
func (v *Vault) OpenText(sealed []byte, bind string) (string, error) {
	plain, err := v.Open(sealed, []byte(bind))
	return string(plain), err
}

// Index returns the blind index of a value: 32 bytes, equal for equal kinds and values, which without the key
// neither reveal the value nor can be tried against guesses. The kind ("citizen_id", "tax_code") keeps the same digits in
// two columns from being linked. Callers bring the value to its canonical form first.
func (v *Vault) Index(kind, value string) []byte {
	var input bytes.Buffer
	// The length keeps ("ab", "c") apart from ("a", "bc").
	input.Write(binary.BigEndian.AppendUint32(nil, uint32(len(kind))))
	input.WriteString(kind)
	input.WriteString(value)
	index, err := v.index.ComputePrimaryPRF(input.Bytes(), 32)
	if err != nil {
		// HMAC-SHA-256 gives 32 bytes of any input; only a wrong build could fail.
		panic(fmt.Sprintf("vault: index: %v", err))
	}
	return index
}
