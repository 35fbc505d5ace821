package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

const leastFocusRing = 2 // px

// focused is where the keyboard is.
type focused struct {
	Tag, Name, Words string
	Ring             float64
	Inside           bool // in the form of the step
	Seen             bool // in the window
}

func (v *visitor) focused() focused {
	v.t.Helper()
	var f focused
	v.eval(`(() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
		const box = e.closest(".search") ? getComputedStyle(e.closest(".search")) : s;
		return {Tag: e.tagName, Name: e.name || "", Words: e.textContent.trim().slice(0, 60), Inside: !!e.closest("main form"),
			Ring: box.outlineStyle === "none" ? 0 : parseFloat(box.outlineWidth), Seen: r.bottom > 0 && r.top < innerHeight && r.width > 0} })()`, &f)
	return f
}

// TestKeyboard fills in a question page without a finger or a mouse.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	v.begin("minh", "2.000635")
	step := v.path()
	v.key(kb.Tab)
	if first := v.focused(); !strings.Contains(first.Words, "Đến nội dung chính") || !first.Seen {
		t.Errorf("the first stop is %+v, not the link to the content", first)
	}
	// An answer that brings other questions changes the page; the keyboard goes on from there.
	v.tabTo("nyc.loai")
	v.key(" ")
	v.until("the questions appear",
		`!document.getElementById("nyc.cu_tru.xa").matches(":disabled") && document.querySelector("[data-more]").textContent !== ""`)
	v.key(kb.Tab)
	if at := v.focused(); !at.Inside {
		t.Errorf("after the answer the keyboard is at %+v", at)
	}
	v.tabToWords("Sửa thông tin này Nơi cư trú")
	v.key(" ")
	for _, name := range []string{"nyc.cu_tru.xa", "nyc.cu_tru.chi_tiet"} {
		v.tabTo(name)
		v.key("\b") // what is in a box is marked when the keyboard comes to it
		v.insert(map[string]string{"nyc.cu_tru.xa": "Phường Hoa Lư",
			"nyc.cu_tru.chi_tiet": "Thôn Thượng"}[name])
	}
	v.key(kb.Shift)
	v.until("the boxes hold what was typed",
		`document.getElementById("nyc.cu_tru.xa").value === "Phường Hoa Lư"`)
	v.eval(`document.getElementById("nyc.cu_tru.tinh").focus()`, nil)
	v.insert("n") // a list is chosen from by the first letters
	v.key("N")
	v.tabToWords("Sửa thông tin này Số điện thoại")
	v.key(" ")
	v.tabTo("nyc.dien_thoai")
	v.land(func() { v.key(kb.Enter) })
	if v.path() == step && !v.has(".errors") || strings.HasPrefix(v.path(), "/en/") {
		t.Errorf("the Enter key leads to %s", v.path())
	}
}

// tabTo presses Tab until an input has the focus.
func (v *visitor) tabTo(name string) {
	v.t.Helper()
	v.tabUntil(name, func(at focused) bool { return at.Name == name })
}

// tabToWords presses Tab until something with these words has the focus.
func (v *visitor) tabToWords(words string) {
	v.t.Helper()
	v.tabUntil(words, func(at focused) bool { return at.Words == words })
}

// tabUntil presses Tab until it is there. Each stop on the way must be seen.
func (v *visitor) tabUntil(what string, there func(focused) bool) {
	v.t.Helper()
	for range 60 {
		v.key(kb.Tab)
		at := v.focused()
		if at.Tag == "BODY" {
			continue // the browser's own stop between the end and the beginning
		}
		if at.Ring < leastFocusRing || !at.Seen {
			v.t.Errorf("the focus cannot be seen at %+v", at)
		}
		if there(at) {
			return
		}
	}
	v.fatal("the Tab key does not lead to %s", what)
}
