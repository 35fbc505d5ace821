package address_test

import (
	"strings"
	"testing"

	"congdvc/portal/address"
)

func TestPaths(t *testing.T) {
	t.Parallel()
	const id, code = "0198c0de-0000-7000-8000-000000000001", "H42.12.3-260801-0001"
	for want, path := range map[string]func(lang string) string{
		"/":                  address.Home[string],
		"/tim-kiem":          address.Search[string],
		"/tra-cuu":           address.Track[string],
		"/xac-minh":          address.Verify[string],
		"/tro-giup":          address.Help[string],
		"/kha-nang-tiep-can": address.Accessibility[string],
		"/lap-trinh":         address.Developers[string],
		"/lap-trinh/loi":     func(l string) string { return address.DevelopersPart(l, "loi") },
		"/thong-bao":         address.Notices[string],
		"/tai-khoan":         address.Account[string],
		"/dang-nhap":         address.Login[string],
		"/dang-xuat":         address.Logout[string],
		"/ho-so":             address.Dossiers[string],
		"/su-kien/sinh-con": func(l string) string {
			return address.LifeEvent(l, "sinh-con")
		},
		"/thu-tuc/1.001193": func(l string) string {
			return address.Procedure(l, "1.001193")
		},
		"/thu-tuc/1.001193/nop":              func(l string) string { return address.Start(l, "1.001193") },
		"/xac-minh/AB12":                     func(l string) string { return address.VerifyCode(l, "AB12") },
		"/ho-so/nhap/" + id:                  func(l string) string { return address.Draft(l, id) },
		"/ho-so/nhap/" + id + "/buoc/2":      func(l string) string { return address.DraftStep(l, id, 2) },
		"/ho-so/nhap/" + id + "/tiep-tuc":    func(l string) string { return address.DraftGoOn(l, id) },
		"/ho-so/nhap/" + id + "/giay-to":     func(l string) string { return address.DraftFiles(l, id) },
		"/ho-so/nhap/" + id + "/kiem-tra":    func(l string) string { return address.DraftReview(l, id) },
		"/ho-so/nhap/" + id + "/to-khai.pdf": func(l string) string { return address.DraftFormPDF(l, id) },
		"/ho-so/nhap/" + id + "/nop":         func(l string) string { return address.DraftSubmit(l, id) },
		"/ho-so/nhap/" + id + "/le-phi":      func(l string) string { return address.DraftFee(l, id) },
		"/phien-dang-nhap":                   address.Session[string],
		"/thiet-bi":                          address.Device[string],
		"/ho-so/nhap/" + id + "/luu":         func(l string) string { return address.DraftSave(l, id) },
		"/ho-so/nhap/" + id + "/le-phi/ve": func(l string) string {
			return address.PaymentReturn(l, id)
		},
		"/ho-so/" + code:              func(l string) string { return address.Dossier(l, code) },
		"/ho-so/" + code + "/da-nop":  func(l string) string { return address.DossierConfirmation(l, code) },
		"/ho-so/" + code + "/ket-qua": func(l string) string { return address.DossierResult(l, code) },
		"/ho-so/" + code + "/bo-sung": func(l string) string { return address.DossierSupplement(l, code) },
		"/thu-tuc/:code/nop":          func(l string) string { return address.Start(l, ":code") },
		"/ho-so/nhap/:id/buoc/:n":     func(l string) string { return address.DraftStepPage(l, ":id", ":n") },
		"/xac-minh/a%2Fb%3Fc":         func(l string) string { return address.VerifyCode(l, "a/b?c") },
		"/thu-tuc/%C4%91%E1%BA%A5t":   func(l string) string { return address.Procedure(l, "đất") },
		"/su-kien/en":                 func(l string) string { return address.LifeEvent(l, "en") },
		"/ho-so/nhap/..%2F..%2Fx/nop": func(l string) string { return address.DraftSubmit(l, "../../x") },
	} {
		vi, en := path("vi"), path("en")
		if vi != want {
			t.Errorf("vi: %q, want %q", vi, want)
		}
		if wantEn := strings.TrimSuffix("/en"+want, "/"); en != wantEn {
			t.Errorf("en: %q, want %q", en, wantEn)
		}
		if lang, tail := address.Split(en); lang != "en" || tail != want {
			t.Errorf("Split(%q) = %q, %q", en, lang, tail)
		}
		if lang, tail := address.Split(vi); lang != "vi" || tail != want {
			t.Errorf("Split(%q) = %q, %q", vi, lang, tail)
		}
		if address.In("vi", "/en/"+vi) != vi || address.In("en", "/"+vi) != en {
			t.Errorf("two slashes before %q lead away", vi)
		}
		if address.In("en", vi) != en || address.In("vi", en) != vi || address.In("en", en) != en {
			t.Errorf("%q and %q are not each other's translation", vi, en)
		}
	}
}

func TestWithoutLanguage(t *testing.T) {
	t.Parallel()
	if got := address.OIDCReturn(); got != "/dang-nhap/ve" {
		t.Errorf("OIDCReturn() = %q", got)
	}
	if got := address.StripeWebhook(); got != "/webhook/stripe" {
		t.Errorf("StripeWebhook() = %q", got)
	}
	// A path that only begins like the prefix is a Vietnamese one.
	if lang, tail := address.Split("/english"); lang != "vi" || tail != "/english" {
		t.Errorf("Split(/english) = %q, %q", lang, tail)
	}
}

func TestSite(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"https://dvc.example", "https://dvc.example/"} {
		if got := (address.Site{Base: base}).URL(address.Track("en")); got !=
			"https://dvc.example/en/tra-cuu" {
			t.Errorf("Site{%q}: %q", base, got)
		}
	}
}
