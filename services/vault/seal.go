package vault

import (
	"errors"
	"fmt"
)

// ErrCannotOpen says that sealed bytes were not sealed by these keys or not for this place, or were changed
// since.
var ErrCannotOpen = errors.New("vault: cannot open")

// Seal encrypts and authenticates plain, bound to the place that bind names (a table, column and row; a file
// and chunk): it opens there only. The result is 33 bytes longer than plain.
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
