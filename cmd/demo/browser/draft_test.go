package browser

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestKept makes sure that nothing that was typed is lost.
func TestKept(t *testing.T) {
	t.Parallel()
	lan := newVisitor(t)
	lan.begin("lan", "2.000635")
	step := lan.path()
	wrong := copies("1")
	wrong["nyc.dien_thoai"] = "09 sai"
	lan.fill(wrong)
	lan.press("Tiếp tục")
	lan.open(step)
	if is := lan.value("nyc.dien_thoai"); is != "09 sai" {
		t.Errorf("after a mistake and a reload the input holds %q", is)
	}
	right := copies("1")
	right["nyc.dien_thoai"] = "0912345678"
	lan.fillStep(right, "Tiếp tục")

	second := lan.path()
	lan.fill(right)
	lan.expire()
	lan.press("Tiếp tục")
	lan.see("Những gì bạn vừa điền đã được lưu")
	lan.login("lan", "Đăng nhập bằng tài khoản định danh")
	if lan.path() != second || lan.value("sk.loai") != "khai_sinh" {
		lan.fatal("after the login she is at %s, not at %s with what she typed", lan.path(), second)
	}
	lan.fillForm(right, "Tiếp tục")
	lan.twoTabs(step)
	lan.submitTwice(strings.Split(step, "/buoc/")[0])
}

// expire has the session rest for an hour, as the portal sees it.
func (v *visitor) expire() {
	v.t.Helper()
	var session string
	for _, c := range v.cookies(v.sys.portal) {
		if c.Name == "phien" {
			session = c.Value
		}
	}
	sum := sha256.Sum256([]byte(session))
	key := "session:" + hex.EncodeToString(sum[:])
	rdb := redis.NewClient(&redis.Options{Addr: v.sys.redis, Password: v.sys.redisPassword})
	defer rdb.Close()
	if n, err := rdb.Exists(v.ctx, key).Result(); err != nil || n != 1 {
		v.t.Fatalf("the session is not in Redis: %v", err)
	}
	if err := rdb.HSet(v.ctx, key, "seen", strconv.FormatInt(time.Now().Add(-time.Hour).UnixMilli(), 10)).
		Err(); err != nil {
		v.t.Fatal(err)
	}
}

// twoTabs changes one field in two tabs: the later one sees both values and chooses.
func (v *visitor) twoTabs(step string) {
	v.t.Helper()
	other := v.secondTab()
	v.open(step)
	other.open(step)
	v.fillStep(answers{"nyc.email": "mot@example.vn"}, "Tiếp tục")
	other.fill(answers{"nyc.email": "hai@example.vn", "nyc.dien_thoai": "0987654321"})
	other.press("Tiếp tục")
	if other.path() != step {
		other.fatal("a stale value was taken")
	}
	other.see("mot@example.vn", "hai@example.vn")
	v.open(step)
	if mail, phone := v.value("nyc.email"), v.value("nyc.dien_thoai"); mail != "mot@example.vn" ||
		phone != "0987654321" {
		v.t.Errorf("while she chooses, the draft holds %q and %q", mail, phone)
	}
	other.fillStep(answers{"__keep.nyc.email": "mine"}, "Tiếp tục")
	v.open(step)
	if is := v.value("nyc.email"); is != "hai@example.vn" {
		v.t.Errorf("she chose hai@example.vn; the draft holds %q", is)
	}
}

// submitTwice submits in two tabs, and then goes back.
func (v *visitor) submitTwice(draft string) {
	v.t.Helper()
	other := v.secondTab()
	v.open(draft + "/kiem-tra")
	other.open(draft + "/kiem-tra")
	v.press("Nộp hồ sơ")
	code := v.confirmed()
	other.press("Nộp hồ sơ")
	if again := other.confirmed(); again != code {
		v.t.Errorf("two tabs made two dossiers, %s and %s", code, again)
	}
	// The browser may show the page as it was. What it offers then makes no second dossier.
	v.back()
	if v.has(`form[action$="/nop"]`) {
		v.press("Nộp hồ sơ")
	}
	v.see(code)
}

// TestRefusedLogin tells somebody whose account is not proven enough.
func TestRefusedLogin(t *testing.T) {
	t.Parallel()
	tung := newVisitor(t)
	tung.open("/ho-so")
	tung.login("tung", "Đăng nhập bằng tài khoản định danh")
	if !tung.has(".errors") {
		tung.fatal("an account of level 1 was not refused")
	}
}
