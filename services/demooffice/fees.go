package demooffice

// FeeText says how the fees stood at the submission. A fee whose amount the agency has to tell is still owed,
// although nothing was charged.
func (r revision) FeeText(payment string) string {
	text := named(paymentNames, payment)
	switch {
	case r.Fee != nil:
		return text + ": " + dong(r.Fee.Total)
	case payment == "none" && len(r.FeesUnset) > 0:
		return "Chưa thu khi nộp hồ sơ"
	}
	return text
}

// Unset says of each fee whose amount the portal did not know what the officer has to do.
func (r revision) Unset() []string {
	texts := make([]string, len(r.FeesUnset))
	for i, f := range r.FeesUnset {
		texts[i] = f.Name + ": cơ quan báo mức và cách nộp khi tiếp nhận"
	}
	return texts
}

// Claims says what the exemption that the person claims does to each fee.
func (r revision) Claims() []string {
	if r.Exemption == nil {
		return nil
	}
	texts := make([]string, len(r.Exemption.Fees))
	for i, f := range r.Exemption.Fees {
		switch {
		case f.Whole:
			texts[i] = f.Name + ": miễn"
		case f.Amount != nil && f.Full != nil:
			texts[i] = f.Name + ": còn " + dong(*f.Amount) + " thay vì " + dong(*f.Full)
		default:
			texts[i] = f.Name + ": giảm"
		}
	}
	return texts
}
