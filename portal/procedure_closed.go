package portal

import (
	"errors"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// procedureClosedPage says since when or until when a procedure cannot be filed, and where to go instead.
type procedureClosedPage struct {
	shell
	Code, Name, Lead string
	NameLang         string // of the name, where the page's own language has none
	Next             *link
	NextLang         string
}

// notInForce answers the request for a procedure that is not in force. A procedure that was published has a
// page with its end or its beginning, and its successor; otherwise the error is answered.
func (p *Portal) notInForce(v *visit, code string, on workday.Date, err error) error {
	if !errors.Is(err, procedure.ErrNotFound) {
		return err
	}
	ended, endedErr := procedure.EndedOn(v.ctx(), p.Pool, code, on)
	if endedErr != nil {
		return endedErr
	}
	page := procedureClosedPage{shell: p.shell(v, ended.Name.In(v.lang)), Code: ended.Code,
		Name: ended.Name.In(v.lang), NameLang: foreign(v.lang, ended.Name)}
	switch {
	case ended.Begins != nil:
		page.Lead = i18n.T(v.lang, "procedure_closed.begins", "Date", i18n.LongDate(v.lang, *ended.Begins))
	case ended.Since != nil:
		page.Lead = i18n.T(v.lang, "procedure_closed.since", "Date", i18n.LongDate(v.lang, *ended.Since))
	}
	if ended.Successor != "" {
		page.Next = &link{address.Procedure(v.lang, ended.Successor),
			ended.Next.In(v.lang) + " (" + ended.Successor + ")"}
		page.NextLang = foreign(v.lang, ended.Next)
	}
	return p.render(v, "procedure_closed", page)
}

// foreign is the language of a text on a page in another: Vietnamese where the English is missing or
// the same, else "".
func foreign(l i18n.Lang, t i18n.Text) string {
	if l != i18n.Vi && (t.En == "" || t.En == t.Vi) {
		return string(i18n.Vi)
	}
	return ""
}

// endedNote leads from the search for a code to the page of a procedure that has ended.
type endedNote struct {
	link
	NameLang string
	Since    string
}

// endedNamed finds the procedure that has ended and whose code was searched for, nil when there is none.
func (p *Portal) endedNamed(v *visit, text string) (*endedNote, error) {
	code := procedure.CodeIn(text)
	if code == "" {
		return nil, nil
	}
	ended, err := procedure.EndedOn(v.ctx(), p.Pool, code, workday.DateOf(p.Now()))
	if errors.Is(err, procedure.ErrNotFound) || err == nil && ended.Since == nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	note := &endedNote{link{address.Procedure(v.lang, code), code + " – " + ended.Name.In(v.lang)},
		foreign(v.lang, ended.Name), ""}
	key, since := "search.ended", i18n.Date(v.lang, *ended.Since)
	if ended.Successor != "" {
		key = "search.ended_replaced"
	}
	note.Since = i18n.T(v.lang, key, "Date", since, "Successor", ended.Successor)
	return note, nil
}
