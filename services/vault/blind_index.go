package vault

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Index returns the blind index of a value: 32 bytes, equal for equal kinds and values. Without the key they
// neither reveal the value nor allow guesses to be tried. The kind ("citizen_id", "tax_code") keeps the same
// digits in two columns from being linked. Callers bring the value to its canonical form first.
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
