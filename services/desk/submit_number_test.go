package desk_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"congdvc/services/dossier"
	"congdvc/services/workday"
)

// numbers are the codes of all dossiers of a province, in their order.
func numbers(t testing.TB, w town) (all []dossier.Code) {
	t.Helper()
	rows, err := w.Pool.Query(t.Context(), `select code from dossier order by code`)
	do(t, err)
	for rows.Next() {
		var code dossier.Code
		do(t, rows.Scan(&code))
		all = append(all, code)
	}
	do(t, rows.Err())
	return all
}

// firstNumbers are the first n codes of the commune on the day of the test.
func firstNumbers(w town, n int) (all []dossier.Code) {
	on := w.Clock.Now().Format("060102")
	for i := range n {
		all = append(all, dossier.Code(fmt.Sprintf("%s-%s-%04d", w.Commune.Code, on, i+1)))
	}
	return all
}

// TestANumberIsDrawnForWhatIsFiled: the counter of an agency counts the dossiers of its day. Freezing for a
// fee draws no number, nor does a second submit, and the return page, the webhook and the job draw one
// between them.
func TestANumberIsDrawnForWhatIsFiled(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	submitTwice := func() {
		who := person(t, w.Province)
		id := w.Copies(t, who, 1)
		var both sync.WaitGroup
		codes := make([]dossier.Code, 2)
		for i := range codes {
			both.Go(func() {
				s, err := w.Desk.Submit(t.Context(), who, id)
				if err != nil {
					t.Error(err)
				}
				codes[i] = s.Code
			})
		}
		both.Wait()
		if codes[0] == "" || codes[0] != codes[1] {
			t.Errorf("one dossier of a double press: %v", codes)
		}
	}
	submitTwice()
	paying := []bill{w.frozen(t), w.frozen(t)}
	submitTwice()
	for _, b := range paying {
		ref := b.pay(t)
		var all sync.WaitGroup
		for _, way := range []func(){
			func() { b.webhook(t, ref) }, func() { b.webhook(t, ref) },
			func() { _, _ = b.Desk.SubmitPaid(t.Context(), b.quote) },
			func() { _, _ = b.Desk.PaymentReturn(t.Context(), b.who, b.draft) },
		} {
			all.Go(way)
		}
		all.Wait()
		b.work(t)
		b.paidOnce(t, "every way at once")
	}
	submitTwice()
	if got, want := numbers(t, w), firstNumbers(w, 5); !slices.Equal(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
}

// TestReturnAndJobDrawOneNumber: nobody filed it before, and all come at once.
func TestReturnAndJobDrawOneNumber(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	const bills = 4
	for range bills {
		b := w.frozen(t)
		ref := b.pay(t)
		b.webhook(t, ref)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := b.Desk.SubmitPaid(t.Context(), b.quote); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				if _, err := b.Desk.PaymentReturn(t.Context(), b.who, b.draft); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	if got, want := numbers(t, w), firstNumbers(w, bills); !slices.Equal(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
}

// TestWhatIsNotFiledDrawsNone: money for what cannot be submitted any more is given back without a number,
// and a draft that is thawed and filed at last has drawn one.
func TestWhatIsNotFiledDrawsNone(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx := t.Context()
	b := w.frozen(t)
	ref := b.pay(t)
	var mark []byte // of the row as it is, so that it holds again afterwards
	do(t, w.Pool.QueryRow(ctx, `select mark from connection_agency where agency_id = $1`,
		w.Commune.ID).Scan(&mark))
	_, err := w.Pool.Exec(ctx, `update connection_agency set valid_to = $1 where agency_id = $2`,
		workday.DateOf(w.Clock.Now()), w.Commune.ID)
	do(t, err)
	b.webhook(t, ref)
	b.work(t)
	b.editing(t)
	if n := count(t, w.Province, `select count(*) from code_counter`); n != 0 {
		t.Errorf("%d counters for what was given back", n)
	}
	_, err = w.Pool.Exec(ctx, `update connection_agency set valid_to = null, mark = $2 where agency_id = $1`,
		w.Commune.ID, mark)
	do(t, err)
	again := w.freeze(t, b.who, b.draft)
	do(t, w.Desk.EditFrozen(ctx, b.who, b.draft))
	w.freeze(t, again.who, again.draft).pay(t)
	again.back(t)
	if got, want := numbers(t, w), firstNumbers(w, 1); !slices.Equal(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
}
