package portal_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"congdvc/portal/address"
)

var summaryLink = regexp.MustCompile(`<li><a href="#([^"]+)">`)

// TestEveryFaultLeadsToItsInput sends every step of every form empty, and full of what makes no sense. Each
// row of the summary has to lead to an input of the page, which checkPage knows.
func TestEveryFaultLeadsToItsInput(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	for _, procedure := range []string{"1.001193", "2.000635", "1.001612", "1.000894"} {
		id, faults := draftOf(b.begin(procedure)), 0
		for n := 1; ; n++ {
			p := b.get(address.DraftStep("vi", id, n))
			if p.StatusCode == http.StatusNotFound {
				break
			}
			if p.path != address.DraftStep("vi", id, n) {
				continue // a step that the answers do not ask for
			}
			checkPage(t, s, p)
			for _, junk := range []string{"", "!", strings.Repeat("9", 5000)} {
				form := filled(p)
				for name := range form {
					if !strings.HasPrefix(name, "__") && name != "csrf" {
						form.Set(name, junk)
					}
				}
				wrong := b.post(p.path, form)
				if wrong.path == p.path {
					checkPage(t, s, wrong)
					faults += len(summaryLink.FindAllString(wrong.body, -1))
					p = wrong
				}
			}
		}
		review := b.get(address.DraftReview("vi", id))
		checkPage(t, s, review)
		sent := b.post(address.DraftSubmit("vi", id), filled(review))
		checkPage(t, s, sent)
		for _, m := range regexp.MustCompile(`<li><a href="(/[^"#]+)#([^"]+)">`).
			FindAllStringSubmatch(sent.body, -1) {
			target := b.get(unescape(m[1]))
			if !strings.Contains(target.body, fmt.Sprintf(`id="%s"`, m[2])) {
				t.Errorf("%s leads to %s, where there is no %s", procedure, target.path, m[2])
			}
		}
		if sent.StatusCode != http.StatusUnprocessableEntity || faults < 10 {
			t.Errorf("%s: %d faults in the steps, %d at the end", procedure, faults, sent.StatusCode)
		}
	}
}
