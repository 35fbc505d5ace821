package national

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"congdvc/identity/number"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// A Difference is a member in which two definitions differ, with an excerpt of its JSON where they begin to
// differ.
type Difference struct{ Member, Was, Is string }

// members lists the members in which two definitions differ. For definitions from elsewhere the first days
// are not compared.
func members(was, is procedure.Definition) ([]Difference, error) {
	var sides [2]map[string]json.RawMessage
	for i, d := range []procedure.Definition{was, is} {
		if is.Source != nil {
			d.EffectiveFrom, d.Fees = workday.Date{}, slices.Clone(d.Fees)
			for i := range d.Fees {
				d.Fees[i].From = workday.Date{}
			}
		}
		raw, err := json.Marshal(d)
		if err == nil {
			err = json.Unmarshal(raw, &sides[i])
		}
		if err != nil {
			return nil, fmt.Errorf("national: compare %s: %w", d.Code, err)
		}
	}
	all := map[string]bool{}
	for _, side := range sides {
		for name := range side {
			all[name] = all[name] || string(sides[0][name]) != string(sides[1][name])
		}
	}
	var differ []Difference
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name] {
			before, after := apart(string(sides[0][name]), string(sides[1][name]))
			differ = append(differ, Difference{name, before, after})
		}
	}
	return differ, nil
}

// How many characters of a long value are shown, and how many of them stand before the difference.
const (
	shownOfValue = 80
	shownBefore  = 20
)

// apart cuts two different values to an excerpt around the place where they begin to differ.
func apart(was, is string) (before, after string) {
	a, b := []rune(was), []rune(is)
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	return window(a, same), window(b, same)
}

func window(value []rune, from int) string {
	start := max(0, from-shownBefore)
	end := min(len(value), start+shownOfValue)
	text := string(value[start:end])
	if start > 0 {
		text = "…" + text
	}
	if end < len(value) {
		text += "…"
	}
	return text
}

// ownDiffers lists the facts in which a definition of the portal's own differs from the record. Only facts
// that must agree are compared: words, papers and fees are not, because the portal's own definition tells
// them in another way.
func ownDiffers(own, record *procedure.Definition) []string {
	var differs []string
	add := func(what string, same bool) {
		if !same {
			differs = append(differs, what)
		}
	}
	add("name", slices.Equal(number.Words(own.Name.Vi), number.Words(record.Name.Vi)))
	add("channels", slices.Equal(channelIDs(own), channelIDs(record)))
	for _, c := range record.Channels {
		for _, theirs := range c.Times {
			add(fmt.Sprintf("time %s: record %d %s", c.ID, theirs.Term.Amount, theirs.Term.Unit),
				takes(own, c.ID, theirs))
		}
	}
	for _, r := range record.Results {
		add("result "+r.Code, r.Code == "" ||
			slices.ContainsFunc(own.Results, func(o procedure.ResultKind) bool {
				return o.Code == r.Code
			}))
	}
	for _, b := range record.Basis {
		add("basis "+b.Number, b.Number == "" ||
			slices.ContainsFunc(own.Basis, func(o procedure.LegalBasis) bool {
				return strings.Contains(b.Number, o.Number)
			}))
	}
	return differs
}

// takes reports whether a definition has this time on a channel, in some case. It is also true when the
// channel is missing, because that is reported on its own.
func takes(d *procedure.Definition, channel string, time procedure.Time) bool {
	i := slices.IndexFunc(d.Channels, func(c procedure.Channel) bool { return c.ID == channel })
	return i < 0 || slices.ContainsFunc(d.Channels[i].Times, func(t procedure.Time) bool {
		return t.Term.Amount == time.Term.Amount && t.Term.Unit == time.Term.Unit
	})
}

func channelIDs(d *procedure.Definition) []string {
	ids := make([]string, 0, len(d.Channels))
	for _, c := range d.Channels {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	return ids
}
