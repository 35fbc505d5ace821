package browser

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// TestKilledBrowser types offline, has the whole browser killed, and finds everything after the next login.
func TestKilledBrowser(t *testing.T) {
	t.Parallel()
	s := theSystem(t)
	profile := profileFolder(t)
	lan, kill := ownBrowser(t, s, profile)
	lan.begin("lan", "1.001193")
	step := lan.path()
	lan.typeInto("nyc.email", "mot@example.vn")
	lan.untilSaved("mot@example.vn")
	lan.goOffline()
	const home = "Thôn Thượng Khê"
	lan.fill(answers{"nyc.quan_he": "me"})
	lan.typeInto("nyc.cu_tru.chi_tiet", home)
	lan.untilSays("được giữ kín trên máy này")
	lan.picture("offline")
	lan.untilKept(2)
	kill()
	if where := written(t, filepath.Join(profile, "Default", "IndexedDB"), home); where != "" {
		t.Errorf("what was typed can be read in %s", where)
	}

	lan, _ = ownBrowser(t, s, profile)
	lan.open(step)
	if !strings.Contains(lan.path(), "/buoc/") {
		lan.login("lan", "Đăng nhập bằng tài khoản định danh")
	}
	lan.untilSays("đã được gửi lên và lưu")
	lan.picture("after the kill")
	if mail, place := lan.value("nyc.email"), lan.value("nyc.cu_tru.chi_tiet"); mail != "mot@example.vn" ||
		place != home {
		t.Errorf("after the kill the page holds %q and %q", mail, place)
	}
	lan.untilKept(0)
}

// TestNothingTypedIsLost edits in two tabs, lets the login end in two ways, switches the language and extends
// the session.
func TestNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	lan := newVisitor(t)
	lan.begin("lan", "1.001193")
	other := lan.secondTab()
	other.open(lan.path())
	lan.typeInto("nyc.email", "mot@example.vn")
	lan.untilSaved("mot@example.vn")
	other.typeInto("nyc.email", "hai@example.vn")
	other.typeInto("nyc.dien_thoai", "0987654321")
	other.until("both values are offered",
		`document.querySelector(".both")?.textContent.includes("mot@example.vn")`)
	other.untilSaved("0987654321")
	other.picture("two tabs")
	other.tap("mine", `document.querySelector('.both input[value="mine"]')`)
	other.untilSaved("hai@example.vn")
	other.until("the choice is made", `!document.querySelector(".both")`)
	lan.reload()
	if mail, phone := lan.value("nyc.email"), lan.value("nyc.dien_thoai"); mail != "hai@example.vn" ||
		phone != "0987654321" {
		t.Errorf("after the choice the draft holds %q and %q", mail, phone)
	}
	lan.typeInto("nyc.email", "ba@example.vn")
	lan.pressAt(`button[name="__lang"]`)
	if !strings.HasPrefix(lan.path(), "/en/") || lan.value("nyc.email") != "ba@example.vn" {
		lan.fatal("the switch of the language lost what was typed")
	}
	lan.picture("english")
	lan.pressAt(`button[name="__lang"]`)
	lan.sessionEnds()
	lan.loginEnds()
}

// sessionEnds has the page's clock go on until it says that the session ends, and extends it.
func (v *visitor) sessionEnds() {
	v.t.Helper()
	v.eval(
		`(() => { const now = Date.now; Date.now = () => now() + 26 * 60000; document.dispatchEvent(new Event("visibilitychange")) })()`, nil)
	v.until("the end of the session is announced", `document.querySelector(".stay.ending [role=alert]")`)
	v.picture("session ends")
	v.tap("the extension", `document.querySelector(".stay button")`)
	v.until("the session is extended", `!document.querySelector(".stay.ending")`)
}

// loginEnds lets the session expire, then be gone; somebody else uses the telephone meanwhile.
func (v *visitor) loginEnds() {
	v.t.Helper()
	step := v.path()
	v.expire()
	v.typeInto("nyc.email", "bon@example.vn")
	v.untilSays("Những gì bạn vừa điền đã được lưu")
	v.picture("expired")
	v.run(network.ClearBrowserCookies())
	v.typeInto("nyc.email", "nam@example.vn")
	v.untilSays("sẽ tự gửi lên sau khi bạn đăng nhập")
	v.untilKept(1)
	v.picture("logged out")

	minh := v.secondTab()
	minh.begin("minh", "2.000635")
	minh.settle()
	if strings.Contains(minh.text(), "example.vn") && strings.Contains(minh.value("nyc.email"), "nam@") {
		v.t.Error("another person reads what was kept")
	}
	minh.untilKept(1)
	minh.run(network.ClearBrowserCookies())
	v.pressAt("#saved a")
	v.login("lan", "Đăng nhập bằng tài khoản định danh")
	v.untilSays("đã được gửi lên và lưu")
	if v.path() != step || v.value("nyc.email") != "nam@example.vn" {
		v.fatal("after the login the draft holds %q", v.value("nyc.email"))
	}
	v.untilKept(0)
}

