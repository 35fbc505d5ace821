package demooffice

import "time"

var groundNames = map[string]string{
	"self": "Nộp cho bản thân", "relation": "Nộp theo quan hệ", "mandate": "Nộp theo ủy quyền",
	"representative": "Đại diện cho tổ chức",
}

var capacityNames = map[string]string{
	"household": "Chủ hộ hoặc thành viên hộ kinh doanh", "founder": "Người thành lập doanh nghiệp, tổ chức",
	"representative": "Người đại diện, người được ủy quyền", "other": "Tư cách khác",
}

// GroundText says on what ground the person files; empty where that was not asked.
func (r revision) GroundText() string {
	text := named(groundNames, r.Ground.Kind)
	if r.Ground.Detail != "" {
		text += ": " + r.Ground.Detail
	}
	if r.Ground.For != "" {
		text += " (cho " + r.Ground.For + ")"
	}
	return text
}

// filed says of each event that brought a revision who handed it in, for whom and on what ground.
func (s *Server) filed(d Dossier) map[string]string {
	by := map[string]string{}
	for _, e := range d.Events {
		if e.Type != "dossier.submitted" && e.Type != "dossier.supplemented" {
			continue
		}
		r, err := s.book.read(d, e.Revision)
		if err != nil {
			continue // not fetched yet
		}
		text := r.Person.Name
		if r.OnBehalf {
			text += ", thay " + r.Owner.Name
		}
		if r.Capacity != "" {
			text += " · " + named(capacityNames, r.Capacity)
		}
		if ground := r.GroundText(); ground != "" {
			text += " · " + ground
		}
		by[e.ID] = text
	}
	return by
}

// day writes a date of the wire as people do; as it came where it is none.
func day(date string) string {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return at.Format("02/01/2006")
}
