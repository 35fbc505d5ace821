// Package vault seals and opens personal data and chunks of files, and makes the blind index by which sealed
// numbers are looked up. It is the only importer of github.com/tink-crypto/tink-go/v2, chosen because it
// manages sets of keys: a rotation leaves everything readable. The way out is a program that opens with Tink
// and seals with what follows, since nothing outside of this package knows the format.
//
// # Keys
//
// A keyset file holds two sets of keys, one for sealing (AES-256-GCM) and one for the blind index
// (HMAC-SHA-256), each encrypted under the key-encryption key, which is another file: 32 random bytes in
// base64. Keep the two apart: the keyset file may lie beside the program and go into any backup; the
// key-encryption key comes from the machine's secret store and is backed up on paper or in another vault.
// Whoever has both can read everything. If either is lost, everything sealed is lost: an encrypted backup of
// the database does not help.
//
// # Rotation
//
// A keyset always holds one sealing key more than is in use: the next one. Rotate makes it the one that seals
// and draws another next. A process that still holds the file as it was before can therefore open what one
// with the new file seals; restart every process before rotating again. When a keyset may have been seen by
// others, rotate twice, restarting in between, because the next key was seen too. Old keys stay for ever:
// they open old data. The index key never rotates: every stored index would have to be computed anew from
// opened data, which is a migration.
package vault

import (
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// A Vault seals and opens. It is safe for use by many goroutines.
type Vault struct {
	sealing tink.AEAD
	index   *prf.Set
	id      string
}

// ID names the keys and tells nothing of them: the number of the first sealing key, which stays in the keyset
// for ever, and the beginning of a blind index, as "1f00a2c4-9be01d77". A rotation does not change it. Two
// keysets with one ID are not proven to be the same: what was sealed must open too.
func (v *Vault) ID() string { return v.id }

// New returns a vault with fresh keys that exist in memory only: for tests, and for what need not outlive a
// process.
func New() (*Vault, error) {
	k, err := newKeys()
	if err != nil {
		return nil, err
	}
	return k.vault()
}
