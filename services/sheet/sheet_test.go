package sheet_test

import (
	"bytes"
	"compress/zlib"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"congdvc/i18n"
	"congdvc/services/dossier"
	"congdvc/services/sheet"
)

var update = flag.Bool("update", false, "write the goldens anew; look at them before committing")

// textOf is what a reader of PDFs finds on the pages.
func textOf(t testing.TB, pdf []byte) string {
	t.Helper()
	cmd := exec.Command("pdftotext", "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil || errors.Len() > 0 {
		t.Fatalf("pdftotext (package poppler-utils): %v\n%s", err, errors.String())
	}
	return string(out)
}

// dates finds the dates that a PDF says of itself.
var dates = regexp.MustCompile(`Date \(D:([0-9]+)`)

// inflated is a PDF with its streams unpacked.
func inflated(t testing.TB, pdf []byte) []byte {
	t.Helper()
	return regexp.MustCompile(`(?s)stream\n.*?\nendstream`).ReplaceAllFunc(pdf, func(s []byte) []byte {
		r, err := zlib.NewReader(bytes.NewReader(s[len("stream\n"):]))
		if err != nil {
			return s
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return plain
	})
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	all := samples()
	for name, d := range forms(t) {
		all[name] = d.PDF
	}
	for name, make := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pdf, err := make()
			if err != nil {
				t.Fatal(err)
			}
			again, err := make()
			if err != nil || !bytes.Equal(pdf, again) {
				t.Errorf("the same data made other bytes (%v)", err)
			}
			for _, date := range dates.FindAllSubmatch(pdf, -1) {
				if got := string(date[1]); !strings.HasPrefix(got, "20260302") {
					t.Errorf("the bytes have a date that the data does not: %s", got)
				}
			}
			got := regexp.MustCompile(`[ \t]+\n`).ReplaceAllString(textOf(t, pdf), "\n")
			if strings.Contains(got, "⟦") || strings.Contains(got, "□") {
				t.Errorf("a text or a letter is missing:\n%s", got)
			}
			path := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs (-update writes it anew):\n%s", path, got)
			}
		})
	}
}

// TestLetters prints every letter of Vietnamese in both faces and finds each again.
func TestLetters(t *testing.T) {
	t.Parallel()
	s := slip(dossier.SlipRefused) // its reason is bold
	s.Reason = letters + "\n" + strings.ToUpper(letters)
	s.Procedure = s.Reason
	pdf, err := s.PDF("")
	if err != nil {
		t.Fatal(err)
	}
	text := textOf(t, pdf)
	for _, letter := range strings.Fields(letters + " " + strings.ToUpper(letters)) {
		if strings.Count(text, letter) < 2 {
			t.Errorf("%s is on the page %d times", letter, strings.Count(text, letter))
		}
	}
}

func TestForeignCharacters(t *testing.T) {
	t.Parallel()
	s := slip(dossier.SlipRefused)
	s.Owner.Name, s.Reason = "王小明 😀 Tie\u0302\u0301ng\u202e Vie\u0323\u0302t", "x\x00y\tz\xff"
	pdf, err := s.PDF("")
	if err != nil {
		t.Fatal(err)
	}
	text := textOf(t, pdf)
	for _, want := range []string{"□□□ □ Tiếng Việt", "xy z□", "Dấu □ đứng thay cho một chữ"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

func TestUnknownKind(t *testing.T) {
	t.Parallel()
	if _, err := slip("09").PDF(track); err == nil {
		t.Error("a slip of kind 09 was printed")
	}
}

// TestLongTable holds that each page of a table repeats its head and that no row is lost.
func TestLongTable(t *testing.T) {
	t.Parallel()
	pdf, err := long().PDF(track)
	if err != nil {
		t.Fatal(err)
	}
	pages := strings.Split(strings.TrimSuffix(textOf(t, pdf), "\f"), "\f")
	if len(pages) < 4 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, page := range pages {
		if strings.Contains(page, "Giấy tờ thứ") && !strings.Contains(page, "Bản chính") {
			t.Errorf("page %d has rows and no head:\n%s", i+1, page)
		}
	}
	if got := strings.Count(strings.Join(pages, ""), "Giấy tờ thứ"); got != 59 {
		t.Errorf("%d rows of 59", got)
	}
}

func BenchmarkSlip(b *testing.B) {
	s := slip(dossier.SlipReceived)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.PDF(track); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkConfirmation(b *testing.B) {
	d := confirmation(i18n.Vi)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sheet.Confirmation(d); err != nil {
			b.Fatal(err)
		}
	}
}

// TestEverySlipIsPrinted ranges over the table of the slips: each has its layout.
func TestEverySlipIsPrinted(t *testing.T) {
	t.Parallel()
	for _, kind := range dossier.SlipKinds {
		pdf, err := slip(kind).PDF("")
		if err != nil {
			t.Errorf("slip %s: %v", kind, err)
			continue
		}
		if !strings.Contains(textOf(t, pdf), "Mẫu số "+string(kind)) {
			t.Errorf("slip %s does not say which form it is", kind)
		}
	}
	if _, err := slip("99").PDF(""); err == nil {
		t.Error("a slip that there is not was printed")
	}
}
