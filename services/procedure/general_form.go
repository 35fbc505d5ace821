package procedure

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/agency"
	"congdvc/services/eform"
	"congdvc/services/workday"
)

// General is the operator's permission to file an imported procedure, which has no form of its own, through
// the general form. That form asks what the matter is and who files, and takes a file for each paper. General
// also says who receives, where the record does not.
type General struct {
	Kinds    []agency.Kind `json:"kinds,omitempty"`
	Agencies []string      `json:"agencies,omitempty"` // codes
}

// Fields of the general form.
const (
	generalSubject     = "trich_yeu"
	generalExplanation = "giai_trinh"
)

//go:embed general.form.json
var generalForm []byte

// generalFormOf is the general form of a procedure. One version of the program always gives the same bytes
// for it.
func generalFormOf(code string) []byte {
	return bytes.Replace(generalForm, []byte(`"id": "0.000000"`), fmt.Appendf(nil, `"id": %q`, code), 1)
}

// allow makes a source of a record one that can be filed through the general form.
func (s *Source) allow(g *General) {
	d := &s.Definition
	d.General, d.Level = g, PartlyOnline
	d.ReceivedBy = g.receivers(d)
	s.form = generalFormOf(d.Code)
	s.formHash = eform.Hash(s.form)
}

// disallow takes allow back.
func (s *Source) disallow() {
	d := &s.Definition
	d.General, d.Level = nil, Information
	d.ReceivedBy = d.Source.Receivers()
	s.form, s.formHash = nil, ""
}

// receivers are those of the permission, else those of the record.
func (g *General) receivers(d *Definition) Receivers {
	r := d.Source.Receivers()
	if len(g.Kinds)+len(g.Agencies) > 0 {
		r = Receivers{Kinds: slices.Clone(g.Kinds), Agencies: slices.Clone(g.Agencies)}
	}
	return r
}

// keepOperators takes over what the operator said of the last version, which a changed record replaces: the
// permission, and the rules that no record tells.
func (s *Source) keepOperators(last *standing) (err error) {
	if last.Definition.General != nil {
		s.allow(last.Definition.General)
	}
	d := &s.Definition
	d.ResultAfterFee, d.SupplementWithin = last.Definition.ResultAfterFee, last.Definition.SupplementWithin
	s.hash, err = hashRecord(*d)
	return err
}

// openGeneral adds to a record's definition, in memory, what the general form needs. Which papers a person
// must give the record says in words at best. So each may be left out, and the form asks for at least one
// paper or an explanation. A fee that is certain is paid at the counter; the agency tells any other.
func (d *Definition) openGeneral() {
	if d.General == nil {
		return
	}
	d.Requirements = slices.Clone(d.Requirements)
	for i := range d.Requirements {
		d.Requirements[i].Optional = true
	}
	d.Requirements = append(d.Requirements, Requirement{
		ID: GeneralPapers, Name: texts("procedure.general.other"),
		Help: texts("procedure.general.other_hint"), Mode: Submit, Optional: true, MaxFiles: 10,
	})
	d.Channels = slices.Clone(d.Channels)
	if !slices.ContainsFunc(d.Channels, func(c Channel) bool { return c.ID == Online }) {
		d.Channels = append([]Channel{{ID: Online, Times: []Time{}}}, d.Channels...)
	}
	var certain []FeeRule
	for _, r := range d.Fees {
		if r.UnitName.Vi != "" { // how many of the unit, the record does not say
			continue
		}
		r.Due, r.Basis = DueAtCounter, d.Source.Decision
		certain = append(certain, r)
	}
	counted := d.Fees
	d.Fees = certain
	for i := range d.Channels {
		c := &d.Channels[i]
		c.FeeText = slices.Clone(c.FeeText)
		for _, r := range counted {
			if r.UnitName.Vi != "" && covers(r.Channels, c.ID) {
				said := i18n.Text{Vi: r.Name.Vi + ": " + i18n.Money(i18n.Vi, r.first()) + " / " +
					r.UnitName.Vi}
				if !slices.Contains(c.FeeText, said) {
					c.FeeText = append(c.FeeText, said)
				}
			}
		}
		if c.ID == Online && !slices.ContainsFunc(certain, func(r FeeRule) bool {
			return covers(r.Channels, Online)
		}) {
			c.FeeText = append(c.FeeText, texts("procedure.general.fee"))
		}
	}
	d.complete()
}

func texts(key string) i18n.Text {
	return i18n.Text{Vi: i18n.T(i18n.Vi, key), En: i18n.T(i18n.En, key)}
}

// FeeUnsaid reports whether only the agency can tell what an online filing costs, because no certain figure
// is known. That is not the same as free.
func (v *Version) FeeUnsaid() bool {
	return v.General != nil && !slices.ContainsFunc(v.Fees, func(r FeeRule) bool {
		return covers(r.Channels, Online)
	})
}

