package procedure

import "slices"

// applies refuses a list of cases and channels when none of the cases can be filed by any of the channels.
func (c *checker) applies(what string, cases, channels []string) {
	if !c.d.meet(cases, channels) {
		c.wrong("%s can never apply: no case of it is filed by a channel of it", what)
	}
}

// caseChannels checks that each channel of a limited case is there and has a time for it.
func (c *checker) caseChannels(k Case) {
	for i, id := range k.Channels {
		what := "case " + k.ID
		c.known(what, "channel", id)
		if slices.Contains(k.Channels[:i], id) {
			c.wrong("%s names channel %s twice", what, id)
		}
		if _, timed := (&Version{Definition: *c.d}).Term(k.ID, id); !timed {
			c.wrong("%s is filed by channel %s, which has no time for it", what, id)
		}
	}
}

// claimed refuses a requirement for exemptions when none of them can be claimed in any of its cases.
func (c *checker) claimed(what string, r Requirement) {
	if len(r.Exemptions) == 0 || len(c.d.Cases) == 0 {
		return
	}
	meets := func(x Exemption) bool {
		return slices.Contains(r.Exemptions, x.ID) && slices.ContainsFunc(c.d.Cases, func(k Case) bool {
			return covers(r.Cases, k.ID) && covers(x.Cases, k.ID)
		})
	}
	if !slices.ContainsFunc(c.d.Exemptions, meets) {
		c.wrong("%s can never apply: its exemptions are claimed in other cases", what)
	}
}
