package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// list is the list of an input that is searched, as far as it is open.
func list(name string) string {
	return `document.querySelector(` + quote(`[id="`+name+`-list"]:not([hidden])`) + `)`
}

// rowsOf waits until the list of an input is open and gives what it offers.
func (v *visitor) rowsOf(name string) (rows []string) {
	v.t.Helper()
	v.until("the list is open", list(name))
	v.eval(`[...`+list(name)+`.children].map(e => e.textContent.trim())`, &rows)
	return rows
}

// goneFrom waits until the list of an input is closed.
func (v *visitor) goneFrom(name string) {
	v.t.Helper()
	v.until("the list is closed",
		"!"+list(name)+` && `+byName(name)+`.getAttribute("aria-expanded") === "false"`)
}

// business begins a household's registration and goes to its lines of business.
func (v *visitor) business() {
	v.t.Helper()
	v.begin("minh", "1.001612")
	v.open(strings.Split(v.path(), "/buoc/")[0] + "/buoc/4")
	if !v.has(`[name="` + line + `"]`) {
		v.fatal("this is not the step of the lines of business")
	}
}

const line = "hkd.nganh_nghe.0.ma"

// TestSearchByKeyboard finds a line of business with keys alone.
func TestSearchByKeyboard(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	v.business()
	at := v.path()
	v.tabTo(line)
	v.key("x")
	v.key("a")
	v.key("y")
	rows := v.rowsOf(line)
	for _, row := range rows {
		if !strings.Contains(strings.ToLower(row), "xây") && !strings.Contains(strings.ToLower(row), "xay") {
			t.Errorf("“xay” offers %q", row)
		}
	}
	v.until("the count is said", `document.getElementById(`+quote(line+"-said")+`).textContent.startsWith("`+
		count(len(rows))+` mục")`)
	v.checkAccess("the open list")
	active := `document.getElementById(` + byName(line) +
		`.getAttribute("aria-activedescendant") || "")?.textContent.trim()`
	for _, press := range []struct{ key, at string }{{kb.ArrowDown, rows[0]}, {kb.ArrowDown, rows[1]},
		{kb.End, rows[len(rows)-1]}, {kb.Home, rows[0]}, {kb.ArrowUp, ""}, {kb.ArrowUp, rows[len(rows)-1]}} {
		v.key(press.key)
		v.until("the keys lead to "+press.at, `(`+active+` || "") === `+quote(press.at))
	}
	v.key(kb.Escape)
	v.goneFrom(line)
	if got := v.value(line); got != "xay" {
		t.Errorf("after Escape the input holds %q", got)
	}
	v.key(kb.ArrowDown)
	v.until("the list is open again", list(line))
	v.key(kb.Enter)
	v.goneFrom(line)
	if got := v.value(line); got != rows[0] || v.path() != at {
		t.Errorf("Enter chooses %q at %s, not %q", got, v.path(), rows[0])
	}
	v.untilSaved(rows[0])
}

func count(n int) string { return inJSON(n) }

// TestSearchByTouch: the list never lies over what comes next once an entry is typed, and what is none stays
// and is said not to be saved.
func TestSearchByTouch(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	v.business()
	step, draft := v.path(), strings.Split(v.path(), "/buoc/")[0]
	v.tap(line, byName(line))
	if rows := v.rowsOf(line); len(rows) != 79 {
		t.Errorf("%d lines of business", len(rows))
	}
	var least float64
	v.eval(`Math.min(...[...`+list(line)+`.children].map(e => e.getBoundingClientRect().height))`, &least)
	if least < 44 {
		t.Errorf("a line is %v px high", least)
	}
	v.checkWidth("the open list")
	v.checkAccess("the open list of all")
	v.picture("list open")
	v.insert("xay dung nha de o")
	v.goneFrom(line)
	v.tap("the next input", byName("hkd.nganh_nghe.0.mo_ta"))
	v.until("the name is written out", byName(line)+`.value.startsWith("Xây dựng nhà để ở")`)
	v.untilSaved(v.value(line))

	v.typeInto(line, "xay")
	rows := v.rowsOf(line)
	v.tap(rows[1], list(line)+".children[1]")
	v.goneFrom(line)
	if got := v.value(line); got != rows[1] {
		t.Errorf("a tap chooses %q, not %q", got, rows[1])
	}
	v.untilSaved(rows[1])

	v.typeInto(line, "nuôi rồng")
	v.goneFrom(line)
	v.typeInto("hkd.nganh_nghe.0.mo_ta", "Nuôi rồng đất")
	v.untilSays("Chưa lưu được")
	v.until("the input is wrong",
		byName(line)+
			`.getAttribute("aria-invalid") === "true" && document.getElementById("saved").classList.contains("not")`)
	if got := v.value(line); got != "nuôi rồng" {
		t.Errorf("the input holds %q", got)
	}
	v.checkAccess("what is no entry")
	v.picture("no entry")
	v.typeInto(line, "xay")
	v.press("Tiếp tục")
	if v.path() != step || !v.has(".errors") {
		v.fatal("what is no entry is not refused")
	}
	v.until("the input keeps what was typed",
		byID(line)+`.value === "xay" && !document.getElementById("saved").textContent.includes("Đã lưu")`)
	v.picture("several entries")
	v.tap("what was meant", `document.querySelector(`+quote(`input[type=radio][name="`+line+`"]`)+`)`)
	v.until("the button writes the name", byID(line)+`.value !== "xay" && `+byID(line)+`.value.length > 5`)
	var name string
	v.eval(byID(line)+`.value`, &name)
	v.untilSaved(name)
	v.open(draft + "/buoc/4")
	if got := v.value(line); got != name {
		t.Errorf("the draft holds %q, not %q", got, name)
	}
}

func byID(id string) string { return `document.getElementById(` + quote(id) + `)` }

// TestSearchWithoutScript types a name without its marks, and chooses among what may be meant by another.
func TestSearchWithoutScript(t *testing.T) {
	t.Parallel()
	v := newVisitor(t).withoutScript()
	v.business()
	v.fill(answers{line: "xay", "hkd.nganh_nghe.0.mo_ta": "Thợ xây"})
	v.press("Tiếp tục")
	if !v.has(".errors") || v.value(line) != "" {
		v.fatal("what may mean several entries is not asked about: %q", v.value(line))
	}
	var typed string
	v.eval(byID(line)+`.value`, &typed)
	if typed != "xay" {
		t.Errorf("the input holds %q", typed)
	}
	at := v.path()
	v.tap("what was meant", `document.querySelector(`+quote(`input[type=radio][name="`+line+`"]`)+`)`)
	v.press("Tiếp tục")
	if v.path() == at {
		v.fatal("the choice is refused")
	}
	v.open(at)
	v.fill(answers{line: "xay dung nha de o"})
	v.press("Tiếp tục")
	v.open(at)
	if got := v.value(line); !strings.HasPrefix(got, "Xây dựng nhà để ở") {
		t.Errorf("the line is %q", got)
	}
}