// FeeSaid is the fee of an online filing as far as words of the source tell it.
func (v *Version) FeeSaid() []i18n.Text {
	if c := v.channel(Online); c != nil {
		return c.FeeText
	}
	return nil
}

// Unaccounted reports whether a filing through the general form has neither a paper nor an explanation.
func (v *Version) Unaccounted(a eform.Answers, files int) bool {
	return v.General != nil && files == 0 && a[generalExplanation].Text == ""
}

// GeneralPapers is the requirement of the general form for papers that fit none of the record's own.
const GeneralPapers = "giay_to_khac"

// AllowIn says which procedure may be filed through the general form, from which day on, and who receives it.
type AllowIn struct {
	Code     string
	Kinds    []agency.Kind
	Agencies []string
	On       workday.Date
}

// AllowGeneral lets people file an imported procedure through the general form, by a new version from a day
// on. Repeating it changes nothing.
func AllowGeneral(ctx context.Context, tx pgx.Tx, in AllowIn) (Outcome, error) {
	s, last, err := recordOf(ctx, tx, in.Code)
	if err != nil {
		return Refused, err
	}
	g := &General{Kinds: in.Kinds, Agencies: in.Agencies}
	if was := last.Definition.General; was != nil && slices.Equal(was.Kinds, g.Kinds) &&
		slices.Equal(was.Agencies, g.Agencies) {
		return Same, nil
	}
	r := g.receivers(&s.Definition)
	switch {
	case r.None():
		return Refused,
			refuse("%s: its record names no agency of the province: name who receives by --agency or --kind",
				in.Code)
	case len(g.Kinds)+len(g.Agencies) == 0 && slices.Contains(r.Kinds, agency.Department):
		return Refused,
			refuse("%s: its record does not tell which department receives: name it by --agency, as H42.STP",
				in.Code)
	}
	s.allow(g)
	return Changed, s.renew(ctx, tx, last, in.On)
}

// DisallowGeneral takes AllowGeneral back by a new version from a day on. Open drafts of dossiers cannot be
// submitted then.
func DisallowGeneral(ctx context.Context, tx pgx.Tx, code string, on workday.Date) (Outcome, error) {
	s, last, err := recordOf(ctx, tx, code)
	if err != nil {
		return Refused, err
	}
	if last.Definition.General == nil {
		return Same, nil
	}
	s.disallow()
	return Changed, s.renew(ctx, tx, last, on)
}

// recordOf is the newest version of an imported procedure as a source.
func recordOf(ctx context.Context, tx pgx.Tx, code string) (Source, *standing, error) {
	last, err := lockStanding(ctx, tx, code)
	switch {
	case err != nil:
		return Source{}, nil, fmt.Errorf("procedure: %s: %w", code, err)
	case last == nil:
		return Source{}, nil, ErrNotFound.From(errors.New(code))
	case last.Definition.Source == nil:
		return Source{}, nil,
			refuse("%s is a definition of the portal's own, with a form or without: edit it by export "+
				"and import", code)
	case last.State == Closed:
		return Source{}, nil, refuse("%s is closed since %s", code, last.EffectiveTo)
	}
	last.Definition.complete()
	return Source{Definition: last.Definition, hash: last.Hash}, last, nil
}

// renew publishes a changed record from a day on, or from the newest version's first day if that is later.
func (s Source) renew(ctx context.Context, tx pgx.Tx, last *standing, on workday.Date) error {
	if on.Before(last.EffectiveFrom) {
		on = last.EffectiveFrom
	}
	s.Definition.startOn(on)
	var form *eform.Form
	var err error
	if s.form != nil {
		if form, err = eform.Load(s.form); err != nil {
			return fmt.Errorf("procedure: general form of %s: %w", s.Definition.Code, err)
		}
	}
	if err := s.Definition.check(form); err != nil {
		return err
	}
	return s.publish(ctx, tx, byNational, s.Definition.searchArgs())
}

// receiversHold refuses a definition that names an agency which does not hold on its first day.
func receiversHold(ctx context.Context, tx pgx.Tx, d *Definition) error {
	named := slices.Clone(d.ReceivedBy.Agencies)
	if d.DecidedBy.By == ByAgency {
		named = append(named, d.DecidedBy.Agency)
	}
	for _, code := range named {
		switch _, err := agency.ByCode(ctx, tx, code, d.EffectiveFrom); {
		case errors.Is(err, agency.ErrNotFound):
			return refuse("%s is received or decided by %s, which is no agency on %s: it is unknown, ended "+
				"or was merged away", d.Code, code, d.EffectiveFrom)
		case err != nil:
			return err
		}
	}
	return nil
}
