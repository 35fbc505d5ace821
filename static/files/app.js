// Small comforts. Every page works without this file.
(() => {
  "use strict";

  // After an error the summary gets the focus, so that a screen reader reads it first.
  const errors = document.querySelector(".errors");
  if (errors) errors.focus();

  // A second tap on the same button while the first is on its way sends nothing.
  // A page that comes back from the browser's memory is ready again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    const button = event.submitter;
    if (button && button.dataset.busy) {
      button.setAttribute("aria-disabled", "true");
      button.dataset.text = button.textContent;
      button.textContent = button.dataset.busy;
    }
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const b of document.querySelectorAll("button[data-text]")) {
      b.textContent = b.dataset.text;
      b.removeAttribute("aria-disabled");
    }
  });

  // What is ticked is saved at once, in order; it goes with its form as well.
  let ticked = Promise.resolve();
  for (const box of document.querySelectorAll("input[data-save]")) box.addEventListener("change", () => {
    ticked = ticked.then(() => fetch(box.dataset.save,
      { method: "POST", body: new URLSearchParams(new FormData(box.form)), redirect: "manual" }))
      .catch(() => {});
  });

  // A chosen file is sent at once; without this script there is a button for it.
  for (const input of document.querySelectorAll("input[type=file][data-send]")) {
    const button = input.form.querySelector("button");
    button.hidden = true;
    input.addEventListener("change", () => {
      if (!input.files.length) return;
      button.hidden = false;
      input.form.requestSubmit(button);
    });
  }

  // Questions come and go with the answers, by the conditions of the form's definition: the same rules as on
  // the server, which has the last word. What is hidden is disabled, and so not sent.
  const tidy = (s, line = " ") => s.replace(/\r\n|[\r\n\u2028\u2029\u0085]/g, line)
    .replace(/[\t\p{Zs}]/gu, " ").replace(/(?!\n)[\p{Cc}\p{Cf}\p{DI}\p{Co}\ufffd]/gu, "")
    .normalize("NFC").trim();
  // Numbers, dates and names from any keyboard; "10²" stays, since it is not 102.
  const digit = (c) => (/\p{Nd}/u.test(String.fromCodePoint(c - 1)) ? 1 + digit(c - 1) : 0);
  const plain = (s) => tidy(s).replace(/[´‘’‛ʼ′]/g, "'").replace(/\P{No}+/gu, (x) => x.normalize("NFKC"))
    .replace(/[\p{Pd}−]/gu, "-").replace(/٫/g, ".").replace(/\p{Nd}/gu, (d) => digit(d.codePointAt()));
  const exact = /^-?(0|[1-9]\d{0,14})(\.\d?[1-9])?$/;
  const hundredths = (s) => {
    const [whole, rest = ""] = s.split(".");
    return BigInt(whole.replace("-", "") + (rest + "00").slice(0, 2)) * (s[0] === "-" ? -1n : 1n);
  };
  const isNumber = (s) => exact.test(s) && s !== "-0";
  const figure = (typed) => {
    const text = tidy(typed), s = plain(text).replace(/[ ']/g, "");
    const m = /^(-?)(?:(\d+)|(\d{1,3}(?:([.,])\d{3})(?:\4\d{3})*))(?:([.,])(\d{1,2}))?$/.exec(s);
    if (!m || m[4] && m[4] === m[5]) return text;
    const whole = (m[2] || m[3].replace(/[.,]/g, "")).replace(/^0+(?=\d)/, ""),
      rest = (m[6] || "").replace(/0+$/, "");
    const n = whole + (rest && "." + rest), signed = n === "0" ? n : m[1] + n;
    return isNumber(signed) ? signed : text;
  };
  const dated = (parts, partial) => {
    const boxes = parts.map((s) => tidy([...tidy(s.replaceAll("/", " "))].slice(0, 20).join(""))),
      typed = boxes.join("/"), [day, month, year] = boxes.map(plain);
    if (typed === "//") return "";
    if (!/^\d{4}$/.test(year) || year < "1800" || year > "2200" || day && !month || !partial && !day)
      return typed;
    if ([day, month].some((s) => s && !/^\d{1,2}$/.test(s))) return typed;
    const text = [year, month && month.padStart(2, "0"), day && day.padStart(2, "0")]
      .filter(Boolean).join("-");
    const real = new Date(Date.UTC(year, (month || 1) - 1, day || 1)).toISOString().startsWith(text);
    return real ? text : typed;
  };
  // Of a dictionary to search: its entries, all that people call them, and the one an input is sure to mean.
  const fold = (s) => plain(s).toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "")
    .replace(/[đð]/g, "d").replace(/[^\p{L}\p{Nd}]+/gu, " ").trim(), lists = new Map();
  // in one piece, without the words that are copied with a name or a code
  const loose = (s) => fold(s).replace(/^((ma|so|nganh|vsic|dan toc|quoc tich|nguoi) )+/, "")
    .replaceAll(" ", "");
  const dictionary = window.dictionary = {
    fold,
    entries: (id) => {
      if (!lists.has(id)) lists.set(id, [...document.getElementById(id)?.options ?? []].map((o) => {
        const value = o.dataset.v,
          names = [o.value, o.dataset.o || ""]
            .flatMap((name) => [name, name.replace(" (" + value + ")", "")]);
        return { value, name: o.value, names,
          loose: [value, ...names.flatMap((name) => [name, value + " " + name])].map(loose) };
      }));
      return lists.get(id);
    },
    entry: (input) => {
      const text = tidy(input.value), it = loose(text);
      for (const is of [(e) => e.value === text, (e) => e.names.includes(text),
          (e) => it && e.loose.includes(it)]) {
        const found = text ? dictionary.entries(input.dataset.search).filter(is) : [];
        if (found.length === 1) return found[0];
      }
    },
  };
  const read = (form, id, editor) => {
    const boxes = (pattern) =>
      [...form.elements].filter((e) => e.name && pattern(e.name) && !e.matches(":disabled"));
    const all = (name = id) => boxes((n) => n === name), one = (name) => all(name)[0]?.value ?? "";
    const any = (tail) =>
      (boxes((n) => n.startsWith(id + ".") && tail.test(n.slice(id.length + 1)))
        .some((e) => tidy(e.value.replaceAll("/", " "))) ? [{ "": "1" }] : "");
    const editors = {
      line: () => tidy(one()),
      lines: () => tidy(one(), "\n"),
      figure: () => figure(one()),
      date: (partial) => dated(["ngay", "thang", "nam"].map((part) => one(id + "." + part)), partial),
      period: () => editors.date(true),
      chosen: (e = all().find((e) => e.type !== "radio" || e.checked)) =>
        (!e ? "" : e.dataset.search ? dictionary.entry(e)?.value ?? tidy(e.value) : e.value),
      ticked: () => all().filter((e) => e.checked).map((e) => e.value),
      address: () => any(/^(tinh|xa|chi_tiet|huyen_cu)$/),
      table: () => any(/^\d+\./),
    };
    return editors[editor]();
  };
  const empty = (v) => v == null || v === "" || Array.isArray(v)
    && v.every((x) => typeof x === "object" && Object.values(x).every((cell) => !cell));
  const holds = (c, of) => {
    if (c.all) return c.all.every((x) => holds(x, of));
    if (c.any) return c.any.some((x) => holds(x, of));
    if (c.not) return !holds(c.not, of);
    const v = of(c.field) ?? "",
      has = (text) => (Array.isArray(v) ? v.includes(text) : v !== "" && v === text);
    switch (c.op) {
      case "empty": return empty(v);
      case "filled": return !empty(v);
      case "eq": return has(c.value);
      case "ne": return !has(c.value);
      case "in": return c.values.some(has);
    }
    if (typeof v !== "string" || v === "") return false;
    const [x, y] = isNumber(v) && isNumber(c.value) ? [hundredths(v), hundredths(c.value)] : [v, c.value];
    return c.op === "lt" ? x < y : c.op === "le" ? x <= y : c.op === "gt" ? x > y : x >= y;
  };
  const decide = (form) => {
    const page = form.querySelector("[data-watched]");
    if (!page) return;
    const watched = JSON.parse(page.dataset.watched), given = JSON.parse(page.dataset.given), more = [];
    let fewer = false;
    const of = (id) => (watched[id] ? read(form, id, watched[id]) : given[id]);
    for (const part of form.querySelectorAll("[data-when]")) {
      const shown = holds(JSON.parse(part.dataset.when), of);
      if (shown !== part.hidden) continue;
      part.hidden = part.disabled = !shown;
      if (!shown) fewer = true;
      else if (!part.querySelector("[data-when]")) more.push(part);
    }
    const told = form.querySelector("[data-more]"), labels = more.filter((part) => !part.matches(":disabled"))
      .flatMap((part) => [part.querySelector("legend, label, p")?.textContent.trim() ?? []]);
    if (told && labels.length) told.textContent = told.dataset.more + " " + labels.join("; ");
    else if (told && fewer) told.textContent = told.dataset.fewer;
  };
  for (const form of document.forms) decide(form);
  addEventListener("pageshow", () => { for (const form of document.forms) decide(form); });
  for (const kind of ["input", "change"]) document.addEventListener(kind, (event) => {
    if (event.target.form) decide(event.target.form);
  });

  // An answer by which only the portal can tell what else to ask saves the page and fetches its questions
  // anew, in place. What is typed meanwhile stays; if anything fails the whole page is sent.
  const typed = (form) => new Map([...form.elements]
    .filter((e) => e.name && e.type !== "hidden" && e.type !== "submit")
    .map((e) => [e.name + "=" + (e.type === "radio" || e.type === "checkbox" ? e.value : ""),
      e.type === "radio" || e.type === "checkbox" ? e.checked : e.value]));
  let asking = false, askAgain = false, sendAfter = null;
  const ask = async (form) => {
    if (asking) { askAgain = true; return; }
    asking = true;
    const button = form.querySelector("[data-refresh]");
    const sent = typed(form);
    try {
      const answer = await fetch(form.action,
        { method: "POST", body: new URLSearchParams(new FormData(form, button)) });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html")
        .querySelector("form [data-refresh]")?.form;
      if (answer.status !== 200 || answer.redirected || !fresh) throw new Error();
      for (const [key, value] of typed(form)) {
        if (sent.get(key) === value) continue;
        for (const e of fresh.elements) {
          const choice = e.type === "radio" || e.type === "checkbox";
          if (e.name + "=" + (choice ? e.value : "") !== key) continue;
          if (choice) e.checked = value; else e.value = value;
        }
      }
      const focus = document.activeElement;
      const again = focus && form.contains(focus)
        && { id: focus.id, name: focus.name, value: focus.value, from: focus.selectionStart };
      form.replaceChildren(...fresh.childNodes);
      decide(form);
      if (again) {
        const e = again.id ? document.getElementById(again.id)
          : [...form.elements].find((x) => x.name === again.name && x.value === again.value);
        if (e) {
          e.focus();
          if (again.from != null && e.setSelectionRange && e.type === "text")
            e.setSelectionRange(again.from, again.from);
        }
      }
      asking = false;
      if (askAgain) { askAgain = false; ask(form); return; }
      if (sendAfter)
        form.requestSubmit([...form.elements].find((b) =>
          b.type === "submit" && b.name === sendAfter.name && b.value === sendAfter.value));
    } catch {
      asking = false;
      form.requestSubmit(sendAfter ? undefined : button);
    }
  };
  // What is sent while the page is being asked would be based on what it showed before: it waits.
  addEventListener("submit", (event) => {
    if (!asking || !event.target.querySelector("[data-refresh]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    sendAfter = event.submitter || { name: "", value: "" };
  }, true);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-controls]")) ask(event.target.form);
  });

  // What is computed is made by the portal. Until it is made anew nothing is said, rather than what was.
  document.addEventListener("input", ({ target: { form, name = "" } }) => {
    for (const made of form?.querySelectorAll("[data-from]") ?? []) {
      if (made.dataset.from.split(" ").some((id) => name === id || name.startsWith(id + ".")))
        made.textContent = "–";
    }
  });

  // Whoever chooses another province is offered its communes; without them the name can still be typed.
  document.addEventListener("change", async ({ target: province }) => {
    if (!province.matches("select[data-communes]")) return;
    const form = province.form, id = "xa-" + province.value,
      commune = () => form.elements[province.name.replace(/tinh$/, "xa")];
    commune().setAttribute("list", id);
    if (!province.value || document.getElementById(id)) return;
    try {
      const answer = await fetch(province.dataset.communes + "?tinh=" + province.value);
      const list = document.createElement("datalist");
      list.id = id;
      list.append(...(await answer.json()).map((name) => new Option("", name)));
      if (!document.getElementById(id)) form.append(list);
      commune().setAttribute("list", id); // anew, since the page may have been fetched meanwhile
    } catch { /* the name is typed */ }
  });

  // What is chosen on a procedure's page is computed in place. The button does it too, and goes
  // to the outcome; when the portal does not answer, the page is asked for as without this script.
  const compute = document.querySelector("form[data-compute]");
  if (compute) {
    let newest = 0, released = Promise.resolve();
    // A finger that is down has not chosen yet: what is replaced under it takes its choice away.
    addEventListener("pointerdown", () => {
      released = new Promise((done) => {
        for (const end of ["pointerup", "pointercancel"])
          addEventListener(end, () => setTimeout(done, 100), { once: true });
      });
    });
    const asked = () => {
      const url = new URL(compute.action);
      for (const [name, value] of new FormData(compute)) if (value) url.searchParams.append(name, value);
      return url;
    };
    const recompute = async (go) => {
      const mine = ++newest, url = asked();
      try {
        const answer = await fetch(url.pathname + url.search);
        if (!answer.ok) throw new Error();
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        await released;
        // Whoever has typed on meanwhile is answered when they are done.
        if (mine !== newest || asked().search !== url.search) return;
        const focus = document.activeElement,
          open = new Map([...document.querySelectorAll("details[id]")].map((d) => [d.id, d.open]));
        for (const part of document.querySelectorAll("[data-live]")) {
          const next = fresh.getElementById(part.id);
          for (const d of next.querySelectorAll("details[id]")) if (open.has(d.id)) d.open = open.get(d.id);
          part.replaceChildren(...next.childNodes);
        }
        // Another language, or a login, shall come back to what is chosen.
        const links = fresh.querySelectorAll(".mast nav a");
        document.querySelectorAll(".mast nav a").forEach((a, i) => {
          if (links[i]) a.href = links[i].getAttribute("href");
        });
        history.replaceState(null, "", url.pathname + url.search);
        const same = go ? document.querySelector(".bad .in") || document.querySelector(url.hash)
          : [...compute.elements].find((e) =>
            e.name && e.name === focus.name && (e.type !== "radio" || e.value === focus.value));
        if (same && (go || !document.contains(focus))) same.focus();
        document.getElementById("doc-lai").textContent = document.querySelector("[data-said]").dataset.said;
      } catch {
        if (go) location.assign(url);
      }
    };
    compute.addEventListener("change", () => recompute(false));
    compute.addEventListener("submit", (event) => { event.preventDefault(); recompute(true); });
  }

  // While a payment or a paper is on its way the page looks again by itself.
  const again = document.querySelector("[data-again]");
  if (again) setTimeout(() => location.replace(location.href), Number(again.dataset.again) * 1000);
})();
