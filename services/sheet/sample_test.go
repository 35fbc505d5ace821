package sheet_test

import (
	"fmt"
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/services/dossier"
	"congdvc/services/sheet"
	"congdvc/services/workday"
)

const (
	track = "https://dichvucong.ninhbinh.example/tra-cuu?ma=H42.37.14329-260302-0001"
	hash  = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

	// Every letter of Vietnamese with every mark, small and capital.
	letters = "a à á ả ã ạ ă ằ ắ ẳ ẵ ặ â ầ ấ ẩ ẫ ậ b c d đ e è é ẻ ẽ ẹ ê ề ế ể ễ ệ g h i ì í ỉ ĩ ị k l m n " +
		"o ò ó ỏ õ ọ ô ồ ố ổ ỗ ộ ơ ờ ớ ở ỡ ợ p q r s t u ù ú ủ ũ ụ ư ừ ứ ử ữ ự v x y ỳ ý ỷ ỹ ỵ"
)

var (
	submitted = time.Date(2026, 3, 2, 14, 9, 0, 0, workday.Zone)
	received  = time.Date(2026, 3, 2, 15, 30, 0, 0, workday.Zone)
	due       = time.Date(2026, 3, 5, 17, 0, 0, 0, workday.Zone)
	deadline  = workday.Date{Year: 2026, Month: time.March, Day: 20}

	person = sheet.Party{Name: "Nguyễn Thị Hồng Ánh", Number: "037190001234", Phone: "0912 345 678",
		Email:   "hong.anh@example.vn",
		Address: "Số nhà 12, ngõ 45, đường Lê Đại Hành, phường Hoa Lư, tỉnh Ninh Bình"}
	company = sheet.Party{Organisation: true, Number: "2700123456",
		Name: "CÔNG TY TRÁCH NHIỆM HỮU HẠN MỘT THÀNH VIÊN SẢN XUẤT, THƯƠNG MẠI, DỊCH VỤ VÀ XUẤT NHẬP KHẨU " +
			"NÔNG LÂM THỦY SẢN THÀNH ĐẠT PHÁT DIỆM",
		Email: "phong.hanh.chinh.tong.hop.cong.ty.thanh.dat.phat.diem." +
			"ninh.binh.viet.nam@thanhdatphatdiem.example.vn"}
	officer = sheet.Officer{Name: "Phạm Quốc Khánh", Title: "Công chức Tư pháp – Hộ tịch",
		Unit: "Trung tâm Phục vụ hành chính công phường Hoa Lư", Phone: "0229 3871 234"}
)

func slip(kind dossier.SlipKind) sheet.SlipData {
	s := sheet.SlipData{
		Kind: kind, Number: "01", Code: "H42.37.14329-260302-0001", Procedure: "Đăng ký khai sinh",
		Agency: sheet.Office{Name: "Ủy ban nhân dân phường Hoa Lư",
			Address: "Số 1, đường Lê Hồng Phong, phường Hoa Lư, tỉnh Ninh Bình", Phone: "0229 3871 000"},
		Owner: person, Person: person, IssuedAt: received, SubmittedAt: submitted, Officer: officer,
		Papers: []sheet.Paper{{Name: "Biểu mẫu điện tử đăng ký khai sinh", Files: 1},
			{Name: "Giấy chứng sinh; trường hợp không có giấy chứng sinh thì nộp văn bản của người làm " +
				"chứng xác nhận về việc sinh", Originals: 1, Files: 2},
			{Name: "Văn bản ủy quyền", Copies: 1, Files: 1}},
	}
	switch kind {
	case dossier.SlipReceived:
		s.Ground = "Nộp theo ủy quyền: Người được ủy quyền (cho Trần Gia Bảo)"
		s.ReceivedAt, s.DueAt, s.TermText = &received, &due, "03 ngày làm việc"
	case dossier.SlipSupplement:
		s.Deadline = &deadline
		s.Reason = "Hồ sơ còn thiếu và có nội dung chưa khớp với Cơ sở dữ liệu quốc gia về dân cư."
		s.Items = []sheet.SlipItem{{Name: "Giấy chứng sinh",
			Reason: "Ảnh chụp bị mờ, không đọc được số và ngày cấp."},
			{Name: "Quê quán của người được khai sinh",
				Reason: "Ghi đủ xã, phường và tỉnh theo quê quán của cha hoặc mẹ."}}
	case dossier.SlipRefused:
		s.Reason = "Hồ sơ không thuộc thẩm quyền giải quyết của Ủy ban nhân dân phường Hoa Lư: cả cha và " +
			"mẹ đều cư trú tại nước ngoài."
	}
	return s
}

// long is a slip with whatever makes pages ugly: sixty papers, an owner whose name fills lines, words without
// a blank.
func long() sheet.SlipData {
	s := slip(dossier.SlipReceived)
	s.Ground = "Đại diện cho tổ chức"
	s.Owner, s.Agency.Parent = company, "Ủy ban nhân dân tỉnh Ninh Bình"
	s.Procedure = strings.Repeat("Cấp giấy chứng nhận đủ điều kiện an toàn thực phẩm đối với cơ sở sản "+
		"xuất, kinh doanh nông, lâm, thủy sản; ", 3)
	s.Papers = nil
	for i := range 60 {
		name := fmt.Sprintf("Giấy tờ thứ %d: bản thuyết minh về điều kiện bảo đảm an toàn thực phẩm", i+1)
		switch i {
		case 20:
			name += strings.Repeat(" của cơ sở sản xuất, kinh doanh thực phẩm nông, lâm, thủy sản", 60)
		case 40:
			name = strings.Repeat("khongcokhoangtrang_", 14)
		}
		s.Papers = append(s.Papers, sheet.Paper{Name: name, Originals: i % 3, Copies: i % 2, Files: 1 + i%4})
	}
	return s
}

