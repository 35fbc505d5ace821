package portal

import (
	"errors"
	"slices"
	"strings"

	"congdvc/i18n"
	"congdvc/services/dong"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// costBox is what a filing with the choices made costs.
type costBox struct {
	Short      string // "24.000 đ", "Miễn phí"; "" when no figure can be named
	Lines      []quoteRow
	Total      string // "" when no part of it is known
	TotalLabel string
	Words      string     // the total in words
	How        string     // when and where it is paid
	Refund     string     // whether it comes back when the dossier is refused
	Missing    string     // why there is no sum
	Said       [][]string // what the source says of the fee in its own words
	Assumed    string     // with which number it was computed, because the typed one could not be read
}

func (p *Portal) feeFor(c *choosing, l i18n.Lang) (*costBox, error) {
	box := &costBox{}
	if channel := c.channel(); channel != nil {
		box.Said = textLines(l, channel.FeeText)
	}
	if len(c.faults) > 0 {
		box.Assumed = i18n.T(l, "calculator.assumed")
	}
	quote, err := c.ver.Quote(c.choice)
	if errors.Is(err, procedure.ErrFeeGap) {
		box.Missing = i18n.T(l, "procedure.fee_gap")
		return box, nil
	}
	if err != nil {
		return nil, err
	}
	mixed := mixedRefund(quote)
	for _, line := range slices.Concat(quote.Lines, quote.Free, quote.Unset) {
		row := c.quoteRow(l, line)
		if mixed {
			row.Note = joinText(row.Note, refundText(l, line.Refundable))
		}
		box.Lines = append(box.Lines, row)
	}
	switch {
	case len(box.Lines) == 0 && (c.ver.Source != nil || len(box.Said) > 0):
		// the source says something of a fee in words, so it is not free
		if len(box.Said) == 0 {
			box.Missing = i18n.T(l, "calculator.no_fee_named")
		}
		return box, nil
	case quote.Total == 0 && len(quote.Unset) > 0:
		box.Short, box.How = unsetShort(l, quote), i18n.T(l, "fee.unset_how")
		return box, nil
	case quote.Total == 0:
		box.Short = i18n.T(l, "procedure.free")
	default:
		box.Short = i18n.Money(l, quote.Total)
		box.Words = inWords(l, quote.Total)
		box.How = p.paidWhere(l, c, quote)
		box.Refund = refundOf(l, quote)
	}
	box.Total, box.TotalLabel = i18n.Money(l, quote.Total), i18n.T(l, "fee.total")
	if c.ver.ResultAfterFee && quote.Total > 0 {
		box.How = joinText(box.How, i18n.T(l, "fee.before_result"))
	}
	if len(quote.Unset) > 0 {
		box.Short = costText(l, quote)
		box.TotalLabel, box.How = i18n.T(l, "fee.total_without"), box.How+" "+i18n.T(l, "fee.unset_how")
	}
	return box, nil
}

// unsetShort says in a few words who sets the fee that has no amount in the portal.
func unsetShort(l i18n.Lang, quote procedure.FeeQuote) string {
	return i18n.T(l, "procedure.set_by_short."+quote.Unset[0].SetBy)
}

func inWords(l i18n.Lang, a dong.Amount) string {
	if l == i18n.En {
		return a.InWordsEnglish()
	}
	return a.InWords()
}

// paidWhere says when and where a fee is paid.
func (p *Portal) paidWhere(l i18n.Lang, c *choosing, quote procedure.FeeQuote) string {
	switch {
	case c.choice.Channel == procedure.Online && p.Desk.PaidOnline(quote) && c.ver.Online():
		return i18n.T(l, "calculator.paid_online")
	case c.choice.Channel == procedure.Online && c.ver.Online() && quote.Due == procedure.DueAtSubmission &&
		p.Checkout != nil:
		return i18n.T(l, "calculator.paid_too_small", "Smallest", p.Desk.SmallestOnline)
	case c.choice.Channel == procedure.Online && quote.Due == procedure.DueAtSubmission:
		return i18n.T(l, "calculator.paid_on_filing")
	case c.choice.Channel == procedure.Post:
		return i18n.T(l, "calculator.paid_post")
	case quote.Due == "":
		return i18n.T(l, "calculator.paid_unsaid")
	}
	return i18n.T(l, "calculator.paid_counter")
}

// mixedRefund reports whether some of what is paid comes back when a dossier is refused, and some does not.
func mixedRefund(quote procedure.FeeQuote) bool {
	return slices.ContainsFunc(quote.Lines, func(l procedure.FeeLine) bool {
		return l.Refundable != quote.Lines[0].Refundable
	})
}

func refundOf(l i18n.Lang, quote procedure.FeeQuote) string {
	if mixedRefund(quote) {
		return i18n.T(l, "calculator.partly_refunded")
	}
	return refundText(l, quote.Lines[0].Refundable)
}

func refundText(l i18n.Lang, refundable bool) string {
	if refundable {
		return i18n.T(l, "calculator.refunded")
	}
	return i18n.T(l, "calculator.not_refunded")
}

// validity says from when to when a fee rule of a version holds; to is its first day after. A record from
// elsewhere does not tell, and the day on which it was read is not that of the law.
func validity(l i18n.Lang, ver *procedure.Version, from workday.Date, to *workday.Date) string {
	if ver.Source != nil {
		return ""
	}
	if to == nil {
		return i18n.T(l, "calculator.valid_from", "From", from)
	}
	return i18n.T(l, "calculator.valid", "From", from, "To", to.AddDays(-1))
}

type feeLine struct{ Name, Amount, Basis, Note, Channel, Valid string }

// feesOfLaw are the fee rules in force on a day, whatever was chosen.
func feesOfLaw(l i18n.Lang, ver *procedure.Version, on workday.Date) []feeLine {
	var lines []feeLine
	for _, f := range ver.Fees {
		if f.From.After(on) || f.To != nil && !f.To.After(on) {
			continue
		}
		line := feeLine{Name: f.Name.In(l), Basis: f.Basis, Note: f.Note.In(l),
			Valid: validity(l, ver, f.From, f.To)}
		var of []string
		for _, c := range f.Channels {
			of = append(of, i18n.T(l, "procedure.channel."+c))
		}
		for _, id := range f.Cases {
			of = append(of, caseName(ver, id).In(l))
		}
		line.Channel = strings.Join(of, ", ")
		if f.Amount == nil {
			line.Amount = i18n.T(l, "procedure.set_by."+f.SetBy)
		} else {
			line.Amount = moneyShort(l, *f.Amount, f.UnitName)
		}
		if !f.Refundable && f.Amount != nil && *f.Amount > 0 {
			line.Note = joinText(line.Note, i18n.T(l, "procedure.not_refunded"))
		}
		lines = append(lines, line)
	}
	return lines
}
