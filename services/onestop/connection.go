package onestop

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"congdvc/services/binding"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5"
)

const (
	secretPrefix = "whsec_" // Standard Webhooks
	secretBytes  = 32       // of the 24 to 64 that it allows
	liveSecrets  = 2
)

// Connection is a one-stop system: where it is pushed to, and whether it may use the portal at all.
type Connection struct {
	ID        string    `db:"id"`
	Code      string    `db:"code"` // lower-case letters, digits and hyphens; part of every event's source
	Name      string    `db:"name"`
	Endpoint  string    `db:"endpoint"` // "" = it only pulls
	Active    bool      `db:"active"`
	CreatedAt time.Time `db:"created_at"`
	// Pending is the endpoint that is not proved yet, "" = none. Until then events go to the one of before.
	Pending string `db:"endpoint_pending"`
}

// NewConnection is what CreateConnection needs.
type NewConnection struct {
	Code, Name string
	Endpoint   string   // "" = it only pulls; it is not pushed to before it is proved
	Networks   []string // private networks in which the endpoint may lie, see ParseNetworks
	Trust      Trust
	Now        time.Time
}

const insertConnection = `
insert into connection (id, code, name, endpoint_pending, networks, ca_pem, identity_sealed, secrets_sealed, created_at,
                        mark)
values (@id, @code, @name, @endpoint_pending, @networks, @ca_pem, @identity_sealed, @secrets_sealed, @created_at, @mark)`

const insertHead = `insert into connection_head (connection_id, incarnation) values ($1, $2)`

const insertPush = `insert into connection_push (connection_id) values ($1)`

// CreateConnection adds a one-stop system with an empty log, and returns its first secret for signatures
// ("whsec_" and base64). After that, agency.Serve says which agencies it serves, CreateKey gives it access,
// and Prover.Prove has it pushed to. Errors: ErrCode, ErrCodeTaken, ErrEndpoint, ErrNetwork, those of
// Trust.Check.
func CreateConnection(ctx context.Context, tx pgx.Tx, v *vault.Vault,
	in NewConnection) (c *Connection, secret string, err error) {
	if !isConnectionCode(in.Code) || strings.TrimSpace(in.Name) == "" {
		return nil, "", ErrCode
	}
	networks, err := ParseNetworks(in.Networks)
	if err == nil {
		err = way{Networks: networks}.checkEndpoint(in.Endpoint)
	}
	if err == nil {
		err = in.Trust.Check(in.Now)
	}
	if err != nil {
		return nil, "", err
	}
	c = &Connection{
		ID: postgres.NewID(), Code: in.Code, Name: in.Name, Pending: in.Endpoint, Active: true,
		CreatedAt: in.Now,
	}
	secret = newSecret()
	sealed, err := sealSecrets(v, c.ID, []string{secret})
	if err != nil {
		return nil, "", err
	}
	identity, err := in.Trust.seal(v, c.ID)
	if err != nil {
		return nil, "", err
	}
	row := bound{ID: c.ID, Code: c.Code, Active: true, Pending: c.Pending, Networks: networks,
		CA: in.Trust.CA}
	_, err = tx.Exec(ctx, insertConnection, pgx.StrictNamedArgs{
		"id": c.ID, "code": c.Code, "name": c.Name, "endpoint_pending": c.Pending, "networks": networks,
		"ca_pem": in.Trust.CA, "identity_sealed": identity, "secrets_sealed": sealed,
		"created_at": c.CreatedAt, "mark": binding.Connection.Mark(v, row.binds()...),
	})
	if postgres.Unique(err, "connection_code_key") {
		return nil, "", ErrCodeTaken
	}
	if err == nil {
		_, err = tx.Exec(ctx, insertHead, c.ID, newIncarnation())
	}
	if err == nil {
		_, err = tx.Exec(ctx, insertPush, c.ID)
	}
	if err != nil {
		return nil, "", fmt.Errorf("onestop: insert connection %s: %w", c.Code, err)
	}
	return c, secret, nil
}

