package eformtest

import (
	"net/url"
	"strconv"

	"congdvc/i18n"
	"congdvc/services/eform"
)

// Encode writes a value into the inputs of its field as a browser posts them.
func Encode(f *eform.Field, v eform.Value, to url.Values) {
	switch f.Shape() {
	case eform.ManyTexts:
		to[f.ID] = v.Many
	case eform.OneAddress:
		row := map[string]string{}
		if len(v.Rows) > 0 {
			row = v.Rows[0]
		}
		for part, input := range map[string]string{
			eform.PartProvince: ".tinh", eform.PartCommune: ".xa", eform.PartDetail: ".chi_tiet",
			eform.PartOld: ".huyen_cu",
		} {
			to.Set(f.ID+input, row[part])
		}
		if name := row[eform.PartCommuneName]; name != "" {
			to.Set(f.ID+".xa", name)
		}
	case eform.TableRows:
		for name := range to {
			if len(name) > len(f.ID) && name[:len(f.ID)+1] == f.ID+"." {
				to.Del(name)
			}
		}
		for i, row := range v.Rows {
			for k := range f.Columns {
				c := &f.Columns[k]
				encodeText(c, f.ID+"."+strconv.Itoa(i)+"."+c.ID, row[c.ID], to)
			}
		}
	default:
		encodeText(f, f.ID, v.Text, to)
	}
}

func encodeText(f *eform.Field, name, text string, to url.Values) {
	if f.Control() == eform.ControlDate {
		day, month, year := eform.DateBoxes(text)
		to.Set(name+".ngay", day)
		to.Set(name+".thang", month)
		to.Set(name+".nam", year)
		return
	}
	if text == "" && f.Control() == eform.ControlRadios {
		to.Del(name) // a radio button that is not pressed is not sent
		return
	}
	if f.Searched() { // people type names
		text = eform.DictionaryText(f.Dictionary, text, i18n.Vi)
	}
	to.Set(name, text)
}
