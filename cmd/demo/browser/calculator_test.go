package browser

import "testing"

// TestComputedInPlace: what one chooses before login is computed without leaving the page, spoken, kept in
// the address, and carried into the form.
func TestComputedInPlace(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	v.open("/thu-tuc/1.000656")
	v.until("an amount that is told in words fits on the telephone",
		`[...document.querySelectorAll("#phi .scroll")].every(e => e.clientWidth > 0 && e.scrollWidth <= e.clientWidth)`)
	v.open("/thu-tuc/2.000635")
	v.eval(`window.stayed = true`, nil)
	v.set(box{Name: "so-luong.ban_sao", Kind: "text"}, "3")
	v.tap("in person", `document.querySelector('input[name=kenh][value=counter]')`)
	v.until("the fee is computed",
		`document.querySelector("#phi tfoot td:last-child").textContent.startsWith("24.000")`)
	v.until("it is said", `document.getElementById("doc-lai").textContent.includes("24.000")`)
	v.until("the address has the choices",
		`location.search.includes("so-luong.ban_sao=3") && location.search.includes("kenh=counter")`)
	v.until("the focus stays",
		`document.activeElement.name === "kenh" && document.activeElement.value === "counter"`)
	v.choosesWhileComputed()
	v.set(box{Name: "so-luong.ban_sao", Kind: "text"}, "ba")
	v.key("\r")
	v.until("what is wrong has the focus",
		`window.stayed && document.activeElement.getAttribute("aria-invalid") === "true"`)
	v.set(box{Name: "so-luong.ban_sao", Kind: "text"}, "2")
	v.key("\r")
	v.until("the outcome has the focus",
		`window.stayed && document.activeElement.id === "ket-qua" && document.querySelector("#phi tfoot").textContent.includes("16.000")`)
	v.checkPage()
	v.until("the button carries the choices",
		`document.querySelector(".btn-1").href.includes("so-luong.ban_sao=2")`)
	v.until("the other language does too",
		`document.querySelector(".mast a[hreflang]").href.includes("so-luong.ban_sao=2")`)
	v.press("Nộp hồ sơ trực tuyến")
	v.login("lan", "Đăng nhập bằng tài khoản định danh")
	v.choosePlace(hoaLu, "Bắt đầu điền")
	for range 4 {
		if v.has(`[name="ban_sao.so_luong"]`) {
			break
		}
		v.fillStep(copies("2"), "Tiếp tục")
	}
	if got := v.value("ban_sao.so_luong"); got != "2" {
		t.Errorf("the form asks for the copies anew: %q", got)
	}
}

// choosesWhileComputed: an answer that comes while a finger is down, or while somebody types on, takes away
// neither the choice nor the text.
func (v *visitor) choosesWhileComputed() {
	v.t.Helper()
	v.eval(`window.copies = (n) => {
		window.held = document.querySelector('[name="so-luong.ban_sao"]');
		held.value = n;
		held.dispatchEvent(new Event("change", { bubbles: true }));
	};
	window.answered = (n) => performance.getEntriesByType("resource").some((e) => e.name.includes("ban_sao=" + n));
	dispatchEvent(new PointerEvent("pointerdown"));
	copies("4");`, nil)
	v.until("the answer is there", `answered("4")`)
	v.until("what is under the finger stays", `held.isConnected`)
	v.eval(`dispatchEvent(new PointerEvent("pointerup"))`, nil)
	v.until("the fee follows the finger", `document.querySelector("#phi tfoot").textContent.includes("32.000")`)
	v.eval(`copies("5"); held.value = "6"`, nil)
	v.until("the answer is there", `answered("5")`)
	v.until("what is typed on stays", `held.isConnected && held.value === "6"`)
	v.eval(`held.dispatchEvent(new Event("change", { bubbles: true }))`, nil)
	v.until("what was typed is computed",
		`document.querySelector("#phi tfoot").textContent.includes("48.000")`)
}

// TestComputedWithoutScript: the same by the form's own button.
func TestComputedWithoutScript(t *testing.T) {
	t.Parallel()
	v := newVisitor(t).withoutScript()
	v.open("/en/thu-tuc/2.000815")
	v.set(box{Name: "so-luong.trang", Kind: "text"}, "10")
	v.set(box{Name: "so-luong.ban", Kind: "text"}, "2")
	v.press("Work it out")
	v.see("VND 24,000", "Twenty-four thousand dong")
	v.until("the outcome is in view", `location.hash === "#ket-qua"`)
}
