package desk_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// newSystem adds a one-stop system that serves nobody yet.
func newSystem(t testing.TB, p *desktest.Province, code string) string {
	t.Helper()
	var id string
	do(t, pgx.BeginFunc(t.Context(), p.Pool, func(tx pgx.Tx) error {
		c, _, err := onestop.CreateConnection(t.Context(), tx, p.Vault,
			onestop.NewConnection{Code: code, Name: code, Now: p.Desk.Now()})
		if err == nil {
			id = c.ID
		}
		return err
	}))
	return id
}

// move has a connection serve an agency; a minute passes before and after.
func move(t testing.TB, p *desktest.Province, connection string, a agency.Agency) (m desk.AgencyMove) {
	t.Helper()
	p.Clock.Advance(time.Minute)
	do(t, p.Desk.Tx(t.Context(), func(tx pgx.Tx) error {
		moves, err := p.Desk.MoveAgencies(t.Context(), tx, connection, a)
		if err == nil {
			m = moves[0]
		}
		return err
	}))
	p.Clock.Advance(time.Minute)
	return m
}

// officeOf is an officer of whatever a connection serves today.
func officeOf(t testing.TB, p *desktest.Province, connection, key string) desk.Office {
	t.Helper()
	served, err := agency.ServedBy(t.Context(), p.Pool, p.Vault, connection, workday.DateOf(p.Desk.Now()))
	do(t, err)
	o := p.Office(t, key)
	o.Connection, o.Call.Connection, o.Agencies = connection, connection, served
	o.Actor.System = connection
	return o
}

// logOf gives the types of the events of a connection about a dossier.
func logOf(t testing.TB, p *desktest.Province, connection string,
	code dossier.Code) (types []dossier.EventType) {
	t.Helper()
	for count(t, p, `select count(*) from event where position is null`) > 0 {
		_, err := onestop.Sequence(t.Context(), p.Pool)
		do(t, err)
	}
	batch, err := onestop.After(t.Context(), p.Pool, connection, onestop.Cursor{}, onestop.MaxBatch)
	do(t, err)
	for i, e := range batch.Events {
		if at, err := onestop.ParseCursor(e.Cursor); err != nil || at.Position != int64(i)+1 {
			t.Errorf("event %d of the log is at %s: %v", i+1, e.Cursor, err)
		}
		if e.Subject == string(code) {
			types = append(types, e.Type)
		}
	}
	return types
}

func acknowledge(t testing.TB, p *desktest.Province, connection string, code dossier.Code, as string) {
	t.Helper()
	answer, err := p.Desk.Acknowledge(t.Context(), officeOf(t, p, connection, "ack-"+as+string(code)), code,
		onestop.Acknowledge{OfficeCode: as})
	if d := call(t, answer, err); d.OfficeCode != as {
		t.Errorf("%s is known as %q, not %q", code, d.OfficeCode, as)
	}
}

