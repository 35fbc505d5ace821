package worker

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"congdvc/payments"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// TestEveryKindIsWorked: each kind of the table does in the end what its act does.
func TestEveryKindIsWorked(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	prepare := map[string]func(*testing.T, town) (is func() bool){
		"tidy": draftIsWarned, "stop_overdue": supplementIsStopped, "return_money": moneyIsReturned,
		"sweep_payments": paymentIsFound, "submit_paid": paymentIsFiled, "set_aside": strayIsSetAside,
		"warn_keys":       keyIsTold,
		"watch_receivers": receiverIsSeen,
	}
	works := w.worker(t)
	done := map[string]func() bool{}
	for _, k := range slices.Backward(works.kinds()) { // tidy is first, since it lets most time pass
		name := k.args.Kind()
		if prepare[name] == nil {
			t.Fatalf("no row here for the kind %s", name)
		}
		done[name] = prepare[name](t, w)
		if done[name]() {
			t.Errorf("%s: done before anybody worked", name)
		}
	}
	if len(done) != len(prepare) {
		t.Errorf("%d kinds in the table of the worker, %d here", len(done), len(prepare))
	}
	w.Clock.Advance(5 * time.Minute) // a payment counts as quiet
	stop := start(t, works)
	for name, is := range done {
		until(t, name+" is worked", is)
	}
	until(t, "events have positions", func() bool {
		return w.count(t, `select count(*) from event where position is null`) == 0
	})
	until(t, "a notice is sent", w.sent.any)
	do(t, stop())
}

// draftIsWarned prepares a draft that lies until shortly before its end.
func draftIsWarned(t *testing.T, w town) func() bool {
	draft := w.Copies(t, w.Citizen(t, 1), 1)
	v := `select count(*) from notice where draft_id = $1 and kind = 'draft_expiring'`
	w.Clock.Advance((dossier.DraftDays - 3) * 24 * time.Hour)
	return func() bool { return w.count(t, v, draft) == 1 }
}

// supplementIsStopped prepares a supplement that was not answered in time.
func supplementIsStopped(t *testing.T, w town) func() bool {
	lan := w.Citizen(t, 2)
	code := w.Submitted(t, lan)
	_, err := w.Desk.AskSupplement(t.Context(), w.Office(t, "ask"), code, onestop.Supplement{
		Fields: []string{"sk.noi"}, Reasons: map[string]string{"sk.noi": "Ghi rõ xã"},
		Deadline: workday.DateOf(w.Clock.Now()).AddDays(2)})
	do(t, err)
	w.Clock.Advance(3 * 24 * time.Hour)
	return func() bool {
		return w.count(t, `select count(*) from dossier where code = $1 and status = 'stopped'`, code) == 1
	}
}

// moneyIsReturned prepares a dossier that was paid for and then refused.
func moneyIsReturned(t *testing.T, w town) func() bool {
	b := w.paid(t, 3)
	s, err := w.Desk.PaymentReturn(t.Context(), b.who, b.draft)
	do(t, err)
	_, err = w.Desk.Refuse(t.Context(), w.Office(t, "refuse"), s.Code,
		onestop.Refuse{Reason: "Không đúng thẩm quyền"})
	do(t, err)
	return func() bool {
		standing, err := payments.StandingOf(t.Context(), w.Pool, w.Vault, b.quote)
		do(t, err)
		return standing.State == payments.Refunded
	}
}

// paymentIsFound prepares a payment that the portal has not heard of.
func paymentIsFound(t *testing.T, w town) func() bool {
	b := w.paid(t, 4)
	return func() bool {
		facts, err := payments.Facts(t.Context(), w.Pool, w.Vault, b.quote)
		do(t, err)
		return slices.ContainsFunc(facts, func(f payments.Fact) bool { return f.Kind == payments.FactPaid })
	}
}

// receiverIsSeen prepares a dossier that its one-stop system does not acknowledge.
func receiverIsSeen(t *testing.T, w town) func() bool {
	w.Submitted(t, w.Citizen(t, 6))
	w.Clock.Advance(2 * time.Hour)
	return func() bool { return w.said.times("receiver alarm") > 0 }
}

// strayIsSetAside prepares a file of which the portal knows nothing.
func strayIsSetAside(t *testing.T, w town) func() bool {
	kept, err := w.Files.Put(t.Context(), postgres.NewID(), strings.NewReader("x"), 1)
	do(t, err)
	path := filepath.Join(w.Folder, kept.ID[len(kept.ID)-2:], kept.ID)
	old := w.Clock.Now().Add(-2 * desk.AsideAfter)
	do(t, os.Chtimes(path, old, old))
	return func() bool {
		_, err := os.Stat(path)
		return errors.Is(err, fs.ErrNotExist)
	}
}

// keyIsTold prepares a key that ends soon.
func keyIsTold(t *testing.T, w town) func() bool {
	end := w.Clock.Now().Add(28 * 24 * time.Hour) // others let some of it pass
	do(t, onestop.ExpireKey(t.Context(), w.Pool, w.Vault, w.Connection, w.Key[:11], &end, w.Clock.Now()))
	line := "a key of a one-stop system ends soon connection=chung key=" + w.Key[:11]
	return func() bool { return w.said.times(line) > 0 }
}

// paymentIsFiled prepares a payment that is to submit its draft once it is found.
func paymentIsFiled(t *testing.T, w town) func() bool { return w.filed(t, w.paid(t, 5)) }

// TestKinds: whatever the desk can enqueue has a row, every row without a period is enqueued by the desk, and
// no two rows have one name.
func TestKinds(t *testing.T) {
	t.Parallel()
	var names, wanted []string
	for _, k := range (&Worker{}).kinds() {
		names = append(names, k.args.Kind())
		if k.every == asked {
			wanted = append(wanted, k.args.Kind())
		}
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("a kind has two rows: %v", names)
	}
	slices.Sort(wanted)
	if jobs := jobsOf(t, "../desk"); len(jobs) == 0 || !slices.Equal(jobs, wanted) {
		t.Errorf("the desk enqueues %v, rows without a period are %v", jobs, wanted)
	}
}

// jobsOf gives what the methods Kind of a folder's types return: the kinds of jobs that it can enqueue.
func jobsOf(t *testing.T, folder string) (kinds []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	do(t, err)
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		do(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			method, is := n.(*ast.FuncDecl)
			if !is || method.Recv == nil || method.Name.Name != "Kind" {
				return true
			}
			answer, is := method.Body.List[0].(*ast.ReturnStmt)
			if !is {
				t.Fatalf("a method Kind in %s that is more than a return", folder)
			}
			kind, err := strconv.Unquote(answer.Results[0].(*ast.BasicLit).Value)
			do(t, err)
			kinds = append(kinds, kind)
			return false
		})
	}
	slices.Sort(kinds)
	return kinds
}
