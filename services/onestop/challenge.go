package onestop

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// What comes of a challenge that is not answered as it should be.
var (
	ErrChallengeAway     = fault.New(fault.Invalid, "onestop.challenge_away")
	ErrChallengeRedirect = fault.New(fault.Invalid, "onestop.challenge_redirect")
	ErrChallengeStatus   = fault.New(fault.Invalid, "onestop.challenge_status")
	ErrChallengeAnswer   = fault.New(fault.Invalid, "onestop.challenge_answer")
	ErrChallengeStale    = fault.New(fault.Conflict, "onestop.challenge_stale")
	ErrNoEndpoint        = fault.New(fault.Conflict, "onestop.no_endpoint")
)

// ChallengeType is the type of the event by which the portal asks an endpoint whether it takes events. It
// stands in no log.
const ChallengeType = "endpoint.challenge"

const maxChallengeReply = 4 << 10

// Challenge is what is posted to an endpoint that is to be proved, in the form of the events.
type Challenge struct {
	SpecVersion     string        `json:"specversion"` // "1.0"
	ID              string        `json:"id"`          // UUID, new each time
	Source          string        `json:"source"`      // "urn:congdvc:connection:<code>"
	Type            string        `json:"type"`        // ChallengeType
	Time            Instant       `json:"time"`
	DataContentType string        `json:"datacontenttype"` // "application/json"
	Data            ChallengeData `json:"data"`
}

// ChallengeData holds the text that the endpoint has to give back.
type ChallengeData struct {
	Challenge string `json:"challenge"` // 26 letters and digits, new each time
}

// Prover finds out whether an endpoint takes the events of a connection. It signs by the real time, to which
// receivers hold the signature.
type Prover struct {
	DB      *pgxpool.Pool
	Vault   *vault.Vault
	Timeout time.Duration // 0 = 10 s
}

// Proof says that an endpoint answered its challenge, on the way that the connection had then.
type Proof struct {
	Endpoint   string
	connection string
	mark       []byte // of the connection's row when it was challenged
	at         time.Time
}

// provable is a connection's row as a challenge needs it.
type provable struct {
	bound
	Identity []byte `db:"identity_sealed"`
	Sealed   []byte `db:"secrets_sealed"`
}

const findProvable = `
select ` + boundColumns + `, c.identity_sealed, c.secrets_sealed
from connection c where c.id::text = $1`

// Challenge posts a challenge to an endpoint and judges the answer. The empty endpoint stands for the one
// that waits for its proof, or else for the live one. Nothing changes by it. Errors: ErrEndpoint;
// ErrNoEndpoint; ErrChallengeAway when there is no answer, ErrChallengeRedirect, ErrChallengeStatus for
// another one than 200, ErrChallengeAnswer when it does not hold the challenge; ErrNotFound.
func (p Prover) Challenge(ctx context.Context, connection, endpoint string) (*Proof, error) {
	rows, err := p.DB.Query(ctx, findProvable, connection)
	if err != nil {
		return nil, fmt.Errorf("onestop: way to %s: %w", connection, err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[provable])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("onestop: way to %s: %w", connection, err)
	}
	if holds, err := c.holds(ctx, p.DB, p.Vault); err != nil {
		return nil, err
	} else if !holds {
		return nil, ErrNotFound
	}
	for _, other := range []string{c.Pending, c.Endpoint} {
		if endpoint == "" {
			endpoint = other
		}
	}
	if endpoint == "" {
		return nil, ErrNoEndpoint
	}
	w := way{Networks: c.Networks, CA: c.CA, Identity: c.Identity}
	if err := w.checkEndpoint(endpoint); err != nil {
		return nil, err
	}
	proof := &Proof{Endpoint: endpoint, connection: c.ID, mark: c.Mark, at: time.Now()}
	return proof, p.ask(ctx, c, w, endpoint)
}

