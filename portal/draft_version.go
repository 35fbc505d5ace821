package portal

import (
	"congdvc/i18n"
	"congdvc/services/desk"
	"congdvc/services/eform"
	"congdvc/services/procedure"
)

// changeGroup is one kind of change that a new version of the procedure brings to a draft.
type changeGroup struct {
	Title string
	Items []string
}

// changeGroups lists what the version in force now changes in a draft, and what is to be filled in then.
func changeGroups(l i18n.Lang, c *desk.VersionChange) []changeGroup {
	groups := []changeGroup{
		{i18n.T(l, "version.added"), questionNames(l, c.Added)},
		{i18n.T(l, "version.changed"), questionNames(l, c.Changed)},
		{i18n.T(l, "version.dropped"), questionNames(l, c.Dropped)},
		{i18n.T(l, "version.papers_added"), paperNames(l, c.PapersAdded)},
		{i18n.T(l, "version.papers_changed"), paperNames(l, c.PapersChanged)},
		{i18n.T(l, "version.papers_dropped"), paperNames(l, c.PapersDropped)},
		{i18n.T(l, "version.fee"), feeChange(l, c)},
		{i18n.T(l, "version.missing"), faultTexts(l, c)},
	}
	var shown []changeGroup
	for _, g := range groups {
		if len(g.Items) > 0 {
			shown = append(shown, g)
		}
	}
	return shown
}

func questionNames(l i18n.Lang, fields []*eform.Field) []string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Label.In(l))
	}
	return names
}

func paperNames(l i18n.Lang, papers []procedure.Requirement) []string {
	var names []string
	for _, r := range papers {
		names = append(names, r.Name.In(l))
	}
	return names
}

func feeChange(l i18n.Lang, c *desk.VersionChange) []string {
	before, now := costText(l, c.FeeBefore), costText(l, c.FeeNow)
	if before == now {
		return nil
	}
	return []string{i18n.T(l, "version.fee_from", "Before", before, "Now", now)}
}

// costText is the total of a quote, and says that more will follow where an amount is not known here.
func costText(l i18n.Lang, quote procedure.FeeQuote) string {
	switch {
	case len(quote.Unset) == 0:
		return i18n.Money(l, quote.Total)
	case quote.Total == 0:
		return unsetShort(l, quote)
	}
	return i18n.T(l, "calculator.and_unset", "Known", i18n.Money(l, quote.Total), "Unset",
		unsetShort(l, quote))
}

func faultTexts(l i18n.Lang, c *desk.VersionChange) []string {
	var texts []string
	for _, f := range c.Missing {
		texts = append(texts, i18n.Fault(l, f))
	}
	return texts
}
