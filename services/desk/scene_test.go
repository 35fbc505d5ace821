package desk_test

import (
	"encoding/json"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"congdvc/identity"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/workday"
)

// together runs tests side by side in one province, each with people of its own.
// They must not move its clock.
func together(t *testing.T, tests map[string]func(*testing.T, *desktest.Province)) {
	p := desktest.New(t, desktest.Options{})
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, p)
		})
	}
}

var people atomic.Int64

// person is somebody whom no other test knows.
func person(t testing.TB, p *desktest.Province) identity.Who {
	t.Helper()
	return p.Citizen(t, int(people.Add(1)))
}

// do ends the test upon an error.
func do(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// call ends the test unless a call of a one-stop system was carried out, and reads its answer.
func call(t testing.TB, answer []byte, err error) onestop.Dossier {
	t.Helper()
	do(t, err)
	var d onestop.Dossier
	do(t, json.Unmarshal(answer, &d))
	return d
}

// refused reports an error that is not the expected one.
func refused(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// view is what the owner sees of a dossier; its history is whole.
func view(t testing.TB, p *desktest.Province, who identity.Who, code dossier.Code) *desk.DossierView {
	t.Helper()
	v, err := p.Desk.Dossier(t.Context(), who, code)
	do(t, err)
	do(t, dossier.VerifyChain(t.Context(), p.Pool, p.Vault, v.Dossier.ID))
	return v
}

// kinds are the kinds of a dossier's events, in order.
func kinds(v *desk.DossierView) []dossier.Kind {
	var all []dossier.Kind
	for _, e := range v.History {
		all = append(all, e.Kind)
	}
	return all
}

// slipsOf are the kinds of a dossier's slips, in order.
func slipsOf(v *desk.DossierView) []dossier.SlipKind {
	var all []dossier.SlipKind
	for _, s := range v.Slips {
		all = append(all, s.Kind)
	}
	return all
}

// told are the kinds of the notices of a party, the oldest first.
func told(t testing.TB, p *desktest.Province, who identity.Who) []dossier.NoticeKind {
	t.Helper()
	list, err := notice.List(t.Context(), p.Pool, p.Vault, who, "", 100)
	do(t, err)
	var all []dossier.NoticeKind
	for _, n := range slices.Backward(list) {
		all = append(all, n.Kind)
	}
	return all
}

// feed is all that the one-stop system was told of a dossier, in order.
func feed(t testing.TB, p *desktest.Province, code dossier.Code) []onestop.CloudEvent {
	t.Helper()
	for {
		n, err := onestop.Sequence(t.Context(), p.Pool)
		do(t, err)
		if left := count(t, p, `select count(*) from event where position is null`); n == 0 && left == 0 {
			break
		}
	}
	batch, err := onestop.After(t.Context(), p.Pool, p.Connection, onestop.Cursor{}, onestop.MaxBatch)
	do(t, err)
	return slices.DeleteFunc(batch.Events, func(e onestop.CloudEvent) bool {
		return e.Subject != string(code)
	})
}

// types are the types of events, in order.
func types(events []onestop.CloudEvent) []dossier.EventType {
	var all []dossier.EventType
	for _, e := range events {
		all = append(all, e.Type)
	}
	return all
}

// same reports two lists that are not the same.
func same[T comparable](t testing.TB, what string, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// count is a number that the database gives.
func count(t testing.TB, p *desktest.Province, sql string, args ...any) (n int) {
	t.Helper()
	do(t, p.Pool.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

// processing is the code of a dossier that is being worked on.
func processing(t testing.TB, p *desktest.Province, who identity.Who) dossier.Code {
	t.Helper()
	code := p.Submitted(t, who)
	ctx := t.Context()
	_, err := p.Desk.Receive(ctx, p.Office(t, "receive "+string(code)), code, onestop.Receive{})
	do(t, err)
	_, err = p.Desk.Process(ctx, p.Office(t, "process "+string(code)), code, onestop.Process{})
	do(t, err)
	return code
}

// day reads a date.
func day(t testing.TB, text string) workday.Date {
	t.Helper()
	d, err := workday.ParseDate(text)
	do(t, err)
	return d
}
