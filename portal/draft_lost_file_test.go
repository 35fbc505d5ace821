package portal_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"congdvc/portal/address"
	"congdvc/services/desk/desktest"
)

// withFile is a draft that is complete, and where its one file lies.
func withFile(t *testing.T, s *site, b *browser) (id, place string) {
	t.Helper()
	files := b.ready("1")
	id = draftOf(files)
	b.upload(address.DraftRequirement("vi", id, "tai_lieu_lien_quan"), files.token(t), "giấy khai sinh.png",
		desktest.Photo(t))
	var file string
	const sql = `select file_id from attachment where draft_id = $1`
	must(t, s.Pool.QueryRow(t.Context(), sql, id).Scan(&file))
	return id, filepath.Join(s.Folder, file[len(file)-2:], file)
}

// TestALostFileIsAskedForAgain: the page says which file it is and where to give it again; nothing else is
// lost.
func TestALostFileIsAskedForAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id, place := withFile(t, s, b)
	must(t, os.Remove(place))
	review := b.get(address.DraftReview("vi", id))
	refused := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	told := "tệp “giấy khai sinh.png” đã bị mất do lỗi của Cổng"
	if refused.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(refused.body, told) ||
		!strings.Contains(refused.body,
			address.DraftFiles("vi", id)+"?xem=loi#requirement.tai_lieu_lien_quan") {
		t.Errorf("%d %s", refused.StatusCode, refused.body)
	}
	checkPage(t, s, refused)
	files := b.shows(address.DraftFiles("vi", id)+"?xem=loi", told, "Gỡ")
	checkPage(t, s, files)
	b.shows(address.DraftFiles("en", id)+"?xem=loi", "was lost through a fault of the portal", "Remove")
	b.upload(address.DraftRequirement("vi", id, "tai_lieu_lien_quan"), files.token(t), "giấy khai sinh.png",
		desktest.Photo(t))
	review = b.shows(address.DraftReview("vi", id), "UBND xã Ninh Nhất", "giấy khai sinh.png")
	done := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	if done.StatusCode != http.StatusOK || !strings.HasSuffix(done.path, "/da-nop") {
		t.Errorf("%d at %s: %s", done.StatusCode, done.path, done.body)
	}
}

// TestAStoreThatIsAway: what needs files says that they cannot be reached now, and when to try again. Nobody
// is told that a file is lost or was not found.
func TestAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id, _ := withFile(t, s, b)
	files := b.get(address.DraftFiles("vi", id))
	review := b.get(address.DraftReview("vi", id))
	file := regexp.MustCompile(`/ho-so/nhap/[^/]+/tep/[0-9a-f-]+`).FindString(files.body)
	must(t, os.Rename(s.Folder, s.Folder+"-away"))
	must(t, os.Mkdir(s.Folder, 0o700))
	for what, p := range map[string]page{
		"submit": b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}}),
		"upload": b.upload(address.DraftRequirement("vi", id, "tai_lieu_lien_quan"), files.token(t), "b.png",
			append(desktest.Photo(t), 1)),
		"download": b.get(file),
	} {
		if p.StatusCode != http.StatusServiceUnavailable || p.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d, again after %q", what, p.StatusCode, p.Header.Get("Retry-After"))
		}
	}
	if left, err := os.ReadDir(s.Folder); err != nil || len(left) > 0 {
		t.Errorf("the mount point has %v, %v", left, err)
	}
	must(t, os.Remove(s.Folder))
	must(t, os.Rename(s.Folder+"-away", s.Folder))
	done := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	if !strings.HasSuffix(done.path, "/da-nop") {
		t.Errorf("back again: %d at %s", done.StatusCode, done.path)
	}
}