// TestAnAgencyChangesItsSystem: the new one is told of every dossier that is open, the old one keeps only the
// reading of what it had acknowledged.
func TestAnAgencyChangesItsSystem(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx := t.Context()
	taker := p.Citizen(t, 1)
	taken, untaken := p.Submitted(t, taker), p.Submitted(t, p.Citizen(t, 2))
	done, refusedOne := processing(t, p, p.Citizen(t, 3)), p.Submitted(t, p.Citizen(t, 4))
	_, err := p.Desk.DeliverResult(ctx, p.Office(t, "result"), done, // it waits to be fetched
		resultIn(t, "kq.pdf", signed(t, paper(t, t.Name()))))
	do(t, err)
	old := p.Connection
	p.Clock.Advance(time.Minute)
	acknowledge(t, p, old, taken, "OLD-1")
	kept := officeOf(t, p, old, "receive")
	first, err := p.Desk.Receive(ctx, kept, taken, onestop.Receive{})
	do(t, err)
	_, err = p.Desk.Refuse(ctx, officeOf(t, p, old, "refuse"), refusedOne,
		onestop.Refuse{Reason: "Không thuộc thẩm quyền của xã."})
	do(t, err)
	next := newSystem(t, p, "rieng")

	m := move(t, p, next, p.Commune)
	if m.Before != old || m.Transferred != 3 || m.Ended != 2 {
		t.Errorf("moved: %+v", m)
	}
	for code, want := range map[dossier.Code][2][]dossier.EventType{
		taken:      {{dossier.EventSubmitted}, {dossier.EventTransferred}},
		untaken:    {{dossier.EventEnded}, {dossier.EventTransferred}},
		done:       {{dossier.EventEnded}, {dossier.EventTransferred}},
		refusedOne: {{dossier.EventSubmitted}, nil},
	} {
		same(t, "old log", logOf(t, p, old, code), want[0]...)
		same(t, "new log", logOf(t, p, next, code), want[1]...)
	}

	before, after := officeOf(t, p, old, ""), officeOf(t, p, next, "")
	for _, code := range []dossier.Code{taken, untaken, done, refusedOne} {
		_, err := p.Desk.RevisionFor(ctx, after, code, 1)
		do(t, err)
	}
	_, err = p.Desk.RevisionFor(ctx, before, taken, 1)
	do(t, err)
	_, err = p.Desk.RevisionFor(ctx, before, taken, 2)
	refused(t, "a later revision", err, onestop.ErrMoved)
	_, err = p.Desk.RevisionFor(ctx, before, untaken, 1)
	refused(t, "what it never had", err, dossier.ErrNotFound)
	former, err := p.Desk.DossierFor(ctx, before, taken)
	do(t, err)
	stood := *former
	again, err := p.Desk.Receive(ctx, kept, taken, onestop.Receive{})
	if do(t, err); string(again) != string(first) {
		t.Errorf("repeated, the call is answered %s, at first %s", again, first)
	}
	for code, want := range map[dossier.Code]error{taken: onestop.ErrMoved, untaken: dossier.ErrNotFound} {
		_, err = p.Desk.Process(ctx, officeOf(t, p, old, "late"+string(code)), code, onestop.Process{})
		refused(t, "a change by the former system", err, want)
		stale := officeOf(t, p, old, "stale"+string(code)) // it began its call before the move
		stale.Agencies = []agency.ID{p.Commune.ID}
		_, err = p.Desk.Process(ctx, stale, code, onestop.Process{})
		refused(t, "a change that began before", err, onestop.ErrMoved)
	}
	d, err := p.Desk.DossierFor(ctx, after, taken)
	if do(t, err); d.OfficeCode != "" || d.Sync != string(dossier.Waiting) ||
		d.Status != string(dossier.Received) {
		t.Errorf("the new system finds %+v", d)
	}
	acknowledge(t, p, next, taken, "NEW-1")
	_, err = p.Desk.Note(ctx, officeOf(t, p, next, "note"), taken, onestop.Note{Note: "Của phần mềm mới"})
	do(t, err)
	do(t, p.Desk.RequestWithdrawal(ctx, taker, taken, "Tôi không cần nữa."))
	former, err = p.Desk.DossierFor(ctx, before, taken)
	if do(t, err); !reflect.DeepEqual(*former, stood) || former.OfficeCode != "OLD-1" ||
		len(former.History) != 3 || former.Sync != string(dossier.Acknowledged) ||
		len(former.Requests)+len(former.Fees)+len(former.Slips) > 0 {
		t.Errorf("the former system reads %+v, first %+v", former, stood)
	}
	_, err = p.Pool.Exec(ctx, `update dossier_former_connection set standing_sealed = null`)
	do(t, err) // as one of before, when that was not kept
	former, err = p.Desk.DossierFor(ctx, before, taken)
	if do(t, err); former.OfficeCode != "" || len(former.History)+len(former.Requests) > 0 ||
		len(former.Revisions) != 1 {
		t.Errorf("a former system of before reads %+v", former)
	}
	d, err = p.Desk.DossierFor(ctx, after, taken)
	if do(t, err); len(d.Requests) != 1 || len(d.History) != 6 || len(d.Slips) != 1 {
		t.Errorf("the new system reads %+v", d)
	}
	list, err := p.Desk.ListDossiers(ctx, before, dossier.AgencyFilter{Agencies: before.Agencies},
		onestop.ListCursor{}, 10)
	if do(t, err); len(list.Dossiers) > 0 {
		t.Errorf("the former system lists %+v", list.Dossiers)
	}
	if m := move(t, p, next, p.Commune); m.Before != "" || m.Transferred != 0 {
		t.Errorf("said twice, it moves again: %+v", m)
	}
}

