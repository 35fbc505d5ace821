package procedure

import (
	"errors"
	"math"
	"strings"
	"testing"

	"congdvc/services/dong"
	"congdvc/services/workday"
)

// TestOverflowIsAnError: a rule that was never checked says that its sum is too large instead of a wrong sum.
func TestOverflowIsAnError(t *testing.T) {
	t.Parallel()
	v := &Version{Definition: Definition{Fees: []FeeRule{{Code: "a", Unit: unitPer, Quantity: "q", Times: "q",
		Amount: new(dong.Amount(math.MaxInt64 / 1000))}},
		Quantities: []Quantity{{ID: "q", Default: 1000, Max: mostQuantity}}}}
	if _, err := v.Quote(Choice{On: workday.Date{Year: 2026, Month: 1, Day: 1}}); !errors.Is(err,
		dong.ErrOverflow) {
		t.Errorf("got %v", err)
	}
}

// money is a definition whose parts about money are given, the rest being right.
func money(cases, requirements, fees, quantities, exemptions string) []byte {
	return []byte(
		`{"code": "1.000001", "effective_from": "2026-01-01", "name": {"vi": "a", "en": "b"}, "summary": {"vi": "a", "en": "b"},
		"field": {"code": "f", "name": {"vi": "a", "en": "b"}}, "level": "information", "agency": {"vi": "a", "en": "b"}, "received_by": {"kinds": ["commune"]},
		"cases": [` + cases +
			`], "channels": [{"id": "counter", "times": [{"term": {"amount": 1, "unit": "working_day"}}]}, {"id": "post", "times": []}], "requirements": [` + requirements + `], "fees": [` + fees + `],
		"quantities": [` + quantities + `], "exemptions": [` + exemptions + `],
		"steps": [{"vi": "a", "en": "b"}], "results": [{"code": "", "name": {"vi": "a", "en": "b"}}], "basis": [{"number": "1", "name": {"vi": "a", "en": "b"}}]}`)
}

