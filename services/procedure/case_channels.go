package procedure

import "slices"

// caseOf returns the case with an id, or nil.
func (d *Definition) caseOf(id string) *Case {
	for i := range d.Cases {
		if d.Cases[i].ID == id {
			return &d.Cases[i]
		}
	}
	return nil
}

// Fits reports whether a case can be filed by a channel. It is true for every channel where there are no
// cases, and for an unknown case.
func (d *Definition) Fits(caseID, channel string) bool {
	k := d.caseOf(caseID)
	return k == nil || covers(k.Channels, channel)
}

// CasesFor returns the cases that can be filed by a channel, in the order of the definition.
func (d *Definition) CasesFor(channel string) []Case {
	var all []Case
	for _, k := range d.Cases {
		if covers(k.Channels, channel) {
			all = append(all, k)
		}
	}
	return all
}

// ChannelsFor returns the channels by which a case can be filed, in the order of the definition.
func (d *Definition) ChannelsFor(caseID string) []Channel {
	var all []Channel
	for _, c := range d.Channels {
		if d.Fits(caseID, c.ID) {
			all = append(all, c)
		}
	}
	return all
}

// SoleCase returns the id of the only case that can be filed by a channel, so that nobody need be asked for
// it; "" where there are several, or none.
func (d *Definition) SoleCase(channel string) string {
	if fitting := d.CasesFor(channel); len(fitting) == 1 {
		return fitting[0].ID
	}
	return ""
}

// meet reports whether any of the cases can be filed by any of the channels; an empty list is all.
func (d *Definition) meet(cases, channels []string) bool {
	if !slices.ContainsFunc(d.Cases, func(k Case) bool { return len(k.Channels) > 0 }) {
		return true
	}
	return slices.ContainsFunc(d.Cases, func(k Case) bool {
		return covers(cases, k.ID) && slices.ContainsFunc(d.Channels, func(c Channel) bool {
			return covers(k.Channels, c.ID) && covers(channels, c.ID)
		})
	})
}
