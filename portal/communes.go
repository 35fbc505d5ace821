package portal

import (
	"congdvc/i18n"
	"congdvc/services/agency"
	"congdvc/services/eform"

	"github.com/gofiber/fiber/v2"
)

// paramProvince is the query parameter with the province whose communes are asked for.
const paramProvince = "tinh"

// communeList are the communes of a province. Inputs of addresses in it offer them while a person types.
type communeList struct {
	ID    string
	Names []string
}

func communeListID(province string) string { return "xa-" + province }

// communeLists are the lists for the provinces of the addresses in a step.
func (p *Portal) communeLists(
	v *visit, f *eform.Form, step *eform.Step, answers eform.Answers,
) ([]communeList, error) {
	here, number := eform.Answers{}, f.Number(step)
	for id, value := range answers {
		if field := f.Field(id); field != nil && field.Step() == number {
			here[id] = value
		}
	}
	var lists []communeList
	for _, province := range f.Provinces(here) {
		names, err := p.communesOf(v, province)
		if err != nil {
			return nil, err
		}
		lists = append(lists, communeList{communeListID(province), names})
	}
	return lists, nil
}

func (p *Portal) communesOf(v *visit, province string) ([]string, error) {
	units, err := agency.Units(v.ctx(), p.Pool, province)
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = i18n.Commune(v.lang, u.Name)
	}
	return names, err
}

// communes answers with the names of a province's communes as a JSON list, empty for an unknown province. The
// answer depends on the address alone, so browsers may keep it for a while.
func (p *Portal) communes(v *visit) error {
	names, err := p.communesOf(v, v.Query(paramProvince))
	if err != nil {
		return err
	}
	v.Set(fiber.HeaderCacheControl, "public, max-age=600")
	return v.JSON(names)
}
