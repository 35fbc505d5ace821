// Package desk holds the use cases: every change that spans several rooms is one
// function here and one transaction. Only the desk opens a transaction across
// rooms; network calls and unrepeatable writes stay outside of it.
//
// Some reads are here too, by one rule: a read belongs to the desk when it joins several rooms into what one
// page or one call shows (a draft with its form, files and fee; a dossier with its history, results and
// receipts). A read of one room is that room's function, and handlers call it there.
//
// A file holds one use case and is named for it: submit.go, receive.go, withdraw.go. What the payment
// provider says arrives in payment_fact.go, which a job of submit_paid.go or refund.go follows.
package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"congdvc/payments/checkout"
	"congdvc/portal/address"
	"congdvc/services/dong"
	"congdvc/services/fault"
	"congdvc/services/filestore"
	"congdvc/services/signature"
	"congdvc/services/vault"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// Failures that a person or a one-stop system can be told about.
var (
	ErrNewVersion = fault.New(fault.Conflict, "desk.new_version")
	ErrNoAgency   = fault.New(fault.Invalid, "desk.no_agency")
	// args: Name, of the agency; Date, its first day without it
	ErrAgencyGone = fault.New(fault.Invalid, "desk.agency_gone")
	ErrNoCase     = fault.New(fault.Invalid, "desk.no_case")
	// args: Case, its name; Channels, by which it is filed
	ErrCaseOffline  = fault.New(fault.Invalid, "desk.case_offline")
	ErrNotOnline    = fault.New(fault.Conflict, "desk.not_online")
	ErrNotFrozen    = fault.New(fault.Conflict, "desk.not_frozen")
	ErrAlreadyPaid  = fault.New(fault.Conflict, "desk.already_paid")
	ErrNoPayment    = fault.New(fault.Unavailable, "desk.no_payment")
	ErrNotAsked     = fault.New(fault.Conflict, "desk.not_asked")
	ErrNotAllowed   = fault.New(fault.Forbidden, "desk.not_allowed")
	ErrUnchanged    = fault.New(fault.Invalid, "desk.unchanged") // args: Name, of what was asked for
	ErrAlreadyAsked = fault.New(fault.Conflict, "desk.already_asked")
	ErrUnsigned     = fault.New(fault.Invalid, "desk.result_unsigned")
	ErrStale        = fault.New(fault.Conflict, "desk.stale")
	ErrNothingOwed  = fault.New(fault.Conflict, "desk.nothing_owed")
	// ErrFeeOwed says that the procedure gives its result only once the fee is paid, and that it is not.
	ErrFeeOwed = fault.New(fault.Conflict, "desk.fee_owed")
	ErrNoPaper = fault.New(fault.Invalid, "desk.no_paper")
	// ErrNoDocument says that the portal holds no such document for the party and the requirement.
	ErrNoDocument = fault.New(fault.NotFound, "desk.no_document")
	// ErrDocumentEnded says that an attached e-result was revoked or superseded; args: Name, Code.
	ErrDocumentEnded = fault.New(fault.Invalid, "desk.document_ended")
	// ErrMoved says that a draft whose answers were to be taken along is not there any more.
	ErrMoved = fault.New(fault.Conflict, "desk.moved")
	// ErrUnproved says that a procedure or an agency is not as this portal wrote it.
	ErrUnproved     = fault.New(fault.Unavailable, "desk.unproved")
	ErrUnknownField = fault.New(fault.Invalid, "desk.unknown_field")
)

// Config is what the desk works with.
type Config struct {
	Pool  *pgxpool.Pool
	Vault *vault.Vault
	Files *filestore.Store
	// Checkout is nil where nothing can be paid online.
	Checkout *checkout.Checkout
	// ProviderTime is how long a person's own request may wait for the payment provider, all calls together;
	// 0 is the constant ProviderTime.
	ProviderTime time.Duration
	// PaymentAlarm is called for everything that the payment provider says and that makes no sense: a person
	// has to look. It must not block.
	PaymentAlarm func(context.Context, *checkout.Odd)
	// SmallestOnline is the smallest amount that the online channel takes.
	SmallestOnline dong.Amount
	Site           address.Site
	Now            func() time.Time
	// VerifyPDF checks the signatures of a result, in a process of its own.
	VerifyPDF func(ctx context.Context, file io.Reader) (signature.Report, error)
	// Appended is called after a commit that added to the feed, so that the
	// sequencer need not wait for its next look. It must not block.
	Appended func()
	// Channels are the names of the channels by which notices leave: those that the background work has open.
	Channels []string
	// DraftDays is for how many days a draft is kept after its last change; 0 is dossier.DraftDays.
	DraftDays int
	// DraftNotice is how long before its end the person of a draft is warned; 0 is the constant DraftNotice.
	DraftNotice time.Duration
}

// DraftNotice is how long before its end the person of a draft is warned, where the configuration says
// nothing else.
const DraftNotice = 7 * 24 * time.Hour

// ProviderTime is how long a person waits for the payment provider, where the configuration says nothing
// else: with all the rest of the request it stays below ten seconds.
const ProviderTime = 8 * time.Second

// Desk carries out the use cases.
type Desk struct {
	Config
	jobs *river.Client[pgx.Tx]
}

// New gives a desk that puts its background work into the database of the pool.
func New(c Config) (*Desk, error) {
	jobs, err := river.NewClient(riverpgxv5.New(c.Pool), &river.Config{})
	if err != nil {
		return nil, fmt.Errorf("desk: jobs: %w", err)
	}
	if c.Appended == nil {
		c.Appended = func() {}
	}
	if c.PaymentAlarm == nil {
		c.PaymentAlarm = func(context.Context, *checkout.Odd) {}
	}
	if c.ProviderTime <= 0 {
		c.ProviderTime = ProviderTime
	}
	if c.DraftNotice <= 0 {
		c.DraftNotice = DraftNotice
	}
	return &Desk{Config: c, jobs: jobs}, nil
}

// databaseTime bounds one wait for the database within a use case that lasts as long as a file is on its way.
const databaseTime = 10 * time.Second

// briefly is a context for such a wait.
func briefly(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, databaseTime)
}

// txTries bounds how often a transaction is begun that lost a deadlock.
const txTries = 5

// tx runs f in one transaction. A person's act and a payment's fact may lock the
// same rows in different orders; the one that PostgreSQL gives up runs again, so f
// may run more than once.
func (d *Desk) tx(ctx context.Context, f func(tx pgx.Tx) error) (err error) {
	for range txTries {
		if err = pgx.BeginFunc(ctx, d.Pool, f); !deadlock(err) {
			return err
		}
	}
	return err
}

// Tx is tx for a command of an operator that changes several things at once, one of them by the desk.
func (d *Desk) Tx(ctx context.Context, f func(tx pgx.Tx) error) error { return d.tx(ctx, f) }

func deadlock(err error) bool {
	const deadlockDetected = "40P01"
	var fault *pgconn.PgError
	return errors.As(err, &fault) && fault.Code == deadlockDetected
}

// today is the calendar day in the province.
func (d *Desk) today() workday.Date { return workday.DateOf(d.Now()) }

// enqueue puts a job into the transaction: it exists if and only if the change does.
func (d *Desk) enqueue(ctx context.Context, tx pgx.Tx, job river.JobArgs) error {
	if _, err := d.jobs.InsertTx(ctx, tx, job, nil); err != nil {
		return fmt.Errorf("desk: enqueue %s: %w", job.Kind(), err)
	}
	return nil
}
