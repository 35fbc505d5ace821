package dossier

import "slices"

// SlipKind is the number of a slip, a statutory form (Circular 03/2025/TT-VPCP, Appendix I). How each is
// printed is package sheet's.
type SlipKind string

// The slips that a one-stop desk issues.
const (
	SlipReceived   SlipKind = "01" // Giấy tiếp nhận hồ sơ và hẹn trả kết quả
	SlipSupplement SlipKind = "02" // Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ
	SlipRefused    SlipKind = "03" // Phiếu từ chối tiếp nhận giải quyết hồ sơ
)

// A slipKindRow is all that belongs to a slip, except how it is printed.
type slipKindRow struct {
	slip SlipKind
	file string // how the name of its file begins, without marks
}

// slipKinds is the table of the slips.
var slipKinds = []slipKindRow{
	{SlipReceived, "giay-tiep-nhan"},
	{SlipSupplement, "phieu-bo-sung"},
	{SlipRefused, "phieu-tu-choi"},
}

// SlipKinds lists every slip.
var SlipKinds = columnOf(slipKinds, func(row slipKindRow) SlipKind { return row.slip })

// FileName is how the name of the slip's file begins; "" for an unknown slip.
func (s SlipKind) FileName() string {
	i := slices.Index(SlipKinds, s)
	if i < 0 {
		return ""
	}
	return slipKinds[i].file
}

// Key is the message key of the slip's name on the page of its dossier.
func (s SlipKind) Key() string { return "dossierpage.slip." + string(s) }
