package main

import (
	"context"

	"congdvc/services/notice"
)

// A channel of notices, of which portal check can find out whether it works.
type channel interface {
	notice.Channel
	Check(ctx context.Context) error
}

// channelRow says how this program opens a channel.
type channelRow struct {
	what             string      // as portal check calls it
	variable, server string      // the variable that opens it, and its value: "" = the channel is not open
	advice           string      // when it does not work
	tried            notice.Line // its timeout and pauses where they are not the usual ones
	open             func() (channel, error)
}

// channelRows are the channels by which notices can leave, one a row.
func (p *parts) channelRows() []channelRow {
	c := p.config
	return []channelRow{
		{what: "mail server", variable: "SMTP_ADDR", server: c.SMTP,
			advice: "correct SMTP_ADDR, SMTP_TLS, SMTP_USER, SMTP_PASSWORD, or let this machine reach it",
			open: func() (channel, error) {
				return notice.NewMail(notice.MailConfig{Addr: c.SMTP, From: c.MailFrom, User: c.SMTPUser,
					Password: c.SMTPPassword, TLS: notice.TLS(c.SMTPTLS), Site: p.site})
			}},
	}
}

// openChannels opens the channels that are configured. None connects to anything yet.
func (p *parts) openChannels() (open []notice.Line, err error) {
	for _, row := range p.channelRows() {
		if row.server == "" {
			continue
		}
		line := row.tried
		if line.Channel, err = row.open(); err != nil {
			return nil, err
		}
		open = append(open, line)
	}
	return open, nil
}

// prove finds out whether the channel works as configured. It sends nothing.
func (r channelRow) prove(ctx context.Context) (string, error) {
	if r.server == "" {
		return "none: notices stay in the portal, since " + r.variable + " is empty", nil
	}
	c, err := r.open()
	if err != nil {
		return "", err
	}
	return r.server + " takes connections", c.Check(ctx)
}
