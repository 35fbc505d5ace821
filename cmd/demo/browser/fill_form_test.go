package browser

import (
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

// answers are what somebody fills in, by the name of the input; for radio buttons and lists the value.
type answers map[string]string

// box is one input of a page.
type box struct {
	Name, Kind, Value string
	Entry             string // of a dictionary to search: the value of the entry that the input names
	Controls          bool   // with JavaScript the portal is asked anew when it changes
}

// boxes are the inputs that the form of a step shows, in their order.
func (v *visitor) boxes() []box {
	v.t.Helper()
	var all []box
	v.eval(
		`[...document.querySelectorAll("main form [name]")].filter(e => e.type !== "hidden" && !e.matches(":disabled") && e.tagName !== "BUTTON" && (e.type !== "radio" || e.checked || !e.form.querySelector("[name='" + e.name + "']:checked")))
		.filter((e, i, all) => all.findIndex(o => o.name === e.name) === i)
		.map(e => ({Name: e.name, Kind: e.type, Value: e.type === "radio" && !e.checked ? "" : e.value, Controls: "controls" in e.dataset,
			Entry: [...document.getElementById(e.dataset.search || "")?.options ?? []].find(o => [o.value, o.dataset.v].includes(e.value))?.dataset.v || ""}))`, &all)
	return all
}

func byName(name string) string {
	return `document.querySelector(` + quote(`main [name="`+name+`"]`) + `)`
}

// set gives one input its value as a person does.
func (v *visitor) set(b box, value string) {
	v.t.Helper()
	// What is known already is folded away until somebody wants to change it.
	v.eval(`(() => { const known = `+byName(b.Name)+`.closest("details"); if (known) known.open = true })()`,
		nil)
	do := func() {
		switch {
		case b.Kind == "radio":
			v.tap(b.Name+" "+value,
				`document.querySelector(`+quote(`main input[name="`+b.Name+`"][value="`+value+`"]`)+`)`)
		case strings.HasPrefix(b.Kind, "select"):
			// The list itself is drawn by the system and cannot be pressed from here.
			v.eval(`(() => { const e = `+byName(b.Name)+`; e.focus(); e.value = `+quote(value)+`;
				if (e.value !== `+quote(value)+`) throw new Error("no such choice");
				e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})) })()`, nil)
		default:
			v.tap(b.Name, byName(b.Name))
			v.eval(byName(b.Name)+`.select()`, nil)
			switch {
			case value == "":
				v.key("\b")
			case v.keys:
				v.key(value)
			default:
				v.insert(value)
			}
		}
	}
	if b.Controls && v.script {
		v.askAnew(do)
		return
	}
	do()
}

// askAnew does what has the page fetch its questions anew, and waits for them.
func (v *visitor) askAnew(do func()) {
	v.t.Helper()
	v.eval(`document.querySelector("main [name=__op]").dataset.old = "yes"`, nil)
	do()
	v.until("the questions are asked anew", `document.querySelector("main [name=__op]:not([data-old])")`)
}

// fill gives every input of the step that has an answer its value. With JavaScript an answer may bring
// further questions at once, so that the inputs are looked at again after each.
func (v *visitor) fill(want answers) {
	v.t.Helper()
	tries := map[string]int{}
	for again := true; again; {
		again = false
		for _, b := range v.boxes() {
			value, ok := want[b.Name]
			if !ok || value == b.Value || b.Entry != "" && value == b.Entry {
				continue
			}
			if tries[b.Name]++; tries[b.Name] > 3 {
				v.fatal("%s does not take %q", b.Name, value)
			}
			v.set(b, value)
			if again = v.script; again {
				break
			}
		}
	}
}

// fillStep fills a step and goes on until the next page comes. Without JavaScript, further questions come
// with the answer.
func (v *visitor) fillStep(want answers, goOn string) {
	v.t.Helper()
	at := v.path()
	for range 4 {
		v.fill(want)
		v.press(goOn)
		if v.path() != at {
			return
		}
		if v.has(".errors") {
			v.fatal("the step is not accepted")
		}
	}
	v.fatal("the step does not end")
}

// fillForm goes through all steps of a form, to the page of the documents.
func (v *visitor) fillForm(want answers, goOn string) {
	v.t.Helper()
	for strings.Contains(v.path(), "/buoc/") {
		v.fillStep(want, goOn)
	}
}

func (v *visitor) has(selector string) bool {
	v.t.Helper()
	var is bool
	v.eval(`document.querySelector(`+quote(selector)+`) !== null`, &is)
	return is
}

// value is what an input holds.
func (v *visitor) value(name string) string {
	v.t.Helper()
	for _, b := range v.boxes() {
		if b.Name == name {
			return b.Value
		}
	}
	v.fatal("there is no input %s", name)
	return ""
}

// attach gives a file for a requirement, and waits until the page lists it.
func (v *visitor) attach(requirement, file, send string) {
	v.t.Helper()
	choose := func() {
		v.run(chromedp.SetUploadFiles(`#`+requirement+`-file`, []string{file}, chromedp.ByQuery))
	}
	if v.script {
		v.land(choose) // it is sent at once
	} else {
		choose()
		v.press(send)
	}
	v.see(filepath.Base(file))
}

// login passes the identity provider as one of its people. The visitor is on the portal's login page.
func (v *visitor) login(person, button string) {
	v.t.Helper()
	v.press(button)
	v.pressAt(`button[value="` + person + `"]`)
}
