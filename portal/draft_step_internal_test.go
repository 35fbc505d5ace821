package portal

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/eform/eformtest"
	"congdvc/services/procedure"

	"github.com/gofiber/fiber/v2"
)

// TestAStepOfAnotherCompilation: a step that a request found in one compilation of the form is drawn by
// another as its own, with its number and its questions.
func TestAStepOfAnotherCompilation(t *testing.T) {
	t.Parallel()
	parsed, err := parsePages()
	if err != nil {
		t.Fatal(err)
	}
	forms, err := eformtest.Starter("..")
	if err != nil {
		t.Fatal(err)
	}
	others, err := eformtest.Starter("..")
	if err != nil {
		t.Fatal(err)
	}
	p := &Portal{Config: Config{Log: slog.New(slog.DiscardHandler), Now: time.Now}, pages: parsed}
	for i, form := range forms {
		for n := range form.VisibleSteps(eform.Answers{}) {
			own, foreign := form.Step(n+1), others[i].Step(n+1)
			page, want := p.stepAsDrawn(t, form, foreign), p.stepAsDrawn(t, form, own)
			if page != want || strings.Contains(page, "Bước 0 ") || !strings.Contains(page, "Bước ") {
				t.Errorf("%s, step %s of another compilation:\n%s", form.ID, own.ID, page)
			}
		}
	}
}

// stepAsDrawn is the page of a step of a form that has no answers.
func (p *Portal) stepAsDrawn(t *testing.T, form *eform.Form, step *eform.Step) string {
	t.Helper()
	view := &desk.DraftView{Draft: &dossier.Draft{}, Version: &procedure.Version{}, Form: form}
	app := fiber.New()
	app.Get("/", func(c *fiber.Ctx) error {
		c.SetUserContext(context.Background())
		v := &visit{Ctx: c, lang: i18n.Vi}
		return p.renderStep(v, fiber.StatusOK, step, formView{lang: i18n.Vi, view: view})
	})
	answer, err := app.Test(httptest.NewRequest(fiber.MethodGet, "/", nil), -1)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	page := string(body)
	if at := strings.Index(page, `name="__op"`); at > 0 { // a new one each time
		end := at + strings.Index(page[at:], ">")
		page = page[:at] + page[end:]
	}
	return page
}
