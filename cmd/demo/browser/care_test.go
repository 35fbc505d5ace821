package browser

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What the first view may weigh over the wire, in bytes, headers included.
const (
	mostInAll      = 60 << 10
	mostStyle      = 20 << 10
	mostScript     = 15 << 10
	leastFocusRing = 2 // px
)

// TestWeight loads the first page with an empty cache.
func TestWeight(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	v.open("/")
	v.settle()
	v.watch.mu.Lock()
	defer v.watch.mu.Unlock()
	all, kinds := 0.0, map[network.ResourceType]float64{}
	for id, size := range v.watch.encoded {
		all += size
		kinds[v.watch.kinds[id]] += size
	}
	t.Logf("%.0f bytes: %v", all, kinds)
	if kinds[network.ResourceTypeDocument] == 0 || kinds[network.ResourceTypeStylesheet] == 0 || kinds[network.ResourceTypeScript] == 0 {
		t.Errorf("a page without a document, a style or a script was weighed: %v", kinds)
	}
	if all > mostInAll || kinds[network.ResourceTypeStylesheet] > mostStyle || kinds[network.ResourceTypeScript] > mostScript {
		t.Errorf("the first view weighs %.0f bytes: %v", all, kinds)
	}
}

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
	v.until("the questions appear", `!document.getElementById("nyc.cu_tru.xa").matches(":disabled") && document.querySelector("[data-more]").textContent !== ""`)
	v.key(kb.Tab)
	if at := v.focused(); !at.Inside {
		t.Errorf("after the answer the keyboard is at %+v", at)
	}
	v.tabToWords("Sửa thông tin này Nơi cư trú")
	v.key(" ")
	for _, name := range []string{"nyc.cu_tru.xa", "nyc.cu_tru.chi_tiet"} {
		v.tabTo(name)
		v.key("\b") // what is in a box is marked when the keyboard comes to it
		v.insert(map[string]string{"nyc.cu_tru.xa": "Phường Hoa Lư", "nyc.cu_tru.chi_tiet": "Thôn Thượng"}[name])
	}
	v.key(kb.Shift)
	v.until("the boxes hold what was typed", `document.getElementById("nyc.cu_tru.xa").value === "Phường Hoa Lư"`)
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

// TestPublicPages looks at what everybody may see, in both languages.
func TestPublicPages(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	for _, lang := range []string{"", "/en"} {
		for _, path := range []string{"/tim-kiem?q=zzzz", "/tim-kiem?q=khai+sinh", "/su-kien/sinh-con", "/thu-tuc/2.000635", "/thu-tuc/1.000894", "/thu-tuc/1.001612",
			"/tra-cuu", "/xac-minh", "/xac-minh/0000-0000-0000-0000", "/tro-giup", "/kha-nang-tiep-can", "/dang-nhap", "/khong-co"} {
			v.open(lang + path)
		}
	}
	v.open("/en/tra-cuu")
	v.press("Track")
	if !v.has(".errors") {
		t.Error("an empty form is taken")
	}
}

// TestPhonePicture keeps the picture of the first pages for those who look before they try; it is made only with -update.
func TestPhonePicture(t *testing.T) {
	const path = "testdata/phone.png"
	if !*update {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%v: run this test with -update", err)
		}
		return
	}
	v := newVisitor(t)
	var pictures []image.Image
	for _, page := range []string{"/", "/thu-tuc/1.001193"} {
		v.open(page)
		var raw []byte
		v.run(chromedp.CaptureScreenshot(&raw))
		picture, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, picture)
	}
	const gap = 48
	size := pictures[0].Bounds().Size()
	both := image.NewRGBA(image.Rect(0, 0, 2*size.X+gap, size.Y))
	draw.Draw(both, both.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	for i, picture := range pictures {
		draw.Draw(both, picture.Bounds().Add(image.Pt(i*(size.X+gap), 0)), picture, picture.Bounds().Min, draw.Src)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, both); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