// profileFolder is what a browser keeps; whatever it still writes while it ends does not matter.
func profileFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "congdvc-profile-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { eventually(look, func() bool { return os.RemoveAll(folder) == nil }) })
	return folder
}

// ownBrowser is a person with a browser of their own, kept in a folder; kill ends it as a telephone does that
// runs out of memory.
func ownBrowser(t *testing.T, s *system, profile string) (v *visitor, kill func()) {
	t.Helper()
	path, err := findChromium()
	if err != nil {
		t.Fatal(err)
	}
	own := &system{portal: s.portal, identity: s.identity, payments: s.payments, mailbox: s.mailbox,
		office: s.office, redis: s.redis, redisPassword: s.redisPassword}
	var end func()
	own.browser, end, err = openBrowser(path, chromedp.UserDataDir(profile))
	t.Cleanup(end)
	if err != nil {
		t.Fatal(err)
	}
	return openTab(t, own, ""), func() {
		process := chromedp.FromContext(own.browser).Browser.Process()
		if err := process.Kill(); err != nil {
			t.Fatal(err)
		}
		end()
	}
}

// typeInto types into an input and stays there.
func (v *visitor) typeInto(name, text string) {
	v.t.Helper()
	v.eval(`(() => { const known = `+byName(name)+`.closest("details"); if (known) known.open = true })()`,
		nil)
	v.tap(name, byName(name))
	v.eval(byName(name)+`.select()`, nil)
	v.insert(text)
}

// untilSaved waits until the portal has taken a text, without a page being sent.
func (v *visitor) untilSaved(text string) {
	v.t.Helper()
	page := v.sys.portal + v.path()
	saved := eventually(look, func() bool {
		return bytes.Contains(v.fetch(page), []byte(`value="`+text+`"`))
	})
	if !saved {
		v.fatal("%s is not saved", text)
	}
	v.until("the page says that it is saved",
		`document.getElementById("saved").textContent.includes("lưu lúc")`)
}

func (v *visitor) untilSays(words string) {
	v.t.Helper()
	v.until("the page says "+words, `document.body.innerText.includes(`+quote(words)+`)`)
}

// untilKept waits until so many saves are kept on the device, of whomever.
func (v *visitor) untilKept(n int) {
	v.t.Helper()
	v.eval(`window.kept = -1`, nil)
	var is int
	keeps := eventually(look, func() bool {
		v.eval(
			`(() => { const open = indexedDB.open("drafts"); open.onsuccess = () => { const all = open.result.transaction("kept").objectStore("kept").count();
			all.onsuccess = () => { window.kept = all.result; open.result.close() } }; return window.kept })()`, &is)
		return is == n
	})
	if !keeps {
		v.fatal("the device keeps %d saves, not %d", is, n)
	}
}

// goOffline takes the network away from the tab.
func (v *visitor) goOffline() {
	v.t.Helper()
	const offline = true
	v.run(network.EmulateNetworkConditions(offline, 0, -1, -1))
}

func (v *visitor) goOnline() {
	v.t.Helper()
	const offline = false
	v.run(network.EmulateNetworkConditions(offline, 0, -1, -1))
}

// picture keeps a picture of the whole page where SHOTS asks for some.
func (v *visitor) picture(name string) {
	v.t.Helper()
	folder := os.Getenv("SHOTS")
	if folder == "" {
		return
	}
	var shot []byte
	v.run(chromedp.FullScreenshot(&shot, 100))
	if err := os.WriteFile(filepath.Join(folder, "draft "+name+".png"), shot, 0o600); err != nil {
		v.t.Error(err)
	}
}

// written looks for a text in the files of a folder, in either of the encodings that a browser writes.
func written(t *testing.T, folder, text string) (where string) {
	t.Helper()
	wide, files := []byte{}, 0
	for _, unit := range utf16.Encode([]rune(text)) {
		wide = binary.LittleEndian.AppendUint16(wide, unit)
	}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if files++; bytes.Contains(raw, []byte(text)) || bytes.Contains(raw, wide) {
			where = path
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files in %s: %v", files, folder, err)
	}
	return where
}
