package onestop

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"congdvc/services/fault"
	"congdvc/services/workday"
)

// TestChecks lists, for calls as they arrive, the members that are told to be wrong.
func TestChecks(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	today := workday.DateOf(now)
	long := strings.Repeat("ă", maxText)
	for _, c := range []struct {
		name, body string
		check      func([]byte) fault.List
		want       string
	}{
		{"acknowledge", `{"office_code":"HL-1"}`, of(Acknowledge.Check), ""},
		{"nobody acknowledges nothing", `{}`, of(Acknowledge.Check), "office_code"},
		{"receive", `{"received_at":"2026-11-23T06:00:00Z"}`, of(func(r Receive) fault.List {
			return r.Check(now)
		}), ""},
		{"received by a clock that is ahead", `{"received_at":"2026-11-23T07:05:00Z"}`, of(func(r Receive) fault.List {
			return r.Check(now)
		}), ""},
		{"received ahead", `{"received_at":"2026-11-23T07:05:01Z"}`, of(func(r Receive) fault.List {
			return r.Check(now)
		}), "received_at"},
		{"refuse without a reason", `{"reason":"  "}`, of(Refuse.Check), "reason"},
		{"a text of full length", `{"reason":"` + long + `"}`, of(Refuse.Check), ""},
		{"a text that is too long", `{"reason":"` + long + `ă"}`, of(Refuse.Check), "reason"},
		{"a control character", `{"note":"a\u0000b"}`, of(Note.Check), "note"},
		{"lines", `{"note":"a\r\n\tb"}`, of(Note.Check), ""},
		{"processing", `{}`, of(Process.Check), ""},
		{"processing with a control character", `{"note":"\u001b"}`, of(Process.Check), "note"},
		{"supplement",
			`{"fields":["con.ho_ten"],"requirements":["gcs"],"reasons":{"con.ho_ten":"Sai tên","gcs":"Ảnh mờ"},"deadline":"2026-11-23"}`, of(func(s Supplement) fault.List {
				return s.Check(today)
			}), ""},
		{"supplement of nothing", `{"deadline":"2026-11-22"}`, of(func(s Supplement) fault.List {
			return s.Check(today)
		}), "fields deadline"},
		{"supplement without reasons", `{"fields":["a"],"reasons":{"b":"x"}}`,
			of(func(s Supplement) fault.List {
				return s.Check(today)
			}), "reasons.a reasons.b deadline"},
		{"result",
			`{"number":"12/KS","name":"Giấy khai sinh","issued_on":"2026-11-23","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`, of(func(r DeliverResult) fault.List {
				return r.Check(today)
			}), ""},
		{"result of tomorrow",
			`{"number":"1","name":"x","issued_on":"2026-11-24","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`, of(func(r DeliverResult) fault.List {
				return r.Check(today)
			}), "issued_on"},
		{"result without its data", `{}`, of(func(r DeliverResult) fault.List {
			return r.Check(today)
		}), "number name issued_on sha256"},
		{"result with a hash in capitals",
			`{"number":"1","name":"x","issued_on":"2026-11-23","sha256":"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"}`, of(func(r DeliverResult) fault.List {
				return r.Check(today)
			}), "sha256"},
		{"result with its code",
			`{"number":"1","name":"x","issued_on":"2026-11-23","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","code":"7K3M-9QXT-2B4D-W8FH"}`, of(func(r DeliverResult) fault.List {
				return r.Check(today)
			}), ""},
		{"result with a code as people type it",
			`{"number":"1","name":"x","issued_on":"2026-11-23","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","code":"7k3m9qxt2b4dw8fh"}`, of(func(r DeliverResult) fault.List {
				return r.Check(today)
			}), "code"},
		{"result with an empty code",
			`{"number":"1","name":"x","issued_on":"2026-11-23","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","code":""}`, of(func(r DeliverResult) fault.List {
				return r.Check(today)
			}), "code"},
		{"withdrawal accepted", `{"accept":true}`, of(Withdrawal.Check), ""},
		{"withdrawal refused without a word", `{"accept":false}`, of(Withdrawal.Check), "note"},
		{"withdrawal not answered", `{"note":"x"}`, of(Withdrawal.Check), "accept"},
		{"replay", `{"from":3,"to":3}`, of(ReplayRange.Check), ""},
		{"replay of nothing", `{"from":0,"to":-1}`, of(ReplayRange.Check), "from to"},
		{"paid at the counter", `{"amount":8000}`, of(CounterPayment.Check), ""},
		{"nothing paid", `{"amount":0}`, of(CounterPayment.Check), "amount"},
	} {
		var members []string
		for _, f := range c.check([]byte(c.body)) {
			members = append(members, f.Field)
		}
		if got := strings.Join(members, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// of reads a call and checks it.
func of[T any](check func(T) fault.List) func([]byte) fault.List {
	return func(body []byte) fault.List {
		var call T
		if err := json.Unmarshal(body, &call); err != nil {
			panic(err)
		}
		return check(call)
	}
}

func TestTooManyAsked(t *testing.T) {
	t.Parallel()
	s := Supplement{Fields: slices.Repeat([]string{"a"}, maxItems+1),
		Deadline: workday.Date{Year: 2026, Month: 12, Day: 1}}
	faults := s.Check(workday.Date{Year: 2026, Month: 11, Day: 23})
	if len(faults) != 2 || faults[0].Key != ErrTooLong.Key {
		t.Errorf("faults: %v", faults)
	}
}

func FuzzSupplement(f *testing.F) {
	f.Add([]byte(`{"fields":["a"],"reasons":{"a":"x"},"deadline":"2026-12-01"}`))
	f.Add([]byte(`{"requirements":[""],"reasons":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var s Supplement
		if json.Unmarshal(body, &s) != nil {
			return
		}
		if s.Check(workday.Date{Year: 2026, Month: 11, Day: 23}) == nil && len(s.Reasons) == 0 {
			t.Errorf("nothing is asked: %s", body)
		}
	})
}

func TestActor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		actor           Actor
		writing, reader string
	}{
		{"nobody", Actor{}, "Actor.name Actor.title Actor.unit Actor.phone", "Actor.name Actor.unit"},
		{"somebody who reads", Actor{Name: "Trần Thị B", Unit: "UBND phường Hoa Lư"},
			"Actor.title Actor.phone", ""},
		{"somebody", Actor{Name: "Trần Thị B", Title: "Chuyên viên", Unit: "UBND phường Hoa Lư",
			Phone: "02293871001"}, "", ""},
		{"a control character", Actor{Name: "B\x00", Title: "\x1b", Unit: "U", Phone: "1"},
			"Actor.name Actor.title", "Actor.name Actor.title"},
	} {
		for _, check := range []struct {
			got  fault.List
			want string
		}{{c.actor.Check("Actor"), c.writing}, {c.actor.CheckReader("Actor"), c.reader}} {
			var members []string
			for _, f := range check.got {
				members = append(members, f.Field)
			}
			if got := strings.Join(members, " "); got != check.want {
				t.Errorf("%s: %q, want %q", c.name, got, check.want)
			}
		}
	}
}
