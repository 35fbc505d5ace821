package desk

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/procedure"
)

// known is what may be filled in without asking.
type known struct {
	person       *identity.Party
	home         eform.Value     // the address of the person's account
	organisation *identity.Party // nil when the person acts for themselves
	// earlier holds by prefill key what the person wrote in dossiers before, the newest that says something.
	earlier map[string]earlierAnswer
	// documents has the e-result that the owner holds, by kind, where there is only one. Of several, only the
	// person knows which one is meant.
	documents map[string]Document
}

type earlierAnswer struct {
	value eform.Value
	kind  eform.Type
	code  dossier.Code
}

// lookedBack is how many earlier dossiers are read for what they tell.
const lookedBack = 3

func (d *Desk) knownOf(ctx context.Context, who identity.Who, form *eform.Form) (k known, err error) {
	if k.person, err = identity.Find(ctx, d.Pool, d.Vault, who.Person); err != nil {
		return k, err
	}
	if k.home, err = d.home(ctx, k.person.Profile.Address); err != nil {
		return k, err
	}
	if who.Party != who.Person {
		if k.organisation, err = identity.Find(ctx, d.Pool, d.Vault, who.Party); err != nil {
			return k, err
		}
	}
	if k.documents, err = d.onlyDocuments(ctx, who, form); err != nil {
		return k, err
	}
	k.earlier, err = d.earlierAnswers(ctx, who)
	return k, err
}

// onlyDocuments are the owner's e-results that a form asks about, for each kind of which the owner has just
// one.
func (d *Desk) onlyDocuments(ctx context.Context, who identity.Who,
	form *eform.Form) (map[string]Document, error) {
	var kinds []string
	for _, field := range form.Fields() {
		if kind, _, ok := eform.ResultPrefill(field.Prefill); ok && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	list, err := d.resultDocuments(ctx, who.Party, kinds)
	if err != nil {
		return nil, err
	}
	only, several := map[string]Document{}, map[string]bool{}
	for _, document := range list {
		kind := document.Source.Result.Kind
		if _, has := only[kind]; has {
			several[kind] = true
		}
		only[kind] = document
	}
	maps.DeleteFunc(only, func(kind string, _ Document) bool { return several[kind] })
	return only, nil
}

// document is what an e-result says about itself under a prefill key.
func (k known) document(key string) (dossier.Given, bool) {
	kind, part, _ := eform.ResultPrefill(key)
	document, has := k.documents[kind]
	if !has {
		return dossier.Given{}, false
	}
	source := document.Source
	text := map[string]string{
		eform.ResultNumber: source.Result.Number, eform.ResultDate: source.Date.String(),
		eform.ResultAgency: source.AgencyName.Vi,
	}[part]
	return dossier.Given{
		Source: dossier.FromDocument, Of: k.owner().Name, Dossier: source.Dossier, Result: source.Result.Code,
		Value: eform.Value{Text: text},
	}, text != ""
}

// earlierAnswers reads what the same person wrote for the same owner into fields that forms fill in.
func (d *Desk) earlierAnswers(ctx context.Context, who identity.Who) (map[string]earlierAnswer, error) {
	list, err := dossier.EarlierOf(ctx, d.Pool, d.Vault, who.Party, who.Person, lookedBack)
	if err != nil {
		return nil, err
	}
	found := map[string]earlierAnswer{}
	for _, e := range list {
		version, err := procedure.ByID(ctx, d.Pool, e.VersionID)
		if err != nil {
			return nil, err
		}
		revision, err := dossier.OwnRevision(ctx, d.Pool, d.Vault, e.ID, e.Revision)
		if err != nil {
			return nil, err
		}
		if version.Form() == nil {
			continue
		}
		for _, field := range version.Form().Fields() {
			answer := revision.Answers[field.ID]
			if _, newer := found[field.Prefill]; field.Prefill != "" && !newer && !answer.Empty() {
				found[field.Prefill] = earlierAnswer{answer, field.Type, e.Code}
			}
		}
	}
	return found, nil
}

// owner is the party for whom the person acts.
func (k known) owner() *identity.Party {
	if k.organisation != nil {
		return k.organisation
	}
	return k.person
}

// value is what the identity provider says under a field's prefill key, "" when nothing.
func (k known) value(key string) string {
	p := k.person
	switch key {
	case "person.name":
		return p.Name
	case "person.number":
		return p.Number
	case "person.born":
		return p.Profile.Born
	case "person.gender":
		return map[string]string{"male": "nam", "female": "nu"}[p.Profile.Gender]
	case "person.phone":
		return p.Profile.Phone
	case "person.email":
		return p.Profile.Email
	case "person.address":
		return p.Profile.Address
	}
	if k.organisation != nil {
		switch key {
		case "organisation.name":
			return k.organisation.Name
		case "organisation.number":
			return k.organisation.Number
		}
	}
	return ""
}

// given is what is known for a field, from the nearest source. A whole address from an earlier dossier is
// preferred to a part of one from the account. Earlier dossiers of a person are not used for an organisation.
func (k known) given(field *eform.Field) (dossier.Given, bool) {
	if g, ok := k.document(field.Prefill); ok {
		return g, true
	}
	organisational := strings.HasPrefix(field.Prefill, "organisation.")
	earlier, has := k.earlier[field.Prefill]
	if text := k.value(field.Prefill); text != "" {
		g := dossier.Given{Source: dossier.FromIdentity, Of: k.person.Name, Value: eform.Value{Text: text}}
		if organisational {
			g.Source, g.Of = dossier.FromOrganisation, k.organisation.Name
		}
		if field.Shape() == eform.OneAddress {
			g.Value = k.home
		}
		if !partial(g.Value) || !has {
			return g, true
		}
	}
	if !has || earlier.kind != field.Type || organisational && k.organisation == nil {
		return dossier.Given{}, false
	}
	return dossier.Given{
		Source: dossier.FromDossier, Of: k.person.Name, Dossier: earlier.code, Value: earlier.value,
	}, true
}

// partial reports whether an address lacks its commune.
func partial(v eform.Value) bool { return len(v.Rows) == 1 && v.Rows[0][eform.PartCommune] == "" }

// prefill gives the first values of a form, with where each comes from.
func prefill(f *eform.Form, k known, now time.Time) ([]dossier.Change, map[string]dossier.Given) {
	var changes []dossier.Change
	all := map[string]dossier.Given{}
	filer := f.OfFiler()
	for _, field := range f.Fields() {
		// What an organisation says of itself does not come from the account of the person who acts for it.
		ofAnother := k.organisation != nil && personal(field.Prefill) && !filer[field.ID]
		if field.Prefill == "" || ofAnother {
			continue
		}
		g, ok := k.given(field)
		if !ok || g.Value.Empty() {
			continue
		}
		g.TakenAt = now
		all[field.ID] = g
		source := field.Prefill
		if g.Source == dossier.FromDossier || g.Source == dossier.FromDocument {
			source = string(g.Source)
		}
		changes = append(changes, dossier.Change{Field: field.ID, Value: g.Value, Source: source})
	}
	return changes, all
}
