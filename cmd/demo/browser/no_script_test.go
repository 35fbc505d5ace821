package browser

import "testing"

// TestNoJavaScript makes both journeys with scripts switched off, in English.
func TestNoJavaScript(t *testing.T) {
	t.Parallel()
	lan := newVisitor(t).withoutScript()
	lan.open("/en")
	lan.tap("the search", `document.querySelector(".search input")`)
	lan.insert("birth")
	lan.key("\r")
	lan.until("the results are there",
		`location.pathname === "/en/tim-kiem" && document.readyState === "complete"`)
	lan.pressAt(`a[href="/en/thu-tuc/1.001193"]`)
	lan.press("Submit online")
	lan.pressAt("main form button")
	lan.pressAt(`button[value="lan"]`)
	lan.choosePlace("Hoa Lư Ward People's Committee", "Start filling in")
	lan.fillForm(newborn("Trần Nguyễn Bảo Ngọc"), "Continue")
	lan.attach("giay_chung_sinh", picture(t, "certificate.png"), "Send")
	lan.see("certificate.png")
	lan.press("Continue")
	lan.see("Trần Nguyễn Bảo Ngọc")
	lan.pressAt(`form[action$="/nop"] button`)
	code := lan.confirmed()
	lan.wantPDF(lan.sys.portal+"/en/ho-so/"+code+"/xac-nhan.pdf", code)

	lan.open("/en/thu-tuc/2.000635/nop")
	lan.choosePlace("Hoa Lư Ward People's Committee", "Start filling in")
	lan.fillForm(copies("3"), "Continue")
	lan.press("Continue")
	lan.see("VND 24,000")
	lan.pressAt(`form[action$="/nop"] button`)
	lan.pressAt(`form[action$="/le-phi"] button`)
	lan.pressAt(`button[value="decline"]`)
	lan.pressAt(`button[value="pay"]`)
	lan.wantPDF(lan.sys.portal+"/en/ho-so/"+lan.confirmed()+"/bien-lai.pdf", "24,000")
}
