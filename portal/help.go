package portal

import "congdvc/i18n"

// textPage is a page of prose from the message catalogue: pairs of a heading and
// its paragraph.
type textPage struct {
	shell
	Intro string
	Parts []textPart
}

type textPart struct{ Heading, Text string }

func (p *Portal) help(v *visit) error {
	return p.text(v, "help", "find", "login", "draft", "pay", "follow", "result", "privacy")
}

func (p *Portal) accessibility(v *visit) error {
	return p.text(v, "accessibility", "goal", "keyboard", "script", "limits", "tell")
}

func (p *Portal) text(v *visit, stem string, parts ...string) error {
	page := textPage{shell: p.shell(v, i18n.T(v.lang, stem+".title")), Intro: i18n.T(v.lang, stem+".intro")}
	for _, part := range parts {
		page.Parts = append(page.Parts, textPart{i18n.T(v.lang, stem+"."+part+".title"),
			i18n.T(v.lang, stem+"."+part+".text")})
	}
	return p.render(v, "help", page)
}
