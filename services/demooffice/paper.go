package demooffice

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifregular"
	"github.com/jung-kurt/gofpdf"
	qrcode "github.com/skip2/go-qrcode"
)

var hanoi = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

// paper is what a result says.
type paper struct {
	Decision
	Dossier  Dossier
	Revision revision
	Content  readable
	Officer  Officer
	At       time.Time
	Verify   resultCode
}

const (
	serif      = "serif"
	pageMargin = 20.0
	labelWidth = 60.0
	lineHeight = 6.0
	qrSize     = 24.0
	footHeight = 60.0 // of what must stand on one page at the end
)

// draw lays the result out as a PDF of A4 pages, in the form of an administrative
// document (Decree 30/2020/NĐ-CP, annex I).
func (s *Server) draw(p paper) ([]byte, error) {
	f := gofpdf.New("P", "mm", "A4", "")
	f.SetCreationDate(p.At)
	f.SetModificationDate(p.At)
	f.SetTitle(p.Name, true)
	f.AddUTF8FontFromBytes(serif, "", liberationserifregular.TTF)
	f.AddUTF8FontFromBytes(serif, "B", liberationserifbold.TTF)
	f.SetMargins(pageMargin, pageMargin, pageMargin)
	f.SetAutoPageBreak(true, pageMargin)
	f.AddPage()
	s.drawHead(f, p)
	s.drawContent(f, p)
	if err := s.drawFoot(f, p); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := f.Output(&out); err != nil {
		return nil, fmt.Errorf("demooffice: draw the result: %w", err)
	}
	return out.Bytes(), nil
}

func (s *Server) drawHead(f *gofpdf.Fpdf, p paper) {
	width, _ := f.GetPageSize()
	half := (width - 2*pageMargin) / 2
	top := f.GetY()
	f.SetFont(serif, "B", 11)
	f.MultiCell(half-5, lineHeight, strings.ToUpper(s.agencyName(p.Dossier.Agency)), "", "C", false)
	f.SetFont(serif, "", 11)
	f.CellFormat(half-5, lineHeight, "Số: "+p.Number, "", 1, "C", false, 0, "")
	left := f.GetY()
	f.SetXY(pageMargin+half, top)
	f.SetFont(serif, "B", 11)
	f.CellFormat(half, lineHeight, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "", 2, "C", false, 0, "")
	f.CellFormat(half, lineHeight, "Độc lập - Tự do - Hạnh phúc", "", 2, "C", false, 0, "")
	f.SetFont(serif, "", 11)
	at := p.At.In(hanoi)
	f.CellFormat(half, lineHeight, fmt.Sprintf("Ninh Bình, ngày %02d tháng %02d năm %d", at.Day(),
		int(at.Month()), at.Year()), "", 2, "C", false, 0, "")
	f.SetXY(pageMargin, max(left, f.GetY())+2*lineHeight)
	f.SetFont(serif, "B", 15)
	f.MultiCell(0, 8, strings.ToUpper(p.Name), "", "C", false)
	f.Ln(lineHeight / 2)
}

func (s *Server) drawContent(f *gofpdf.Fpdf, p paper) {
	f.SetFont(serif, "", 12)
	f.MultiCell(0, lineHeight, fmt.Sprintf("Theo hồ sơ %s (%s) của %s, về thủ tục: %s.", p.Dossier.Code,
		p.Dossier.OfficeCode, p.Revision.Owner.Name, p.Content.Procedure), "", "J", false)
	f.Ln(lineHeight / 2)
	section := ""
	for _, field := range p.Content.Fields {
		if field.Text == "" && field.Table == nil {
			continue
		}
		if field.Section != section && field.Section != "" {
			section = field.Section
			f.SetFont(serif, "B", 12)
			f.MultiCell(0, lineHeight+1, section, "", "L", false)
		}
		text := field.Text
		if field.Table != nil {
			var rows []string
			for _, row := range field.Table.Rows {
				rows = append(rows, strings.Join(row, "; "))
			}
			text = strings.Join(rows, "\n")
		}
		drawRow(f, field.Label, text)
	}
	f.Ln(lineHeight)
}

// drawRow writes a label and, beside it, its text.
func drawRow(f *gofpdf.Fpdf, label, text string) {
	f.SetFont(serif, "", 11)
	width, height := f.GetPageSize()
	lines := max(len(f.SplitText(label, labelWidth-2)),
		len(f.SplitText(text, width-2*pageMargin-labelWidth-2)))
	if f.GetY()+float64(min(lines, 8))*lineHeight > height-pageMargin {
		f.AddPage()
	}
	top := f.GetY()
	f.MultiCell(labelWidth, lineHeight, label, "", "L", false)
	bottom := f.GetY()
	f.SetXY(pageMargin+labelWidth, top)
	f.MultiCell(0, lineHeight, text, "", "L", false)
	if f.GetY() < bottom {
		f.SetY(bottom)
	}
}

func (s *Server) drawFoot(f *gofpdf.Fpdf, p paper) error {
	image, err := qrcode.Encode(p.Verify.VerifyURL, qrcode.Medium, 256)
	if err != nil {
		return fmt.Errorf("demooffice: QR code: %w", err)
	}
	_, height := f.GetPageSize()
	if f.GetY()+footHeight > height-pageMargin {
		f.AddPage()
	}
	top := f.GetY()
	f.RegisterImageOptionsReader("qr", gofpdf.ImageOptions{ImageType: "PNG"}, bytes.NewReader(image))
	f.ImageOptions("qr", pageMargin, top, qrSize, qrSize, false, gofpdf.ImageOptions{ImageType: "PNG"}, 0,
		p.Verify.VerifyURL)
	f.SetXY(pageMargin, top+qrSize)
	f.SetFont(serif, "B", 9)
	f.MultiCell(80, 4.5, "Mã xác minh: "+p.Verify.Code, "", "L", false)
	f.SetXY(pageMargin+85, top)
	f.SetFont(serif, "B", 12)
	f.MultiCell(0, lineHeight, strings.ToUpper(p.Officer.Title)+"\n\n(Đã ký số)\n\n"+p.Officer.Name, "", "C",
		false)
	// The address has a line of its own, so that it is not broken at its hyphens.
	f.SetXY(pageMargin, f.GetY()+2)
	f.SetFont(serif, "", 9)
	f.MultiCell(0, 4.5, "Quét mã QR hoặc mở địa chỉ sau để xác minh kết quả của hồ sơ "+p.Dossier.Code+":\n"+
		p.Verify.VerifyURL, "", "L", false)
	f.Ln(2)
	f.MultiCell(0, 4.5, "Văn bản trình diễn, không có giá trị pháp lý.", "", "L", false)
	return f.Error()
}
