package browser

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPublicPages looks at what everybody may see, in both languages.
func TestPublicPages(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	for _, lang := range []string{"", "/en"} {
		for _, path := range []string{"/tim-kiem?q=zzzz", "/tim-kiem?q=khai+sinh", "/su-kien/sinh-con",
			"/thu-tuc/2.000635", "/thu-tuc/1.000894", "/thu-tuc/1.001612", "/tra-cuu", "/xac-minh",
			"/xac-minh/0000-0000-0000-0000", "/tro-giup", "/kha-nang-tiep-can", "/lap-trinh",
			"/lap-trinh/ket-noi", "/lap-trinh/nhan-su-kien", "/lap-trinh/loi", "/dang-nhap", "/khong-co"} {
			v.open(lang + path)
		}
	}
	v.open("/en/tra-cuu")
	v.press("Track")
	if !v.has(".errors") {
		t.Error("an empty form is taken")
	}
}

// TestPhonePicture keeps the picture of the first pages for those who look before they try; it is made only
// with -update.
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
		draw.Draw(both, picture.Bounds().Add(image.Pt(i*(size.X+gap), 0)), picture, picture.Bounds().Min,
			draw.Src)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, both); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
