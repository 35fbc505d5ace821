package result

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// deliverKind delivers a result of a kind that was issued some days ago.
func (k *archive) deliverKind(to dossier.ID, kind string, days int) *Result {
	k.Helper()
	var r *Result
	k.must(func(tx pgx.Tx) (err error) {
		r, err = Insert(k.Context(), tx, k.v, New{
			Dossier: to, Kind: kind, Name: i18n.Text{Vi: "Giấy xác nhận"}, Number: "38",
			IssuedOn: workday.DateOf(noon).AddDays(-days), File: postgres.NewID(), FileName: "xác nhận.pdf",
			Size: 9, SHA256: sumOf(len(kind)*100 + days), Now: noon,
		})
		return err
	})
	return r
}

func sumOf(n int) string {
	const digits = "0123456789abcdef"
	sum := make([]byte, 64)
	for i := range sum {
		sum[i] = digits[(n>>(i%8*4))&15]
	}
	return string(sum)
}

func TestHeldBy(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	var owner identity.PartyID
	if err := k.db.QueryRow(t.Context(), `select owner_party_id from dossier limit 1`).
		Scan(&owner); err != nil {
		t.Fatal(err)
	}
	old, fresh := k.deliverKind(k.dossier, "KQ.G15.000038", 9), k.deliverKind(k.other, "KQ.G15.000038", 1)
	k.deliverKind(k.dossier, "KQ.G15.1", 2)
	k.deliverKind(k.dossier, "", 3)
	gone := k.deliverKind(k.other, "KQ.G15.000038", 5)
	k.must(func(tx pgx.Tx) error { return Revoke(k.Context(), tx, k.v, gone, "Sai", noon) })
	held := func(party identity.PartyID, kinds ...string) (codes []Code) {
		t.Helper()
		list, err := HeldBy(t.Context(), k.db, k.v, party, kinds)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range list {
			if h.DossierCode == "" || h.Issuer == "" || h.FileName != "xác nhận.pdf" || h.State != Issued {
				t.Errorf("%+v", h)
			}
			codes = append(codes, h.Result.Code)
		}
		return codes
	}
	if got := held(owner, "KQ.G15.000038", "KQ.G15.9"); len(got) != 2 || got[0] != fresh.Code ||
		got[1] != old.Code {
		t.Errorf("held %v, want %v and %v", got, fresh.Code, old.Code)
	}
	if got := held(owner, ""); len(got) != 0 {
		t.Errorf("of no kind: %v", got)
	}
	if got := held(owner); len(got) != 0 {
		t.Errorf("of no kinds: %v", got)
	}
	if got := held(identity.PartyID(postgres.NewID()), "KQ.G15.000038"); len(got) != 0 {
		t.Errorf("another's: %v", got)
	}
}

func TestHolding(t *testing.T) {
	t.Parallel()
	k := newArchive(t)
	stays, goes := k.deliverKind(k.dossier, "x", 1), k.deliverKind(k.other, "x", 2)
	k.must(func(tx pgx.Tx) error { return Revoke(k.Context(), tx, k.v, goes, "Sai", noon) })
	codes := []Code{stays.Code, goes.Code, NewCode()}
	for at, want := range map[time.Time]int{noon.Add(-time.Second): 2, noon: 1, noon.Add(time.Hour): 1} {
		got, err := Holding(t.Context(), k.db, k.v, codes, at)
		if err != nil || len(got) != want || !got[stays.Code] {
			t.Errorf("at %v: %v, %v", at, got, err)
		}
	}
	k.must(func(tx pgx.Tx) error {
		if got, err := KeepHolding(k.Context(), tx, k.v, codes, noon); err != nil || len(got) != 1 {
			t.Errorf("%v, %v", got, err)
		}
		ctx := k.Context()
		other := k.tx(func(second pgx.Tx) error {
			if _, err := second.Exec(ctx, `set local lock_timeout = '100ms'`); err != nil {
				return err
			}
			copied := *stays
			return Revoke(ctx, second, k.v, &copied, "Sai", noon)
		})
		if other == nil {
			t.Error("a result that is kept was revoked")
		}
		return nil
	})
}