// TestReadingIsNotGivenByTheDatabase: a row that lets a system go on reading counts only when this portal
// wrote it.
func TestReadingIsNotGivenByTheDatabase(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	code, thief := p.Submitted(t, p.Citizen(t, 1)), newSystem(t, p, "trom")
	_, err := p.Pool.Exec(t.Context(), `insert into dossier_former_connection
    (dossier_id, connection_id, last_revision, moved_at, readable_until)
select id, $2, 1, now() - interval '1 day', now() + interval '100 years' from dossier where code = $1`, code, thief)
	do(t, err)
	_, err = p.Desk.RevisionFor(t.Context(), officeOf(t, p, thief, ""), code, 1)
	refused(t, "reading by a row that anybody wrote", err, dossier.ErrNotFound)
}

// TestAnAgencyComesBack: what one system acknowledged in its time stays taken, and nothing of before comes
// between.
func TestAnAgencyComesBack(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), p.Citizen(t, 1)
	code, old := p.Submitted(t, lan), p.Connection
	p.Clock.Advance(time.Minute)
	acknowledge(t, p, old, code, "OLD-1")
	next := newSystem(t, p, "rieng")
	move(t, p, next, p.Commune)
	do(t, p.Desk.RequestWithdrawal(ctx, lan, code, "Tôi không cần nữa."))
	if m := move(t, p, old, p.Commune); m.Transferred != 1 || m.Ended != 2 {
		t.Errorf("back: %+v", m)
	}
	same(t, "new log", logOf(t, p, next, code), dossier.EventEnded, dossier.EventEnded)
	same(t, "old log", logOf(t, p, old, code), dossier.EventSubmitted, dossier.EventTransferred)
	if _, _, err := onestop.Former(ctx, p.Pool, p.Vault, next, code, p.Desk.Now()); err == nil {
		t.Error("what the new system never acknowledged it may read")
	}
	acknowledge(t, p, old, code, "OLD-2")
	if m := move(t, p, next, p.Commune); m.Transferred != 1 || m.Ended != 0 {
		t.Errorf("there again: %+v", m)
	}
	same(t, "old log", logOf(t, p, old, code), dossier.EventSubmitted, dossier.EventTransferred)
	_, err := p.Desk.RevisionFor(ctx, officeOf(t, p, old, ""), code, 1)
	do(t, err)
	acknowledge(t, p, next, code, "NEW-7")
}

