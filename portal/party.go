package portal

import (
	"context"
	"errors"
	"strings"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/identity/session"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"

	"github.com/gofiber/fiber/v2"
)

const (
	// partyInput is the party that is chosen in a form.
	partyInput = "party"
	// filerInput is the party for which a page was made.
	filerInput = "filer"
)

// actingView is for whom somebody who is logged in works. Every page names it.
type actingView struct {
	Party  string // whose dossiers these are
	Person string // who acts for them; "" for oneself
}

// actingOf is nil for a visitor. It is nil, too, while the database does not answer, since the page that says
// so has a masthead as well.
func (p *Portal) actingOf(v *visit) *actingView {
	if !v.signedIn {
		return nil
	}
	if v.acting == nil {
		who := v.who()
		names, err := identity.FindNames(v.ctx(), p.Pool, p.Vault, who.Person, who.Party)
		if err != nil {
			return nil
		}
		v.acting = &actingView{Party: names[who.Party]}
		if who.Party != who.Person {
			v.acting.Person = names[who.Person]
		}
	}
	return v.acting
}

// switchForm is a button that lets the person act for another party and leads on to a page.
type switchForm struct {
	Action, Back string
	Party        identity.PartyID
	Text         string
}

func switchTo(v *visit, party identity.PartyID, text, back string) *switchForm {
	return &switchForm{Action: address.Account(v.lang), Back: back, Party: party, Text: text}
}

// actFor takes a form that chooses the party. Errors: desk.ErrNotAllowed.
func (p *Portal) actFor(v *visit) error {
	party := identity.PartyID(v.FormValue(partyInput))
	may, err := identity.MayAct(v.ctx(), p.Pool, p.Vault, v.who().Person, party, p.Now())
	if err != nil {
		return err
	}
	if !may {
		return desk.ErrNotAllowed
	}
	return p.Sessions.SwitchParty(v.ctx(), v.session.ID, party)
}

// stillActs lets a person whose mandate has ended meanwhile go on as themselves: what belongs to the other
// party is not found any more.
func (p *Portal) stillActs(v *visit) error {
	who := v.who()
	if who.Party == who.Person || v.session.ID == "" {
		return nil
	}
	may, err := identity.MayAct(v.ctx(), p.Pool, p.Vault, who.Person, who.Party, p.Now())
	if err != nil || may {
		return err
	}
	v.session.Who.Party = who.Person
	err = p.Sessions.SwitchParty(v.ctx(), v.session.ID, who.Person)
	if errors.Is(err, session.ErrNone) { // it has ended softly, and shows nothing
		return nil
	}
	return err
}

// otherPartyPage says that a draft or dossier belongs to a party for which the person may act, but does not
// act now.
type otherPartyPage struct {
	shell
	Text   string
	Kept   bool // what was sent is held, and shown again after the switch
	Lost   bool // what was sent is not
	Switch *switchForm
}

// otherParty answers who asked for a draft or dossier that is not of their present party. Of a party for
// which they may not act it is not found, as notFound says.
func (p *Portal) otherParty(v *visit, notFound error) error {
	if v.route.manner().failing == byJSON {
		return notFound // the page's script finds out that the party has changed, and keeps what was typed
	}
	owner, err := p.ownerAt(v.ctx(), v.place(i18n.Vi))
	if errors.Is(err, dossier.ErrNotFound) || err == nil && owner == v.who().Party {
		return notFound
	}
	if err != nil {
		return err
	}
	may, err := identity.MayAct(v.ctx(), p.Pool, p.Vault, v.who().Person, owner, p.Now())
	if err != nil {
		return err
	}
	if !may {
		return notFound
	}
	names, err := identity.FindNames(v.ctx(), p.Pool, p.Vault, owner, v.who().Party)
	if err != nil {
		return err
	}
	page := otherPartyPage{
		shell: p.shell(v, i18n.T(v.lang, "party.other.title")),
		Text:  i18n.T(v.lang, "party.other.text", "Owner", names[owner], "Acting", names[v.who().Party]),
		Switch: switchTo(v, owner, i18n.T(v.lang, "party.switch_to", "Name", names[owner]),
			v.place(v.lang)),
	}
	if v.Method() == fiber.MethodPost {
		page.Kept = p.hold(v)
		page.Lost = !page.Kept
	}
	return p.renderStatus(v, fiber.StatusConflict, "party_other", page)
}

// ownerAt is whose draft or dossier a page shows. Errors: dossier.ErrNotFound, also for another page.
func (p *Portal) ownerAt(ctx context.Context, path string) (identity.PartyID, error) {
	_, tail := address.Split(path)
	tail, _, _ = strings.Cut(tail, "?")
	rest, ok := strings.CutPrefix(tail, address.Dossiers(i18n.Vi)+"/")
	if !ok {
		return "", dossier.ErrNotFound
	}
	steps := strings.Split(rest, "/")
	if draftsAt := address.Draft(i18n.Vi, ""); strings.HasPrefix(tail, draftsAt) && len(steps) > 1 {
		return dossier.OwnerOfDraft(ctx, p.Pool, p.Vault, dossier.DraftID(steps[1]))
	}
	code, err := dossier.ParseCode(steps[0])
	if err != nil {
		return "", dossier.ErrNotFound
	}
	followers, err := dossier.Followers(ctx, p.Pool, p.Vault, code)
	if err != nil {
		return "", err
	}
	return followers[0], nil
}
