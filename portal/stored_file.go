package portal

import (
	"congdvc/portal/transfer"
	"congdvc/services/attachment"
	"congdvc/services/desk"

	"github.com/gofiber/fiber/v2"
)

// sendFile sends a stored file to be looked at or saved.
func sendFile(v *visit, f *desk.File) error {
	// Browsers show no PDF under a policy that lets nothing run.
	answer, err := transfer.Prepare(v.Ctx, storedFile(f, f.MediaType != attachment.PDF))
	if err != nil {
		return err
	}
	return sendPrivately(v, answer)
}

func storedFile(f *desk.File, shown bool) transfer.File {
	return transfer.File{Name: f.Name, Shown: shown, MediaType: f.MediaType, Size: f.Size, SHA256: f.SHA256,
		Modified: f.At, Content: f.Reader}
}

// sendPrivately sends a file of somebody. Nothing in it may run, and no cache may keep it.
func sendPrivately(v *visit, answer *transfer.Answer) error {
	v.Set(fiber.HeaderCacheControl, "private, no-store")
	v.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	return answer.Send()
}
