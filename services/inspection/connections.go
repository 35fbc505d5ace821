package inspection

import (
	"context"
	"time"

	"congdvc/services/onestop"
	"congdvc/services/workday"
)

// connections says which keys and certificates of one-stop systems end soon, and which endpoints are not
// proved.
func connections(ctx context.Context, s *survey) error {
	if s.vault == nil {
		return nil
	}
	all, err := onestop.HealthOf(ctx, s.db)
	if err != nil {
		return err
	}
	for _, h := range all {
		if !h.Active {
			continue
		}
		c, err := onestop.FindConnection(ctx, s.db, h.Connection)
		if err != nil {
			return err
		}
		if err := s.connection(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *survey) connection(ctx context.Context, c *onestop.Connection) error {
	standing, err := onestop.StandingOf(ctx, s.db, s.vault, c.ID)
	if err != nil {
		return err
	}
	keys, err := onestop.Keys(ctx, s.db, c.ID)
	if err != nil {
		return err
	}
	subject := about("inspection.subject.connection", c.Code)
	if c.Pending != "" {
		s.warn(subject, s.today, say("inspection.connection.unproved"),
			say("inspection.connection.unproved_advice", "Code", c.Code))
	}
	soon := func(at *time.Time) bool {
		return at != nil && !workday.DateOf(*at).After(workday.DateOf(s.now.Add(onestop.KeyNotice)))
	}
	s.ended(subject, c, keys)
	for _, k := range keys {
		if k.Live(s.now) && soon(k.ExpiresAt) {
			s.warn(subject, workday.DateOf(*k.ExpiresAt),
				say("inspection.connection.key", "Key", k.Prefix, "Day", workday.DateOf(*k.ExpiresAt)),
				say("inspection.connection.key_advice", "Code", c.Code))
		}
	}
	for _, end := range []*time.Time{standing.CertificateEnd, standing.AuthoritiesEnd} {
		if soon(end) {
			s.warn(subject, workday.DateOf(*end),
				say("inspection.connection.certificate", "Day", workday.DateOf(*end)),
				say("inspection.connection.certificate_advice", "Code", c.Code))
		}
	}
	return nil
}

// ended tells of software that cannot call any more, since every key that it was given has expired.
func (s *survey) ended(subject Subject, c *onestop.Connection, keys []onestop.Key) {
	expired := false
	for _, k := range keys {
		if k.Live(s.now) {
			return
		}
		expired = expired || k.RevokedAt == nil
	}
	if expired {
		s.fail(subject, say("inspection.connection.keyless"),
			say("inspection.connection.key_advice", "Code", c.Code))
	}
}
