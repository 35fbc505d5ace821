package vault

import "encoding/binary"

// Mark returns a keyed mark over values, 32 bytes: whoever lacks the keys can make none, so what a row says
// can be told from what somebody wrote into it who can write to the database only. The kind is the table or
// the like; a mark of one kind holds for no other, and none equals an Index. Values are told apart by their
// lengths. Like the index key, it never rotates.
func (v *Vault) Mark(kind string, values ...string) []byte {
	var input []byte
	for _, value := range values {
		input = binary.BigEndian.AppendUint32(input, uint32(len(value)))
		input = append(input, value...)
	}
	return v.Index("mark\x00"+kind, string(input))
}