// TestADossierWithTwoAgenciesMoves: the one-stop system that serves the other agency keeps it.
func TestADossierWithTwoAgenciesMoves(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), p.Citizen(t, 1)
	variant(t, p, "9.000635", `{"by": "commune_of", "field": "nyc.cu_tru"}`)
	home := office(t, p, "H42.37.14359")
	s, err := p.Desk.Submit(ctx, lan, copiesAt(t, p, lan, "9.000635", p.Commune.ID, "14359"))
	do(t, err)
	old, next, third := p.Connection, newSystem(t, p, "rieng"), newSystem(t, p, "khac")

	// The receiver goes; the common system still serves the decider.
	if m := move(t, p, next, p.Commune); m.Transferred != 1 || m.Ended != 0 {
		t.Errorf("the receiver: %+v", m)
	}
	same(t, "old log", logOf(t, p, old, s.Code), dossier.EventSubmitted)
	same(t, "new log", logOf(t, p, next, s.Code), dossier.EventTransferred)
	// The decider goes to the receiver's: that one has the dossier.
	if m := move(t, p, next, *home); m.Transferred != 0 || m.Ended != 1 {
		t.Errorf("the decider: %+v", m)
	}
	same(t, "old log", logOf(t, p, old, s.Code), dossier.EventEnded)
	// The receiver goes on: both are told from then on.
	if m := move(t, p, third, p.Commune); m.Transferred != 1 || m.Ended != 0 {
		t.Errorf("the receiver again: %+v", m)
	}
	do(t, p.Desk.RequestWithdrawal(ctx, lan, s.Code, "Tôi không cần nữa."))
	same(t, "receiver's log", logOf(t, p, third, s.Code), dossier.EventTransferred,
		dossier.EventWithdrawalRequested)
	same(t, "decider's log", logOf(t, p, next, s.Code), dossier.EventTransferred,
		dossier.EventWithdrawalRequested)
	// The receiver comes to the decider's system, which now has to acknowledge for the receiver.
	if m := move(t, p, next, p.Commune); m.Transferred != 1 || m.Ended != 2 {
		t.Errorf("the receiver joins: %+v", m)
	}
	acknowledge(t, p, next, s.Code, "NEW-1")
}

// TestAgenciesMoveUnderLoad: whoever files, supplements or withdraws while the agency goes to and fro, every
// open dossier ends in the log of exactly the system that serves it then.
func TestAgenciesMoveUnderLoad(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, next := t.Context(), newSystem(t, p, "rieng")
	const citizens, each = 4, 5
	var people []identity.Who
	drafts := map[identity.PartyID][]dossier.DraftID{}
	for i := range citizens {
		who := p.Citizen(t, i+1)
		people = append(people, who)
		for range each {
			drafts[who.Party] = append(drafts[who.Party], p.Copies(t, who, 1))
		}
	}
	filed := make(chan error, citizens)
	for _, who := range people {
		go func() {
			filed <- func() error {
				for i, id := range drafts[who.Party] {
					s, err := p.Desk.Submit(ctx, who, id)
					if err == nil && i%2 == 0 {
						err = p.Desk.RequestWithdrawal(ctx, who, s.Code, "Tôi không cần nữa.")
					}
					if err != nil {
						return fmt.Errorf("file %d: %w", i, err)
					}
				}
				return nil
			}()
		}()
	}
	serving, former := p.Connection, next
	for left := citizens; left > 0; {
		select {
		case err := <-filed:
			do(t, err)
			left--
		default:
		}
		serving, former = former, serving
		move(t, p, serving, p.Commune)
	}
	live := map[string][]dossier.EventType{} // by connection and dossier
	for _, connection := range []string{p.Connection, next} {
		logOf(t, p, connection, "")
		batch, err := onestop.After(ctx, p.Pool, connection, onestop.Cursor{}, onestop.MaxBatch)
		do(t, err)
		if batch.More {
			t.Fatal("there are more events than the test reads")
		}
		for _, e := range batch.Events {
			if e.Type != dossier.EventEnded {
				live[connection+e.Subject] = append(live[connection+e.Subject], e.Type)
			}
		}
	}
	for _, who := range people {
		for _, id := range drafts[who.Party] {
			d, err := dossier.FindByDraft(ctx, p.Pool, p.Vault, id, who.Party)
			do(t, err)
			here, there := live[serving+string(d.Code)], live[former+string(d.Code)]
			if len(there) != 0 || !slices.ContainsFunc(here, func(e dossier.EventType) bool {
				return e == dossier.EventTransferred || e == dossier.EventSubmitted
			}) {
				t.Errorf("%s: %v where it is served, %v elsewhere", d.Code, here, there)
			}
			_, err = p.Desk.RevisionFor(ctx, officeOf(t, p, serving, ""), d.Code, 1)
			do(t, err)
		}
	}
}
