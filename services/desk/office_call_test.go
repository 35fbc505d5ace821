package desk_test

import (
	"bytes"
	"sync"
	"testing"

	"congdvc/services/agency"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// TestOffice has what one-stop systems do without waiting for anything, in one province.
func TestOffice(t *testing.T) {
	t.Parallel()
	together(t, map[string]func(*testing.T, *desktest.Province){
		"acknowledging moves the sync alone": acknowledging,
		"refusing":                           refusing,
		"processing and notes":               processingAndNotes,
		"a call is carried out once":         callsOnce,
		"what was seen before":               ifMatch,
		"another connection finds nothing":   anotherConnection,
		"every reading is recorded":          readings,
		"paying at the counter":              payingAtTheCounter,
	})
}

func callsOnce(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code, other := p.Submitted(t, lan), p.Submitted(t, lan)
	office := p.Office(t, t.Name()+"/one key")
	answers := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			var err error
			if answers[i], err = p.Desk.Note(t.Context(), office, code, onestop.Note{Note: "một lần"}); err !=
				nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	_, err := p.Desk.Process(t.Context(), p.Office(t, t.Name()+"/fails"), code, onestop.Process{})
	refused(t, "a call that fails", err, dossier.ErrMove)
	_, err = p.Desk.Receive(t.Context(), p.Office(t, t.Name()+"/between"), code, onestop.Receive{})
	do(t, err)
	late, err := p.Desk.Note(t.Context(), office, code, onestop.Note{Note: "một lần"})
	do(t, err)
	for _, a := range append(answers, late) {
		if !bytes.Equal(a, answers[0]) || len(a) == 0 {
			t.Errorf("the answer %s is not %s", a, answers[0])
		}
	}
	same(t, "history", kinds(view(t, p, lan, code)), dossier.KindSubmitted, dossier.KindNote,
		dossier.KindReceived)
	// What failed was not kept: the same key works once it is possible.
	_, err = p.Desk.Process(t.Context(), p.Office(t, t.Name()+"/fails"), code, onestop.Process{})
	do(t, err)
	reused := office
	reused.Call.Request = []byte("another request")
	_, err = p.Desk.Note(t.Context(), reused, other, onestop.Note{Note: "khác"})
	refused(t, "a key for another request", err, onestop.ErrCallReused)
	if n := len(view(t, p, lan, other).History); n != 1 {
		t.Errorf("%d events of the other dossier", n)
	}
}

func ifMatch(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code := p.Submitted(t, lan)
	header, err := p.Desk.DossierFor(t.Context(), p.Office(t, ""), code)
	do(t, err)
	seen := header.RowVersion
	office := p.Office(t, t.Name()+"/1")
	office.IfMatch = &seen
	answer, err := p.Desk.Note(t.Context(), office, code, onestop.Note{Note: "một"})
	if d := call(t, answer, err); d.RowVersion <= seen {
		t.Errorf("row version %d after %d", d.RowVersion, seen)
	}
	office = p.Office(t, t.Name()+"/2")
	office.IfMatch = &seen
	_, err = p.Desk.Note(t.Context(), office, code, onestop.Note{Note: "hai"})
	refused(t, "what changed since", err, desk.ErrStale)
	if n := len(view(t, p, lan, code).History); n != 2 {
		t.Errorf("%d events", n)
	}
}

// anotherConnection: what a connection's agencies do not receive or decide does not exist for it.
func anotherConnection(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code := p.Submitted(t, lan)
	file := view(t, p, lan, code).First.Files[0].ID
	departments, err := agency.List(t.Context(), p.Pool, agency.Filter{Kind: agency.Department,
		On: workday.DateOf(p.Clock.Now())})
	do(t, err)
	var other onestop.Connection
	do(t, pgx.BeginFunc(t.Context(), p.Pool, func(tx pgx.Tx) error {
		c, _, err := onestop.CreateConnection(t.Context(), tx, p.Vault,
			onestop.NewConnection{Code: "so", Name: "Sở", Now: p.Clock.Now()})
		other = *c
		return err
	}))
	foreign := func(key string) desk.Office {
		o := p.Office(t, t.Name()+"/"+key)
		o.Connection, o.Agencies, o.Call.Connection = other.ID, []agency.ID{departments[0].ID}, other.ID
		return o
	}
	for name, try := range map[string]func(o desk.Office) error{
		"header": func(o desk.Office) error {
			_, err := p.Desk.DossierFor(t.Context(), o, code)
			return err
		},
		"revision": func(o desk.Office) error {
			_, err := p.Desk.RevisionFor(t.Context(), o, code, 1)
			return err
		},
		"file": func(o desk.Office) error {
			_, err := p.Desk.FileFor(t.Context(), o, code, 1, file)
			return err
		},
		"receive": func(o desk.Office) error {
			_, err := p.Desk.Receive(t.Context(), o, code, onestop.Receive{})
			return err
		},
		"note": func(o desk.Office) error {
			_, err := p.Desk.Note(t.Context(), o, code, onestop.Note{Note: "x"})
			return err
		},
		"withdraw": func(o desk.Office) error {
			_, err := p.Desk.AnswerWithdrawal(t.Context(), o, code, desk.Accept, "")
			return err
		},
		"paid": func(o desk.Office) error {
			_, err := p.Desk.PaidAtCounter(t.Context(), o, code, onestop.CounterPayment{Amount: 8000})
			return err
		},
		"result": func(o desk.Office) error {
			_, err := p.Desk.DeliverResult(t.Context(), o, code,
				desk.ResultIn{FileName: "a.pdf", File: bytes.NewReader(nil)})
			return err
		},
		"supplement": func(o desk.Office) error {
			_, err := p.Desk.AskSupplement(t.Context(), o, code, onestop.Supplement{})
			return err
		},
	} {
		refused(t, name, try(foreign(name)), dossier.ErrNotFound)
	}
	v := view(t, p, lan, code)
	read, err := dossier.Accesses(t.Context(), p.Pool, p.Vault, v.Dossier.ID, "")
	do(t, err)
	if len(read) != 0 || len(v.History) != 1 {
		t.Errorf("%d readings, %d events", len(read), len(v.History))
	}
}