// TestMoneyIsChecked: what is wrong with fees, quantities, exemptions and cases is refused and told.
func TestMoneyIsChecked(t *testing.T) {
	t.Parallel()
	const (
		text  = `"name": {"vi": "a", "en": "b"}`
		paper = `{"id": "p", "mode": "submit", "originals": 1, "copies": 0, ` + text
		fee   = `{"code": "l", "kind": "phi", "due": "at_counter", "basis": "b", "unit_name": {"vi": "a", "en": "b"}, ` + text + `, "amount": 2000, `
		flat  = fee + `"unit": "flat", `
		per   = fee + `"unit": "per", "quantity": "q", "from": "2026-01-01"`
		q     = `{"id": "q", "default": 1, "max": 100, ` + text + `}`
		x     = `{"id": "x", "basis": "b", "from": "2026-01-01", ` + text
	)
	for name, c := range map[string]struct{ cases, papers, fees, quantities, exemptions, want string }{
		"right": {"", paper + `}`,
			per + `, "steps": [{"from": 3, "amount": 0}], "ceiling": 9000}`, q,
			x + `, "percent": 50, "evidence": "p"}`, ""},
		"rules take turns": {"", "", flat + `"from": "2026-01-01", "to": "2026-05-01"}, ` + flat +
			`"from": "2026-05-01"}`, "", "", ""},
		"ends with nothing after": {"", "", flat + `"from": "2026-01-01", "to": "2026-05-01"}`, "", "", ""},
		"gap between rules": {"", "", flat + `"from": "2026-01-01", "to": "2026-05-01"}, ` + flat +
			`"from": "2026-06-01"}`, "", "", "has a gap on 2026-05-01"},
		"gap at the start": {"", "", flat + `"from": "2026-02-01"}`, "", "",
			"has a gap on 2026-01-01"},
		"two rules at once": {"", "", flat + `"from": "2026-01-01"}, ` + flat + `"from": "2026-06-01"}`,
			"", "", "beside another rule"},
		"unknown quantity": {"", "", per + `}`, "", "", `unknown quantity "q"`},
		"unknown times":    {"", "", per + `, "times": "z"}`, q, "", `unknown quantity "z"`},
		"times itself": {"", "", per + `, "times": "q"}`, q, "",
			"multiplied by the quantity that counts it"},
		"idle quantity": {"", "", flat + `"from": "2026-01-01"}`, q, "", "counts no fee"},
		"default above max": {"", "", per + `}`, `{"id": "q", "default": 101, "max": 100, ` + text +
			`}`, "", "needs a default"},
		"quantity of no form": {"", "", per + `}`,
			`{"id": "q", "default": 1, "max": 100, "field": "f", ` + text + `}`, "",
			"not a number in the form"},
		"steps out of order": {"", "",
			per + `, "steps": [{"from": 5, "amount": 1}, {"from": 3, "amount": 1}]}`, q, "",
			"does not come after 5"},
		"step at the first": {"", "", per + `, "steps": [{"from": 1, "amount": 1}]}`, q, "",
			"does not come after 1"},
		"low ceiling": {"", "", per + `, "ceiling": 1999}`, q, "", "ceiling below"},
		"flat with steps": {"", "",
			flat + `"from": "2026-01-01", "steps": [{"from": 3, "amount": 1}]}`, "", "", "is flat but"},
		"too large": {"", "", strings.Replace(per, "2000", "922337203685477580", 1) + `}`, q,
			"", "too large"},
		"percent out of range": {"", "", flat + `"from": "2026-01-01"}`, "", x + `, "percent": 101}`,
			"percentage from 1 to 100"},
		"percent and amount": {"", "", flat + `"from": "2026-01-01"}`, "",
			x + `, "percent": 10, "amount": 0}`, "either a percentage"},
		"neither": {"", "", flat + `"from": "2026-01-01"}`, "", x + `}`,
			"either a percentage"},
		"exemption of no fee": {"", "", "", "", x + `, "percent": 10, "fees": ["z"]}`, `unknown fee "z"`},
		"no such evidence": {"", "", "", "", x + `, "percent": 10, "evidence": "z"}`,
			`unknown requirement "z"`},
		"evidence of others": {"", paper + `, "exemptions": ["y"]}`, "", "",
			x + `, "percent": 10, "evidence": "p"}, ` + strings.Replace(x, `"x"`, `"y"`,
				1) + `, "percent": 10}`, "other exemptions only"},
		"exemption twice": {"", "", "", "", x + `, "percent": 10}, ` + x + `, "percent": 20}`,
			"twice on one day"},
		"exemption by turns": {"", "", "", "", x + `, "percent": 10, "to": "2026-03-01"}, ` +
			strings.Replace(x, "2026-01-01", "2026-03-01", 1) + `, "percent": 20}`, ""},
		"asked of nobody": {"", paper + `, "exemptions": ["z"]}`, "", "", "",
			`unknown exemption "z"`},
		"condition without form": {"", "", "", "",
			x + `, "percent": 10, "when": {"field": "f", "op": "filled"}}`, "there is no form"},
		"case without papers": {`{"id": "c", ` + text + `}, {"id": "d", ` + text + `}`,
			paper + `, "cases": ["c"]}`, "", "", "", "case d has no requirement"},
		"case that says so": {`{"id": "c", ` + text + `}, {"id": "d", "no_papers": true, ` + text + `}`,
			paper + `, "cases": ["c"]}`, "", "", "", ""},
		"no papers at all": {`{"id": "c", ` + text + `}`, "", "", "", "", ""},
		"case by its channel": {`{"id": "c", "channels": ["counter"], ` + text + `}, {"id": "d", ` +
			text + `}`, paper + `}`,
			flat + `"from": "2026-01-01", "cases": ["c"], "channels": ["counter"]}, ` + flat +
				`"from": "2026-01-01", "cases": ["d"]}`, "", "", ""},
		"fee of one case only": {`{"id": "c", ` + text + `}, {"id": "d", ` + text + `}`, "",
			flat + `"from": "2026-01-01", "cases": ["c"]}`, "", "", `no fee is named (case "d", counter)`},
		"fee of one channel only": {"", "", flat + `"from": "2026-01-01", "channels": ["counter"]}`, "", "",
			`no fee is named (case "", post)`},
		"free by one channel": {"", "", flat + `"from": "2026-01-01", "channels": ["counter"]}, ` +
			strings.Replace(flat, "2000", "0", 1) + `"from": "2026-01-01", "channels": ["post"]}`, "", "",
			""},
		"case by no channel": {`{"id": "c", "channels": ["online"], ` + text + `}`, "", "", "", "",
			`unknown channel "online"`},
		"case by a channel twice": {`{"id": "c", "channels": ["counter", "counter"], ` + text + `}`, "", "",
			"", "", "names channel counter twice"},
		"case without a time": {`{"id": "c", "channels": ["post"], ` + text + `}`, "", "", "", "",
			"channel post, which has no time for it"},
		"channel of no case": {`{"id": "c", "channels": ["counter"], ` + text + `}`, "", "", "", "",
			"channel post can never apply"},
		"fee that never applies": {`{"id": "c", "channels": ["counter"], ` + text + `}, {"id": "d", ` +
			text + `}`, "", flat + `"from": "2026-01-01", "cases": ["c"], "channels": ["post"]}`, "", "",
			"can never apply"},
		"paper never asked": {`{"id": "c", ` + text + `}, {"id": "d", ` + text + `}`,
			paper + `}, ` + strings.Replace(paper, `"p"`, `"r"`,
				1) + `, "cases": ["d"], "exemptions": ["x"]}`, "", "", x + `, "percent": 10, "cases": ["c"]}`,
			"requirement r can never apply"},
		"relief that never comes": {`{"id": "c", "channels": ["counter"], ` + text + `}, {"id": "d", ` +
			text + `}`, "", "", "", x + `, "percent": 10, "cases": ["c"], "channels": ["post"]}`,
			"exemption x can never apply"},
		"amount set elsewhere": {"", "", strings.Replace(flat, `"amount": 2000`,
			`"set_by": "provincial_council"`, 1) + `"from": "2026-01-01"}`, "", "", ""},
		"amount and set": {"", "", flat + `"set_by": "provincial_council", "from": "2026-01-01"}`, "",
			"", "leaves its amount to another but has"},
		"set by whom": {"", "", strings.Replace(flat, `"amount": 2000`, `"set_by": "mayor"`,
			1) + `"from": "2026-01-01"}`, "", "", `unknown "mayor"`},
		"no amount": {"", "", strings.Replace(flat, `"amount": 2000, `, "",
			1) + `"from": "2026-01-01"}`, "", "", "needs an amount, or set_by"},
		"steps of no amount": {"", "", strings.Replace(per, `"amount": 2000`,
			`"set_by": "provincial_council"`, 1) + `, "steps": [{"from": 3, "amount": 0}]}`, q, "",
			"leaves its amount to another but has"},
		"set in time": {"", "", strings.Replace(flat, `"amount": 2000`,
			`"set_by": "provincial_council"`, 1) + `"from": "2026-01-01", "to": "2026-05-01"}, ` + flat +
			`"from": "2026-05-01"}`, "", "", ""},
		"set with a gap": {"", "", strings.Replace(flat, `"amount": 2000`,
			`"set_by": "provincial_council"`, 1) + `"from": "2026-01-01", "to": "2026-05-01"}, ` + flat +
			`"from": "2026-06-01"}`, "", "", "has a gap on 2026-05-01"},
		"unknown substitute": {"", paper + `, "substitute": {"by": "luck", "vi": "a", "en": "b"}}`, "",
			"", "", `substitute "luck"`},
		"substitute of no kind": {"",
			paper + `, "substitute": {"by": "earlier_result", "vi": "a", "en": "b"}}`, "", "", "",
			"names no kind of result"},
		"substitute of no code": {"",
			paper + `, "substitute": {"by": "data", "vi": "a", "en": "b", "results": ["x"]}}`, "", "", "",
			"no code of a kind of result"},
		"substitute twice": {"",
			paper +
				`, "substitute": {"by": "data", "vi": "a", "en": "b", "results": ["KQ.G15.000038", "KQ.G15.000038"]}}`, "", "", "", "of its own"},
		"substitute by a result": {"",
			paper +
				`, "substitute": {"by": "earlier_result", "vi": "a", "en": "b", "results": ["KQ.G15.000038"]}}`, "", "", "", ""},
	} {
		_, err := Parse(money(c.cases, c.papers, c.fees, c.quantities, c.exemptions), nil)
		if c.want == "" && err != nil || c.want != "" &&
			(err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
}