func fee(l i18n.Lang) *sheet.Fee {
	paid := submitted.Add(-time.Minute)
	name := map[i18n.Lang]string{i18n.Vi: "Lệ phí đăng ký hộ kinh doanh",
		i18n.En: "Registration of a household business"}[l]
	return &sheet.Fee{Lines: []sheet.FeeLine{{Name: name, Unit: 150000, Quantity: 1, Amount: 150000,
		Basis: "NQ 35/2023/NQ-HĐND"},
		{Name: "Bản sao / copies", Unit: 8000, Quantity: 3, Amount: 24000}}, Total: 174000, PaidAt: &paid,
		Receipt: "BL-2026-000123"}
}

// open are lines about fees that a submission left open, as the portal writes them.
func open(l i18n.Lang) []string {
	name := map[i18n.Lang][2]string{i18n.Vi: {"Lệ phí đăng ký khai sinh", "Người thuộc hộ nghèo"},
		i18n.En: {"Charge for the registration of a birth", "Member of a poor household"}}[l]
	return []string{i18n.T(l, "dossierpage.fee_unset", "Name", name[0], "Who",
		i18n.T(l, "procedure.set_by.provincial_council")),
		i18n.T(l, "dossierpage.fee_exempt", "Name", name[1])}
}

func confirmation(l i18n.Lang) sheet.ConfirmationData {
	return sheet.ConfirmationData{
		Lang: l, Code: "H42.37.14329-260302-0001", Procedure: "Đăng ký thành lập hộ kinh doanh",
		Agency: "Ủy ban nhân dân phường Hoa Lư", Owner: company, Person: person,
		Ground: i18n.T(l, "sheet.ground.representative"), SubmittedAt: submitted, RevisionSHA256: hash,
		TrackURL: track, Fee: fee(l), FeeOpen: open(l),
		Files: []sheet.ConfirmationFile{{Requirement: "Giấy chứng sinh",
			Name: "giay-chung-sinh_ban_chup_" + strings.Repeat("rat_dai_", 9) + ".pdf", Size: 1234567,
			SHA256: hash},
			{Requirement: "Văn bản ủy quyền", Name: "Ủy quyền.pdf", Size: 34567, SHA256: hash}},
		Next: []string{"Cơ quan kiểm tra hồ sơ trong 08 giờ làm việc.",
			"Nếu được tiếp nhận trước 15 giờ 00, kết quả được trả trong ngày; sau giờ đó, kết quả được trả " +
				"vào ngày làm việc tiếp theo."},
		Answers: []sheet.ConfirmationAnswer{{Step: "Người được khai sinh", Label: "Họ, chữ đệm, tên",
			Text: "Trần Gia Bảo"},
			{Step: "Người được khai sinh", Label: "Ngày, tháng, năm sinh", Text: "20/02/2026"},
			{Step: "Cha, mẹ", Label: "Nơi cư trú", Text: ""}, {Step: "Cha, mẹ", Label: "Tất cả các chữ cái",
				Text: letters + "\n" + strings.ToUpper(letters)}},
	}
}

func receipt(l i18n.Lang) sheet.ReceiptData {
	f := fee(l)
	return sheet.ReceiptData{Lang: l, Number: "BL-2026-000123", Agency: "Ủy ban nhân dân phường Hoa Lư",
		AgencyCode: "H42.37.14329", Payer: "Nguyễn Thị Hồng Ánh", Code: "H42.37.14329-260302-0001",
		Procedure: "Đăng ký thành lập hộ kinh doanh", Lines: f.Lines, Total: f.Total, PaidAt: *f.PaidAt,
		IssuedAt: submitted, Channel: "Thẻ ngân hàng", VerifyText: "Kiểm tra biên lai tại: " + track}
}

// samples are one of each sheet, by the name of its golden.
func samples() map[string]func() ([]byte, error) {
	of := func(s sheet.SlipData) func() ([]byte, error) {
		return func() ([]byte, error) { return s.PDF(track) }
	}
	free, unset := confirmation(i18n.Vi), confirmation(i18n.Vi)
	free.Fee, free.FeeOpen, unset.Fee = nil, nil, nil
	charged := slip(dossier.SlipReceived)
	charged.Procedure, charged.Ground, charged.Papers = "Cấp Giấy xác nhận tình trạng hôn nhân",
		"Nộp cho bản thân", charged.Papers[:1]
	charged.FeesUnset, charged.Exemption = []string{"Lệ phí cấp Giấy xác nhận tình trạng hôn nhân"},
		"Người thuộc hộ nghèo"
	voided := receipt(i18n.Vi)
	voided.Voided = true
	return map[string]func() ([]byte, error){
		"slip_01": of(slip(dossier.SlipReceived)), "slip_02": of(slip(dossier.SlipSupplement)),
		"slip_03": of(slip(dossier.SlipRefused)), "slip_long": of(long()), "slip_charged": of(charged),
		"confirmation_vi": func() ([]byte, error) {
			return sheet.Confirmation(confirmation(i18n.Vi))
		},
		"confirmation_en":    func() ([]byte, error) { return sheet.Confirmation(confirmation(i18n.En)) },
		"confirmation_free":  func() ([]byte, error) { return sheet.Confirmation(free) },
		"confirmation_unset": func() ([]byte, error) { return sheet.Confirmation(unset) },
		"receipt_vi":         func() ([]byte, error) { return sheet.Receipt(voided) },
		"receipt_en":         func() ([]byte, error) { return sheet.Receipt(receipt(i18n.En)) },
	}
}