// bound is what the mark of a connection binds.
type bound struct {
	ID       string   `db:"id"`
	Code     string   `db:"code"`
	Endpoint string   `db:"endpoint"`
	Active   bool     `db:"active"`
	Pending  string   `db:"endpoint_pending"`
	Networks []string `db:"networks"`
	CA       string   `db:"ca_pem"`
	Mark     []byte   `db:"mark"`
}

const boundColumns = `c.id::text, c.code, c.endpoint, c.active, c.endpoint_pending, c.networks, c.ca_pem, c.mark`

func (b bound) binds() []string {
	return []string{b.ID, b.Code, b.Endpoint, strconv.FormatBool(b.Active), b.Pending,
		strings.Join(b.Networks, ","), b.CA}
}

// holds tells whether an operator set it so.
func (b bound) holds(ctx context.Context, db postgres.DB, v *vault.Vault) (bool, error) {
	return binding.Connection.Holds(ctx, db, v, b.Mark, b.binds()...)
}

func isConnectionCode(code string) bool {
	for _, part := range strings.Split(code, "-") {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
	}
	return len(code) <= 40
}

// newIncarnation names a log: 8 letters or digits, 40 bits.
func newIncarnation() string { return strings.ToLower(rand.Text()[:8]) }

func newSecret() string {
	secret := make([]byte, secretBytes)
	rand.Read(secret) // never fails: crypto/rand ends the program instead
	return secretPrefix + base64.StdEncoding.EncodeToString(secret)
}

const findConnection = `
select id::text, code, name, endpoint, active, created_at, endpoint_pending
from connection where code = $1`

// FindConnection finds a one-stop system by its code, or answers ErrNotFound.
func FindConnection(ctx context.Context, db postgres.DB, code string) (*Connection, error) {
	return oneConnection(ctx, db, findConnection, code)
}

const connectionByID = `
select id::text, code, name, endpoint, active, created_at, endpoint_pending
from connection where id::text = $1`

// ConnectionByID finds a one-stop system by its id, or answers ErrNotFound.
func ConnectionByID(ctx context.Context, db postgres.DB, id string) (*Connection, error) {
	return oneConnection(ctx, db, connectionByID, id)
}

func oneConnection(ctx context.Context, db postgres.DB, sql, value string) (*Connection, error) {
	rows, err := db.Query(ctx, sql, value)
	if err != nil {
		return nil, fmt.Errorf("onestop: find connection %s: %w", value, err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Connection])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("onestop: find connection %s: %w", value, err)
	}
	return c, nil
}

const (
	setPending    = `update connection set endpoint_pending = $2 where id = $1`
	clearEndpoint = `update connection set endpoint = '', endpoint_pending = '', proved_at = null where id = $1`
	networksOf    = `select networks from connection where id = $1 for update`
	forgetPause   = `update connection_push set failures = 0, paused_until = null where connection_id = $1`
)

// SetEndpoint asks for another endpoint, which is pushed to when Prover.Prove has proved it; until then the
// one of before stays live. "" ends pushing at once. Errors: ErrEndpoint, ErrNotFound, binding.ErrForeign.
func SetEndpoint(ctx context.Context, tx pgx.Tx, v *vault.Vault, connection, endpoint string) error {
	if endpoint == "" {
		return changeMarked(ctx, tx, v, clearEndpoint, connection)
	}
	var w way
	err := tx.QueryRow(ctx, networksOf, connection).Scan(&w.Networks)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("onestop: networks of %s: %w", connection, err)
	}
	if err := w.checkEndpoint(endpoint); err != nil {
		return err
	}
	return changeMarked(ctx, tx, v, setPending, connection, endpoint)
}

const setActive = `update connection set active = $2 where id = $1`

// SetActive lets a connection use the portal, or shuts it out: its keys stop working and nothing is pushed.
// Its log goes on. Errors: ErrNotFound, binding.ErrForeign.
func SetActive(ctx context.Context, tx pgx.Tx, v *vault.Vault, connection string, active bool) error {
	return changeMarked(ctx, tx, v, setActive, connection, active)
}

const (
	markedSQL  = `select ` + boundColumns + ` from connection c where c.id = $1`
	setMarkSQL = `update connection set mark = $2 where id = $1`
)