func (p Prover) ask(ctx context.Context, c provable, w way, endpoint string) error {
	secrets, err := openSecrets(p.Vault, c.ID, c.Sealed)
	if err != nil {
		return err
	}
	timeout := p.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	client, err := w.client(p.Vault, c.ID, endpoint, timeout)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	question := Challenge{SpecVersion: "1.0", ID: postgres.NewID(), Type: ChallengeType,
		Source: "urn:congdvc:connection:" + c.Code, Time: At(time.Now()),
		DataContentType: "application/json", Data: ChallengeData{rand.Text()}}
	body, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("onestop: write a challenge: %w", err)
	}
	request, err := newRequest(ctx, endpoint, secrets, question.ID, body, time.Now())
	if err != nil {
		return fmt.Errorf("onestop: challenge %s: %w", c.Code, err)
	}
	request.Header.Set("Accept", "application/json")
	reply, err := client.Do(request)
	if err != nil {
		return ErrChallengeAway.At("endpoint").With("Why", problemText(err)).From(err)
	}
	defer reply.Body.Close()
	return judgeAnswer(reply, question.Data.Challenge)
}

// judgeAnswer accepts a JSON object with the challenge, and nothing else: what a page, a redirect or a
// machine that says the same to everybody answers is none.
func judgeAnswer(reply *http.Response, challenge string) error {
	switch {
	case reply.StatusCode/100 == 3:
		return ErrChallengeRedirect.At("endpoint").With("Status", reply.StatusCode)
	case reply.StatusCode != http.StatusOK:
		return ErrChallengeStatus.At("endpoint").With("Status", reply.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(reply.Body, maxChallengeReply+1))
	if err != nil {
		return ErrChallengeAway.At("endpoint").With("Why", problemText(err)).From(err)
	}
	var answer struct {
		Challenge string `json:"challenge"`
	}
	wrong := ErrChallengeAnswer.At("endpoint")
	media := strings.ToLower(strings.TrimSpace(strings.Split(reply.Header.Get("Content-Type"), ";")[0]))
	switch {
	case len(body) > maxChallengeReply:
		return wrong.From(fmt.Errorf("more than %d bytes", maxChallengeReply))
	case media != "application/json":
		return wrong.From(fmt.Errorf("media type %q", media))
	}
	if err := json.Unmarshal(bytes.TrimSpace(body), &answer); err != nil {
		return wrong.From(err)
	}
	if answer.Challenge != challenge {
		return wrong.From(errors.New("another challenge"))
	}
	return nil
}

const lockBound = `select ` + boundColumns + ` from connection c where c.id::text = $1 for update`

const setLive = `
update connection set endpoint = $2, endpoint_pending = '', proved_at = $3
where id = $1`

// SetProved makes an endpoint live that was proved: events that were not delivered yet go there at once. A
// connection that was changed since the challenge is ErrChallengeStale.
func SetProved(ctx context.Context, tx pgx.Tx, v *vault.Vault, p *Proof) error {
	rows, err := tx.Query(ctx, lockBound, p.connection)
	if err != nil {
		return fmt.Errorf("onestop: change connection %s: %w", p.connection, err)
	}
	now, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[bound])
	if err != nil {
		return fmt.Errorf("onestop: change connection %s: %w", p.connection, err)
	}
	if !bytes.Equal(now.Mark, p.mark) {
		return ErrChallengeStale
	}
	if err := changeMarked(ctx, tx, v, setLive, p.connection, p.Endpoint, p.at); err != nil {
		return err
	}
	return changeConnection(ctx, tx, forgetPause, p.connection)
}

// Prove challenges the endpoint of a connection that waits for its proof, or else the live one, and makes it
// live. Errors: those of Challenge and SetProved.
func (p Prover) Prove(ctx context.Context, connection string) (*Proof, error) {
	proof, err := p.Challenge(ctx, connection, "")
	if err != nil {
		return nil, err
	}
	err = pgx.BeginFunc(ctx, p.DB, func(tx pgx.Tx) error { return SetProved(ctx, tx, p.Vault, proof) })
	return proof, err
}
