package portal_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"congdvc/services/dossier"
)

// TestCommunes: the communes of a province come in the language of the page, and of a province that is none,
// none come.
func TestCommunes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for path, want := range map[string]string{"/xa-phuong?tinh=37": "Phường Hoa Lư",
		"/en/xa-phuong?tinh=37": "Hoa Lư Ward", "/xa-phuong?tinh=00": "", "/xa-phuong": ""} {
		p := s.visitor(t).get(path)
		var names []string
		if err := json.Unmarshal([]byte(p.body), &names); err != nil || p.StatusCode != http.StatusOK ||
			!strings.HasPrefix(p.Header.Get("Cache-Control"), "public") {
			t.Fatalf("%s: %d %q %v", path, p.StatusCode, p.body, err)
		}
		if want == "" && len(names) > 0 || want != "" && (len(names) != 13 || !slices.Contains(names, want)) {
			t.Errorf("%s: %q", path, names)
		}
	}
}

// TestACommuneIsKnownByItsName: what is typed becomes the commune's code where it is certain, is offered and
// shown by its name in either language, and stays as typed where it is not; sending the page again changes
// nothing.
func TestACommuneIsKnownByItsName(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	first := b.begin("2.000635")
	b.fill(first, url.Values{"nyc.loai": {"ca_nhan"}, "nyc.quan_he": {"ban_than"}})
	id, path := draftOf(first), first.path
	for _, c := range []struct{ typed, code, vi, en string }{
		{"hoa lu", "14329", "Phường Hoa Lư", "Hoa Lư Ward"},
		{"Tay Hoa Lu Ward", "14533", "Phường Tây Hoa Lư", "Tây Hoa Lư Ward"},
		{"Xã Lạ", "Xã Lạ", "Xã Lạ", "Xã Lạ"},
	} {
		b.fill(b.get(path), url.Values{"nyc.cu_tru.tinh": {"37"}, "nyc.cu_tru.xa": {c.typed}})
		saved := b.field(id, "nyc.cu_tru")
		if row := saved.Value.Rows[0]; row["commune"] != c.code || c.code != c.vi &&
			row["commune_name"] != c.vi {
			t.Errorf("%q is saved as %v", c.typed, row)
		}
		for l, want := range map[string]string{"": c.vi, "/en": c.en} {
			p := b.get(l + path)
			if !strings.Contains(p.body, `name="nyc.cu_tru.xa" value="`+want+`" list="xa-37"`) ||
				strings.Count(p.body, `<datalist id="xa-37">`) != 1 {
				t.Errorf("%q is not shown as %q: %s", c.typed, want, p.body)
			}
		}
		b.fill(b.get("/en"+path), nil)
		if again := b.field(id, "nyc.cu_tru"); again.Revision != saved.Revision {
			t.Errorf("%q: sending the page again saves %v", c.typed, again.Value)
		}
	}
}

// field is what a draft holds of a field.
func (b *browser) field(id, field string) dossier.Field {
	b.t.Helper()
	fields, err := dossier.Fields(b.t.Context(), b.Pool, b.Vault, dossier.DraftID(id))
	must(b.t, err)
	return fields[field]
}