// checkConnection keeps a connection's row as it is until the transaction ends, and refuses one that this
// portal did not write: what changes it, gives it a key or signs for it would take the rest for true. Errors:
// binding.ErrForeign.
func checkConnection(ctx context.Context, tx pgx.Tx, v *vault.Vault, connection string) error {
	return binding.Connection.Hold(ctx, tx, v, "id::text = $1", connection)
}

// changeMarked changes a connection's row and says that it is as its operator set it just now. Errors:
// ErrNotFound, binding.ErrForeign.
func changeMarked(ctx context.Context, tx pgx.Tx, v *vault.Vault, sql, connection string,
	args ...any) error {
	err := checkConnection(ctx, tx, v, connection)
	if err == nil {
		err = changeConnection(ctx, tx, sql, connection, args...)
	}
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, markedSQL, connection)
	if err != nil {
		return fmt.Errorf("onestop: change connection %s: %w", connection, err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[bound])
	if err != nil {
		return fmt.Errorf("onestop: change connection %s: %w", connection, err)
	}
	return changeConnection(ctx, tx, setMarkSQL, connection, binding.Connection.Mark(v, row.binds()...))
}

const setIncarnation = `update connection_head set incarnation = $2 where connection_id = $1`

// Reincarnate makes every cursor of a connection's log and of its list invalid. It is for the time after a
// restore from a backup: positions that were given out before may now be given to other events, so receivers
// must read the log from the beginning.
func Reincarnate(ctx context.Context, tx pgx.Tx, connection string) error {
	if err := dossier.SettleChanges(ctx, tx); err != nil {
		return err
	}
	return changeConnection(ctx, tx, setIncarnation, connection, newIncarnation())
}

func changeConnection(ctx context.Context, tx pgx.Tx, sql, connection string, args ...any) error {
	tag, err := tx.Exec(ctx, sql, append([]any{connection}, args...)...)
	if err != nil {
		return fmt.Errorf("onestop: change connection %s: %w", connection, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return nil
}

const lockSecrets = `select secrets_sealed from connection where id = $1 for update`

const setSecrets = `update connection set secrets_sealed = $2 where id = $1`

// RotateSecret gives a connection a new secret for signatures and returns it. The previous secret stays valid
// until the next rotation: every push is signed with both, so the receiver can change over when it likes.
// Errors: ErrNotFound, binding.ErrForeign.
func RotateSecret(ctx context.Context, tx pgx.Tx, v *vault.Vault,
	connection string) (secret string, err error) {
	var sealed []byte
	err = tx.QueryRow(ctx, lockSecrets, connection).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("onestop: secrets of %s: %w", connection, err)
	}
	if err := checkConnection(ctx, tx, v, connection); err != nil {
		return "", err
	}
	live, err := openSecrets(v, connection, sealed)
	if err != nil {
		return "", err
	}
	secret = newSecret()
	live = append([]string{secret}, live...)
	sealed, err = sealSecrets(v, connection, live[:min(len(live), liveSecrets)])
	if err != nil {
		return "", err
	}
	return secret, changeConnection(ctx, tx, setSecrets, connection, sealed)
}

// secretsPlace binds sealed secrets to their connection's row.
func secretsPlace(connection string) []byte { return []byte("connection.secrets/" + connection) }

func sealSecrets(v *vault.Vault, connection string, secrets []string) ([]byte, error) {
	plain, err := json.Marshal(secrets)
	if err != nil {
		return nil, fmt.Errorf("onestop: write secrets of %s: %w", connection, err)
	}
	sealed, err := v.Seal(plain, secretsPlace(connection))
	if err != nil {
		return nil, fmt.Errorf("onestop: seal secrets of %s: %w", connection, err)
	}
	return sealed, nil
}

func openSecrets(v *vault.Vault, connection string, sealed []byte) (secrets []string, err error) {
	plain, err := v.Open(sealed, secretsPlace(connection))
	if err == nil {
		err = json.Unmarshal(plain, &secrets)
	}
	if err != nil {
		return nil, fmt.Errorf("onestop: open secrets of %s: %w", connection, err)
	}
	return secrets, nil
}
