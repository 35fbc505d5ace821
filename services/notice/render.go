package notice

import (
	"congdvc/i18n"
	"congdvc/portal/address"
)

// Content is a notice as a person reads it.
type Content struct {
	Title string   // one line, without personal data: also the subject of a mail
	Body  string   // what happened and what to do next; names the dossier's code
	Facts []string // "Ngày hẹn trả kết quả: 14:00, 23/11/2026"
	Path  string   // the page where it goes on
}

// Read gives a notice in a language.
func Read(n Notice, l i18n.Lang) Content {
	c := Content{Title: i18n.T(l, n.Kind.TitleKey()), Path: address.Dossier(l, n.Dossier)}
	if n.Draft != nil {
		name := ""
		if n.Args.Procedure != nil {
			name = n.Args.Procedure.In(l)
		}
		c.Body, c.Path = i18n.T(l, n.Kind.BodyKey(), "Procedure", name), address.Draft(l, *n.Draft)
	} else {
		c.Body = i18n.T(l, n.Kind.BodyKey(), "Code", string(n.Dossier))
	}
	if n.Args.Due != nil {
		c.Facts = append(c.Facts, i18n.T(l, "notice.due", "Due", *n.Args.Due))
	}
	if n.Args.Deadline != nil {
		c.Facts = append(c.Facts, i18n.T(l, "notice.deadline", "Deadline", *n.Args.Deadline))
	}
	if n.Args.Amount != nil {
		c.Facts = append(c.Facts, i18n.T(l, "notice.amount", "Amount", *n.Args.Amount))
	}
	if n.Args.Receipt != "" {
		c.Facts = append(c.Facts, i18n.T(l, "notice.receipt", "Receipt", n.Args.Receipt))
	}
	return c
}
