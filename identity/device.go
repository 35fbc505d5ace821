package identity

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// Faults of devices.
var (
	ErrNoDevice       = fault.New(fault.NotFound, "identity.no_device")
	ErrTooManyDevices = fault.New(fault.TooMany, "identity.too_many_devices")
)

const (
	// mostDevices bounds the devices of a person.
	mostDevices = 100
	// deviceAge is how old a device must be before another one may take its place. By then the drafts that it
	// kept answers for are long gone.
	deviceAge = 180 * 24 * time.Hour
)

// A Device is one browser of one person. What a browser keeps while it cannot save is sealed to Public, which
// it may store. It gets Private only while the person is logged in, and keeps it in memory only. So a shared
// telephone holds nothing that anybody else can read.
type Device struct {
	ID      string
	Public  []byte // an uncompressed point of P-256, 65 bytes
	Private []byte // PKCS #8
}

const (
	countDevicesSQL = `select count(*) from device where person_id = $1`
	oldDevicesSQL   = `delete from device where person_id = $1 and created_at < $2`
	insertDeviceSQL = `insert into device (id, person_id, public, private_sealed, created_at) values ($1, $2, $3, $4, $5)`
	findDeviceSQL   = `select public, private_sealed from device where id = $1 and person_id = $2`
)

// NewDevice draws the keys of one more browser of a person. Errors: ErrTooManyDevices.
func NewDevice(ctx context.Context, db postgres.DB, v *vault.Vault, person PartyID,
	now time.Time) (*Device, error) {
	var n int
	if err := db.QueryRow(ctx, countDevicesSQL, person).Scan(&n); err != nil {
		return nil, fmt.Errorf("identity: count devices: %w", err)
	}
	if n >= mostDevices {
		freed, err := db.Exec(ctx, oldDevicesSQL, person, now.Add(-deviceAge))
		if err != nil {
			return nil, fmt.Errorf("identity: forget devices: %w", err)
		}
		if freed.RowsAffected() == 0 {
			return nil, ErrTooManyDevices
		}
	}
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("identity: draw the key of a device: %w", err)
	}
	d := &Device{ID: postgres.NewID(), Public: key.PublicKey().Bytes()}
	if d.Private, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return nil, fmt.Errorf("identity: write the key of a device: %w", err)
	}
	sealed, err := v.Seal(d.Private, bindDevice(d.ID, person))
	if err != nil {
		return nil, fmt.Errorf("identity: seal the key of a device: %w", err)
	}
	if _, err := db.Exec(ctx, insertDeviceSQL, d.ID, person, d.Public, sealed, now); err != nil {
		return nil, fmt.Errorf("identity: insert device: %w", err)
	}
	return d, nil
}

// FindDevice gives a device of a person with its private half. Errors: ErrNoDevice, also when the device is
// another person's.
func FindDevice(ctx context.Context, db postgres.DB, v *vault.Vault, id string,
	person PartyID) (*Device, error) {
	if !postgres.IsID(id) {
		return nil, ErrNoDevice
	}
	d := &Device{ID: id}
	var sealed []byte
	err := db.QueryRow(ctx, findDeviceSQL, id, person).Scan(&d.Public, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNoDevice
	}
	if err != nil {
		return nil, fmt.Errorf("identity: find device %s: %w", id, err)
	}
	if d.Private, err = v.Open(sealed, bindDevice(id, person)); err != nil {
		return nil, fmt.Errorf("identity: open the key of device %s: %w", id, err)
	}
	return d, nil
}

func bindDevice(id string, person PartyID) []byte {
	return []byte("device/" + id + "/" + string(person))
}
