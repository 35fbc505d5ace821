// Package notice tells people what happened to their dossiers: on the portal's own page, and by the channels
// that are open, with a ledger of every delivery. A notice is queued in the transaction of the change that it
// tells about and sent after it. A new channel is a file beside channel_mail.go, and a row where the program
// opens its channels.
//
// Mail goes out through github.com/wneessen/go-mail, imported here only: it encodes subjects and bodies for
// any language and speaks SMTP with TLS, authentication and deadlines, where net/smtp is frozen. The way out
// is net/smtp and mime.
package notice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/binding"
	"congdvc/services/dong"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/vault"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// ErrNotFound means that there is no such notice of this party.
var ErrNotFound = fault.New(fault.NotFound, "notice.not_found")

// Args are the facts that a notice names in addition to its dossier. None is personal data; each fact that is
// set becomes a line.
type Args struct {
	Due      *time.Time    `json:"due,omitempty"`      // when the result is promised
	Deadline *workday.Date `json:"deadline,omitempty"` // the last day to answer
	Amount   *dong.Amount  `json:"amount,omitempty"`   // paid, or paid back
	Receipt  string        `json:"receipt,omitempty"`  // number of the receipt
	// Procedure is the name of what a draft is for.
	Procedure *i18n.Text `json:"procedure,omitempty"`
}

// Notice is a message about a dossier, or a draft, of a party. Every person who acts for the party finds it
// on their page and reads it for themselves; the channels carry it to Person alone.
type Notice struct {
	ID        string             `db:"id"`
	Party     identity.PartyID   `db:"party_id"`
	Person    identity.PartyID   `db:"person_id"`
	Dossier   dossier.Code       `db:"dossier_code"` // "" of a notice about a draft
	Draft     *dossier.DraftID   `db:"draft_id"`
	Kind      dossier.NoticeKind `db:"kind"`
	Args      Args               `db:"args"`
	CreatedAt time.Time          `db:"created_at"`
	ReadAt    *time.Time         `db:"read_at"` // by the person who lists it; nil = unread
	Mark      []byte             `db:"mark"`
}

const insertNotice = `
insert into notice (id, party_id, person_id, dossier_code, draft_id, kind, args, created_at, mark)
values (@id, @party_id, @person_id, @dossier_code, @draft_id, @kind, @args, @created_at, @mark)`

const insertDelivery = `
insert into notice_delivery (id, notice_id, channel, next_at, expires_at)
values ($1, $2, $3, $4, $5)`

// Queue adds a notice, to be shown at once and sent by each of the channels after the commit, and returns its
// id. channels are the open ones: where none is, nothing waits to be sent. What waits for a channel that
// nobody opens ends when it stops to make sense. ID, ReadAt and Mark of n are ignored; CreatedAt is
// required.
func Queue(ctx context.Context, tx pgx.Tx, v *vault.Vault, channels []string, n Notice) (id string,
	err error) {
	n.ID = postgres.NewID()
	binds, err := n.binds()
	if err != nil {
		return "", err
	}
	n.Mark = binding.Notice.Mark(v, binds...)
	if err := insert(ctx, tx, channels, n); err != nil {
		return "", fmt.Errorf("notice: queue %s of %s: %w", n.Kind, n.Dossier, err)
	}
	return n.ID, nil
}

func insert(ctx context.Context, tx pgx.Tx, channels []string, n Notice) error {
	_, err := tx.Exec(ctx, insertNotice, pgx.StrictNamedArgs{
		"id": n.ID, "party_id": n.Party, "person_id": n.Person,
		"dossier_code": n.Dossier, "draft_id": n.Draft, "kind": n.Kind, "args": n.Args,
		"created_at": n.CreatedAt, "mark": n.Mark})
	if err != nil {
		return err
	}
	for _, channel := range channels {
		if _, err := tx.Exec(ctx, insertDelivery, postgres.NewID(), n.ID, channel, n.CreatedAt,
			n.Until()); err != nil {
			return err
		}
	}
	return nil
}

const listNotices = `
select n.id::text, n.party_id::text, n.person_id::text, n.dossier_code, n.draft_id::text, n.kind, n.args, n.created_at,
    r.read_at, n.mark
from notice n left join notice_read r on r.notice_id = n.id and r.person_id = $4
where n.party_id = $1 and ($2 = '' or n.id < nullif($2, '')::uuid)
order by n.id desc
limit $3`

const largestPage = 100

// List gives the notices of the party for whom a person acts, newest first, with what that person has read:
// those before the one with the id before ("" = from the newest), at most limit (1 to 100). A malformed id
// gives none, and what this portal did not write is left out.
func List(ctx context.Context, db postgres.DB, v *vault.Vault, who identity.Who, before string,
	limit int) ([]Notice, error) {
	if before != "" && !postgres.IsID(before) {
		return nil, nil
	}
	limit = min(max(limit, 1), largestPage)
	var list []Notice
	for len(list) < limit { // once, where every row holds
		rows, err := db.Query(ctx, listNotices, who.Party, before, limit-len(list), who.Person)
		if err != nil {
			return nil, fmt.Errorf("notice: list of %s: %w", who.Party, err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Notice])
		if err != nil {
			return nil, fmt.Errorf("notice: list of %s: %w", who.Party, err)
		}
		last := len(list)+len(found) < limit
		if len(found) > 0 {
			before = found[len(found)-1].ID
		}
		found, err = binding.Keep(found, func(n *Notice) (bool, error) { return n.holds(ctx, db, v) })
		if err != nil {
			return nil, err
		}
		if list = append(list, found...); last {
			break
		}
	}
	return list, nil
}

const markRead = `
with of as (
    select id from notice where id = $2 and party_id = $1
), marked as (
    insert into notice_read (notice_id, person_id, read_at) select id, $4, $3 from of
    on conflict (notice_id, person_id) do nothing
)
select id::text from of`

// MarkRead notes that a person has read a notice of the party for whom they act, for themselves and nobody
// else; a second call changes nothing. Errors: ErrNotFound, also for a notice of another party.
func MarkRead(ctx context.Context, db postgres.DB, who identity.Who, id string, now time.Time) error {
	if !postgres.IsID(id) {
		return ErrNotFound
	}
	err := db.QueryRow(ctx, markRead, who.Party, id, now, who.Person).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("notice: mark %s: %w", id, err)
	}
	return nil
}

// UnreadMost is as far as unread notices are counted: nobody reads a larger number, and an organisation may
// have any number of them.
const UnreadMost = 100

const countUnread = `
select p.id::text as party, count(*) as number
from unnest($1::uuid[]) p (id)
cross join lateral (select from notice n
    where n.party_id = p.id
        and not exists (select from notice_read r where r.notice_id = n.id and r.person_id = $2)
    limit $3) unread
group by p.id`

// Unread counts, by party, the notices that a person has not read, up to UnreadMost each. The caller has made
// sure that the person may act for the parties. A number tells nothing of a notice, so it counts rows without
// looking at their marks.
func Unread(ctx context.Context, db postgres.DB, person identity.PartyID,
	parties ...identity.PartyID) (map[identity.PartyID]int, error) {
	rows, err := db.Query(ctx, countUnread, parties, person, UnreadMost)
	if err != nil {
		return nil, fmt.Errorf("notice: unread by %s: %w", person, err)
	}
	counts := map[identity.PartyID]int{}
	var party identity.PartyID
	var number int
	_, err = pgx.ForEachRow(rows, []any{&party, &number}, func() error {
		counts[party] = number
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("notice: unread by %s: %w", person, err)
	}
	return counts, nil
}
