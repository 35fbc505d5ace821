package transfer_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingElseMovesBytes: whoever touched the stream of a request or a response elsewhere would have no
// deadline for it, and a name put together elsewhere would lack its plain form.
func TestNothingElseMovesBytes(t *testing.T) {
	t.Parallel()
	looked := 0
	for _, dir := range []string{"..", "../../cmd"} {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() && entry.Name() == "transfer" {
				return fs.SkipDir
			}
			if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			looked++
			for _, call := range []string{".RequestBodyStream()", ".SendStream(", ".SetBodyStream(",
				".SetBodyStreamWriter(", ".SendFile(", ".Download(", "HeaderContentDisposition,",
				".MultipartForm()", ".FormFile("} {
				if call == ".MultipartForm()" && path == "../text.go" {
					continue // it looks at a form that lies in memory already
				}
				if strings.Contains(string(text), call) {
					t.Errorf("%s uses %s", path, call)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if looked < 50 {
		t.Errorf("looked at %d files only", looked)
	}
}
