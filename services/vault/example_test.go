package vault_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"congdvc/services/vault"
)

// What is sealed opens in the place that it was sealed for, and in no other.
func ExampleVault_SealText() {
	v, err := vault.New() // keys in memory only; a program uses Open
	if err != nil {
		fmt.Println(err)
		return
	}
	sealed, err := v.SealText("Nguyễn Thị Lan", "party/42/name")
	if err != nil {
		fmt.Println(err)
		return
	}
	name, err := v.OpenText(sealed, "party/42/name")
	fmt.Println(name, err)

	_, err = v.OpenText(sealed, "party/43/name") // copied into another row
	fmt.Println(errors.Is(err, vault.ErrCannotOpen))
	// Output:
	// Nguyễn Thị Lan <nil>
	// true
}

// The blind index finds a sealed number without opening every row: equal values of one kind have equal
// indexes.
func ExampleVault_Index() {
	v, err := vault.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	stored := string(v.Index("citizen_id", "037084000999"))
	fmt.Println(stored == string(v.Index("citizen_id", "037084000999")))
	fmt.Println(stored == string(v.Index("citizen_id", "037084000998")))
	// another kind tells nothing of this one
	fmt.Println(stored == string(v.Index("tax_code", "037084000999")))
	// Output:
	// true
	// false
	// false
}

// A rotation puts another key to use; what was sealed before opens with the new file too.
func ExampleRotate() {
	dir, err := os.MkdirTemp("", "vault")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	keyset, kek := filepath.Join(dir, "keyset.json"), filepath.Join(dir, "kek")
	if err := vault.Create(keyset, kek); err != nil {
		fmt.Println(err)
		return
	}
	before, err := vault.Open(keyset, kek)
	if err != nil {
		fmt.Println(err)
		return
	}
	sealed, err := before.SealText("0912345678", "party/42/phone")
	if err != nil {
		fmt.Println(err)
		return
	}

	if err := vault.Rotate(keyset, kek); err != nil {
		fmt.Println(err)
		return
	}
	after, err := vault.Open(keyset, kek) // every process restarts before the next rotation
	if err != nil {
		fmt.Println(err)
		return
	}
	phone, err := after.OpenText(sealed, "party/42/phone")
	fmt.Println(phone, err)

	newer, err := after.SealText("0987654321", "party/42/phone")
	if err != nil {
		fmt.Println(err)
		return
	}
	phone, err = before.OpenText(newer, "party/42/phone") // a replica that has not restarted yet
	fmt.Println(phone, err)
	// Output:
	// 0912345678 <nil>
	// 0987654321 <nil>
}
