// Package sheet prints every PDF of the portal: the statutory slips, the confirmation of a submission, and
// receipts; and it keeps what each slip said when it was issued. A PDF is made from its data whenever it is
// asked for, and the same data makes the same bytes, so that no PDF is stored.
//
// It is the only importer of github.com/jung-kurt/gofpdf, which was chosen because it is plain Go, small and
// embeds Unicode fonts; of github.com/go-fonts/liberation, whose serif has the widths of Times New Roman and
// every Vietnamese letter; and of github.com/skip2/go-qrcode. gofpdf is no longer developed; the way out is
// github.com/go-pdf/fpdf, which has the same calls, and only paper.go and table.go make them.
package sheet
