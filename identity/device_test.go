package identity_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/x509"
	"errors"
	"testing"

	"congdvc/identity"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

func TestDevice(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	owner, other := r.mustWelcome(t, lan(), monday).Person, r.mustWelcome(t, ha(), monday).Person
	made, err := identity.NewDevice(t.Context(), r, r.vault, owner, monday)
	if err != nil {
		t.Fatal(err)
	}
	found, err := identity.FindDevice(t.Context(), r, r.vault, made.ID, owner)
	if err != nil || !bytes.Equal(found.Private, made.Private) || !bytes.Equal(found.Public, made.Public) {
		t.Fatalf("%v", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(found.Private)
	if err != nil {
		t.Fatal(err)
	}
	own, err := key.(interface {
		ECDH() (*ecdh.PrivateKey, error)
	}).ECDH()
	if err != nil || !bytes.Equal(own.PublicKey().Bytes(), made.Public) || len(made.Public) != 65 {
		t.Errorf("the halves do not belong together: %v", err)
	}
	for _, id := range []string{"", "x", postgres.NewID()} {
		if _, err := identity.FindDevice(t.Context(), r, r.vault, id, owner); !errors.Is(err,
			identity.ErrNoDevice) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if _, err := identity.FindDevice(t.Context(), r, r.vault, made.ID, other); !errors.Is(err,
		identity.ErrNoDevice) {
		t.Errorf("another person's: %v", err)
	}
	// A row moved to another person does not open.
	if _, err := r.Exec(t.Context(), `update device set person_id = $2 where id = $1`, made.ID,
		other); err != nil {
		t.Fatal(err)
	}
	if _, err := identity.FindDevice(t.Context(), r, r.vault, made.ID, other); !errors.Is(err,
		vault.ErrCannotOpen) {
		t.Errorf("a stolen row: %v", err)
	}
}

func TestDevicesAreBounded(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	owner := r.mustWelcome(t, lan(), monday).Person
	for range 100 {
		if _, err := identity.NewDevice(t.Context(), r, r.vault, owner, monday); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := identity.NewDevice(t.Context(), r, r.vault, owner, monday); !errors.Is(err,
		identity.ErrTooManyDevices) {
		t.Errorf("one more: %v", err)
	}
	if _, err := identity.NewDevice(t.Context(), r, r.vault, owner, monday.AddDate(0, 7, 0)); err != nil {
		t.Errorf("half a year later: %v", err)
	}
}
