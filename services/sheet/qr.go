package sheet

import (
	"fmt"

	"github.com/skip2/go-qrcode"
)

// modules returns the modules of a QR code of a text, quiet zone included; true is black.
func modules(text string) ([][]bool, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("sheet: QR code: %w", err)
	}
	return code.Bitmap(), nil
}
