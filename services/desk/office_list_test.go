package desk_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
)

// TestListUnderChange: whoever follows the list while officers change dossiers ends up with each of them as
// it is, also where a change took long to commit.
func TestListUnderChange(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx := t.Context()
	var all []dossier.Code
	for n := range 9 {
		all = append(all, p.Submitted(t, p.Citizen(t, n+1)))
	}
	slow, err := p.Pool.Begin(ctx)
	do(t, err)
	defer slow.Rollback(context.WithoutCancel(ctx))
	_, err = slow.Exec(ctx, `update dossier set row_version = row_version + 100 where code = $1`, all[0])
	do(t, err)

	var writing sync.WaitGroup
	for _, code := range all[1:] {
		writing.Go(func() {
			for n := range 6 {
				o := p.Office(t, fmt.Sprint("note ", n, code))
				if _, err := p.Desk.Note(ctx, o, code, onestop.Note{Note: "Đang tra sổ"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	ended := make(chan struct{})
	go func() { writing.Wait(); close(ended) }()
	book, cursor := map[dossier.Code]int64{}, onestop.ListCursor{}
	o := p.Office(t, "")
	follow := func() (more bool) {
		list, err := p.Desk.ListDossiers(ctx, o, dossier.AgencyFilter{Agencies: o.Agencies}, cursor, 2)
		do(t, err)
		for _, d := range list.Dossiers {
			book[d.Code] = d.RowVersion
		}
		cursor, err = onestop.ParseListCursor(list.Next)
		do(t, err)
		return list.More
	}
	for changing := true; changing; {
		select {
		case <-ended:
			changing = false
		default:
		}
		for follow() {
		}
	}
	do(t, slow.Commit(ctx)) // it stands before everything that was read since
	for follow() {
	}
	for _, code := range all {
		if is := rowVersion(t, p, o, code); book[code] != is {
			t.Errorf("%s is at %d, in the book at %d", code, is, book[code])
		}
	}
	if len(book) != len(all) {
		t.Errorf("%d in the book, %d there are", len(book), len(all))
	}
}

func rowVersion(t testing.TB, p *desktest.Province, o desk.Office, code dossier.Code) int64 {
	t.Helper()
	o.Looks = true
	d, err := p.Desk.DossierFor(t.Context(), o, code)
	do(t, err)
	return d.RowVersion
}
