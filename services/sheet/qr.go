package sheet

import (
	"fmt"

	"github.com/skip2/go-qrcode"
)

// QR draws a text as a QR code: a PNG of one grey channel with the quiet zone, 4 pixels for a module. Error:
// a text of more than about 2 300 bytes.
func QR(text string) (png []byte, err error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("sheet: QR code: %w", err)
	}
	if png, err = code.PNG(-4); err != nil {
		return nil, fmt.Errorf("sheet: QR code: %w", err)
	}
	return png, nil
}

// modules returns the modules of a QR code of a text, quiet zone included; true is black.
func modules(text string) ([][]bool, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("sheet: QR code: %w", err)
	}
	return code.Bitmap(), nil
}
